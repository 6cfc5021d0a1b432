#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "script/detail/test_support.h"

namespace slsart::script {
namespace {

using detail::lines_of;
using detail::load_text;
using detail::options_for;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr const char* kRest = "scenarios: [{flow: [{get: {url: \"http://x\"}}]}]\n";

std::vector<std::string> told(const std::string& head) {
  return lines_of(load_text(head + kRest).diagnostics);
}

Script script_with(const std::string& head, std::optional<Mode> mode = {}, std::uint64_t seed = 0) {
  LoadOptions options = options_for(head + kRest);
  options.mode = mode;
  options.seed = seed;
  Loaded loaded = load(options);
  EXPECT_TRUE(loaded.script) << head << testing::PrintToString(lines_of(loaded.diagnostics));
  return loaded.script ? *std::move(loaded.script) : Script{};
}

TEST(Distribution, HasTheOriginalsDefaults) {
  const SplitSettings split = script_with("").split;
  EXPECT_EQ(split, SplitSettings{});
  EXPECT_EQ(split.max_chunk_rate, kChunkRate);
  EXPECT_EQ(script_with("config: {dialect: artillery1}\n").split.max_chunk_rate, 25);
  EXPECT_EQ(script_with("config: {dialect: artillery2}\n").split.max_chunk_rate, 25);
  EXPECT_EQ(script_with("_split:\n").split, SplitSettings{});
}

TEST(Distribution, ReadsTheSettings) {
  EXPECT_EQ(script_with("_split: {maxChunkDurationInSeconds: 885, maxChunkRequestsPerSecond: 500,\n"
                        "  maxScriptDurationInSeconds: 1, maxScriptRequestsPerSecond: 50000,\n"
                        "  timeBufferInMilliseconds: 1}\n")
                .split,
            (SplitSettings{.max_chunk_duration = 885s,
                           .max_script_duration = 1s,
                           .max_chunk_rate = 500,
                           .max_script_rate = 50'000,
                           .time_buffer = 1ms}));
}

TEST(Distribution, RefusesSettingsWithTheOriginalsWords) {
  const struct {
    const char* written;
    const char* told;
  } cases[] = {
      {"_split: {maxChunkDurationInSeconds: 14}\n",
       "1:37+2 error: If specified, the \"_split.maxChunkDurationInSeconds\" attribute must be an "
       "integer inclusively between 15 and 885."},
      {"_split: {maxChunkRequestsPerSecond: 0}\n",
       "1:37+1 error: If specified, the \"_split.maxChunkRequestsPerSecond\" attribute must be an "
       "integer inclusively between 1 and 500."},
      {"_split: {maxScriptDurationInSeconds: [1]}\n",
       "1:38+1 error: If specified, the \"_split.maxScriptDurationInSeconds\" attribute must be an "
       "integer inclusively between 1 and 518400."},
      {"_split: {timeBufferInMilliseconds: \"1\"}\n",
       "1:36+3 error: If specified, the \"_split.timeBufferInMilliseconds\" attribute must be an "
       "integer inclusively between 1 and 30000."},
      {"_split: {maxScriptRequestsPerSecond: }\n",
       "1:10+26 error: If specified, the \"_split.maxScriptRequestsPerSecond\" attribute must be "
       "an "
       "integer inclusively between 1 and 50000."},
      {"_split: true\n",
       "1:9+4 error: If specified, the \"_split\" attribute must contain an object"},
      {"_split: {maxChunkRate: 5}\n", "1:10+12 warning: unknown key \"maxChunkRate\" in _split"},
      {"mode: foo\n",
       "1:7+3 error: If specified, the mode attribute must be one of: \"perf\", \"performance\", "
       "\"acc\", \"acceptance\", \"mon\", \"monitoring\"."},
      {"sampling: {size: -1}\n",
       "1:18+2 error: If specified, the sampling size must have type number and be greater than "
       "zero"},
      {"sampling: {size: 2.5}\n",
       "1:18+3 error: the sampling size must be a whole number, this is 2.5"},
      {"sampling: {averagePause: \"1\"}\n",
       "1:26+3 error: If specified, the sampling averagePause must have type number and be greater "
       "than zero"},
      {"sampling: {pauseVariance: -0.1}\n",
       "1:27+4 error: If specified, the sampling pauseVariance must have type number and be "
       "greater "
       "than or equal to zero"},
      {"sampling: {errorBudget: {}}\n",
       "1:25+1 error: If specified, the sampling errorBudget must have type number and be greater "
       "than or equal to zero"},
      {"sampling: {warningThreshold: 1.1}\n",
       "1:30+3 error: If specified, the sampling warningThreshold must have type number and be "
       "either one or between zero and one"},
      {"sampling: {statusErrors: 500}\n",
       "1:26+3 error: expected none, 5xx or 4xx, found the number 500"},
      {"sampling: {averagePause: 1e6}\n",
       "1:26+3 error: this cannot be longer than 6 days, it is 1e6 seconds"},
  };
  for (const auto& c : cases) EXPECT_THAT(told(c.written), ElementsAre(c.told)) << c.written;
}

TEST(Distribution, TakesTheModeInAnyCase) {
  EXPECT_EQ(script_with("").mode, Mode::kPerformance);
  EXPECT_EQ(script_with("mode: ACC\n").mode, Mode::kAcceptance);
  EXPECT_EQ(script_with("mode: Monitoring\n").mode, Mode::kMonitoring);
  EXPECT_EQ(script_with("mode: perf\n", Mode::kAcceptance).mode, Mode::kAcceptance);
  EXPECT_EQ(name_of(Mode::kMonitoring), "monitoring");
}

TEST(Distribution, FillsInTheDefaultsOfTheMode) {
  EXPECT_EQ(script_with("mode: acc\n").sampling, SamplingSettings{});
  EXPECT_EQ(script_with("mode: mon\n").sampling, (SamplingSettings{.size = 5, .error_budget = 4}));
  EXPECT_EQ(script_with("mode: mon\nsampling: {size: 2, averagePause: 5, pauseVariance: 2,\n"
                        "  errorBudget: 1.5, warningThreshold: 1, statusErrors: 4xx}\n")
                .sampling,
            (SamplingSettings{.size = 2,
                              .average_pause = 5s,
                              .pause_variance = 2s,
                              .error_budget = 1,
                              .warning_threshold = 1,
                              .status_errors = StatusErrors::k4xx}));
}

TEST(Distribution, ChecksTheSamplingSettingsAgainstEachOther) {
  EXPECT_THAT(told("mode: mon\nsampling: {size: 4}\n"),
              ElementsAre("2:11+1 error: The given size * scenarios (4) and errorBudget (4) values "
                          "(perhaps from defaults) succeeds even if all samples fail"));
  EXPECT_THAT(told("mode: acc\nsampling: {pauseVariance: 0.3}\n"),
              ElementsAre("2:11+1 error: The given pauseVariance (0.3) cannot exceed the given "
                          "averagePause (0.2)"));
  EXPECT_THAT(told("mode: mon\n_split: {maxScriptDurationInSeconds: 1}\n"),
              ElementsAre(HasSubstr(
                  "error: The given averagePause (0.2), pauseVariance (0.1), and size * scenarios "
                  "(5) values in combination could, even ignoring request duration, exceed the "
                  "maximum allowable duration (1)")));
  EXPECT_THAT(told("mode: mon\n_split: {maxScriptDurationInSeconds: 10}\n"
                   "sampling: {size: 10, averagePause: 1, pauseVariance: 0}\n"),
              ElementsAre(HasSubstr("warning: the given averagePause (1)")));
  // In performance mode they are not looked at.
  EXPECT_THAT(told("sampling: {size: 4, errorBudget: 10}\n"), IsEmpty());
}

TEST(Distribution, SamplesArePausesWithOneUserOfEachScenarioAfterThem) {
  const std::string head =
      "mode: mon\nsampling: {size: 3, errorBudget: 2}\nconfig: {phases: [{pause: 5}]}\n";
  const Script script = script_with(head, {}, 42);
  ASSERT_THAT(script.config.phases, SizeIs(6));
  for (std::size_t i = 0; i < 6; i += 2) {
    const core::Duration pause = std::get<Pause>(script.config.phases[i].load).duration;
    EXPECT_GE(pause, 100ms);
    EXPECT_LT(pause, 300ms);
    EXPECT_EQ(std::get<Count>(script.config.phases[i + 1].load).arrivals, 1);
    const Script again = script_with(head, {}, 42);
    EXPECT_EQ(std::get<Pause>(again.config.phases[i].load).duration, pause);
    const Script other = script_with(head, {}, 43);
    EXPECT_NE(std::get<Pause>(other.config.phases[i].load).duration, pause);
  }
}

TEST(Distribution, TraceAndSimulationAreWhateverIsTrue) {
  EXPECT_TRUE(script_with("_trace: true\n_simulation: 1\n").trace);
  EXPECT_TRUE(script_with("_trace: true\n_simulation: 1\n").simulation);
  EXPECT_TRUE(script_with("_simulation: {}\n").simulation);
  EXPECT_FALSE(script_with("_simulation: 0\n_trace:\n").simulation);
  EXPECT_FALSE(script_with("_simulation: 0\n_trace:\n").trace);
}

TEST(Distribution, RateOfAFunctionIsThatOfTheDialect) {
  EXPECT_EQ(find_dialect("slsart")->chunk_rate, 250);
  EXPECT_EQ(find_dialect("artillery1")->chunk_rate, 25);
  EXPECT_EQ(find_dialect("artillery2")->chunk_rate, 25);
}

}  // namespace
}  // namespace slsart::script
