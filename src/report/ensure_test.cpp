#include "report/ensure.h"

#include <gtest/gtest.h>

namespace slsart::report {
namespace {

metrics::Snapshot make_total() {
  metrics::Snapshot total;
  total.counters["vusers.created"] = 10;
  total.counters["vusers.completed"] = 7;
  total.counters["vusers.failed"] = 2;
  total.counters["http.codes.200"] = 90;
  total.counters["plugins.metrics-by-endpoint./a b (c).codes.200"] = 4;
  total.rates["http.request_rate"] = 50;
  for (int i = 1; i <= 100; ++i) {
    total.histograms["http.response_time"].record(i * 1'000'000);
  }
  total.histograms["plugins.metrics-by-endpoint.response_time./a b (c)"].record(5'000'000);
  total.first_event = core::Duration::zero();
  total.last_event = std::chrono::seconds(10);
  return total;
}

metrics::Check judge(const std::string& expression, bool strict = true) {
  script::Ensure ensure;
  ensure.conditions.push_back({.text = expression, .expression = expression, .strict = strict});
  return judge_ensure(ensure, make_total()).at(0);
}

TEST(JudgeEnsure, JudgesWhatTheReportShows) {
  struct Row {
    const char* expression;
    bool passes;
    const char* measured;
  };
  const std::vector<Row> rows = {
      {"http.codes.200 > 89", true, "90"},
      {"http.request_rate == 5", true, "5"},
      {"http.response_time.min < 1", false, "1"},
      {"http.response_time.max <= 100", true, "100"},
      {"http.response_time.count == 100", true, "100"},
      {"http.response_time.p95 < 100", true, "95.2"},
      {"http.response_time.p5 < 6 and http.response_time.p99.9 < 1", false,
       "http.response_time.p5 = 5, http.response_time.p99.9 = 98.8"},
      {"vusers.failed / vusers.created <= 0.2", true, "vusers.failed = 2, vusers.created = 10"},
      {"(vusers.created-vusers.completed)/vusers.created*100 <= 30", true,
       "vusers.created = 10, vusers.completed = 7"},
      // What never happened is 0.
      {"errors.ECONNREFUSED == 0", true, "0"},
      {"errors.hook says-no < 1", false, "this does not belong here: s"},
      {"'errors.hook says-no' < 1", true, "0"},
      // A name with odd characters, as it stands in the report.
      {"plugins.metrics-by-endpoint./a b (c).codes.200 == 4", true, "4"},
      {"plugins.metrics-by-endpoint.response_time./a b (c).p95 < 6", true, "5"},
      {"custom.thing < 5", false, "nothing was measured as custom.thing"},
      {"http.tls.p95 < 5", false, "nothing was measured as http.tls.p95"},
      {"apdex > 0.9", false, "nothing was measured as apdex"},
  };
  for (const Row& row : rows) {
    const metrics::Check check = judge(row.expression);
    EXPECT_EQ(check.passed, row.passes) << row.expression;
    EXPECT_EQ(check.measured, row.measured) << row.expression;
  }
}

TEST(JudgeEnsure, KeepsWhetherAConditionIsStrict) {
  EXPECT_FALSE(judge("vusers.failed == 0", false).strict);
  EXPECT_TRUE(judge("vusers.failed == 0").strict);
}

TEST(JudgeEnsure, KnowsTheApdexScore) {
  metrics::Snapshot total;
  total.counters["apdex.satisfied"] = 8;
  total.counters["apdex.tolerated"] = 1;
  total.counters["apdex.frustrated"] = 1;
  script::Ensure ensure;
  ensure.conditions.push_back({.text = "a", .expression = "apdex == 0.85"});
  EXPECT_TRUE(judge_ensure(ensure, total).at(0).passed);
  EXPECT_EQ(apdex_rank(0.85), "good");
  EXPECT_EQ(apdex_rank(0.94), "excellent");
  EXPECT_EQ(apdex_rank(0.699), "poor");
  EXPECT_EQ(apdex_rank(0.48), "unacceptable");
}

script::Ensure make_aborting(const std::string& expression) {
  script::Ensure ensure;
  ensure.abort_after = std::chrono::seconds(10);
  ensure.conditions.push_back({.text = expression, .expression = expression, .abort = true});
  return ensure;
}

TEST(FindBreach, WaitsUntilTheRunIsOldEnough) {
  const script::Ensure ensure = make_aborting("vusers.failed == 0");
  EXPECT_FALSE(find_breach(ensure, make_total(), std::chrono::seconds(9)));
  const auto breach = find_breach(ensure, make_total(), std::chrono::seconds(10));
  ASSERT_TRUE(breach);
  EXPECT_EQ(breach->measured, "2");
}

TEST(FindBreach, UsersUnderWayMayStillComplete) {
  // Two of ten failed, seven completed, one is under way: 20 %, not 30 %.
  const std::string rate = "(vusers.created - vusers.completed) / vusers.created * 100";
  const core::Duration old = std::chrono::seconds(60);
  EXPECT_FALSE(find_breach(make_aborting(rate + " <= 20"), make_total(), old));
  EXPECT_TRUE(find_breach(make_aborting(rate + " < 20"), make_total(), old));
}

TEST(FindBreach, LooksOnlyAtConditionsThatEndTheRun) {
  script::Ensure ensure = make_aborting("vusers.failed == 0");
  ensure.conditions[0].abort = false;
  EXPECT_FALSE(find_breach(ensure, make_total(), std::chrono::seconds(60)));
}

}  // namespace
}  // namespace slsart::report
