#include <array>

#include "script/detail/schema_table.h"
#include "script/detail/value_types.h"
#include "script/distribution.h"

// `_split`, `sampling` and `mode`: how a run is spread over functions, and how it is judged. Limits
// and messages are the original's (reference/slsart-behaviour.md §12, §13, §17); that a 0 or
// nothing is no value either is ours.

namespace slsart::script::detail {
namespace {

struct Limits {
  std::string_view key;
  std::int64_t least = 0;
  std::int64_t most = 0;
};
constexpr Limits kChunkDuration{"maxChunkDurationInSeconds", 15, 885};
constexpr Limits kScriptDuration{"maxScriptDurationInSeconds", 1, 518'400};
constexpr Limits kChunkRequests{"maxChunkRequestsPerSecond", 1, 500};
constexpr Limits kScriptRequests{"maxScriptRequestsPerSecond", 1, 50'000};
constexpr Limits kBuffer{"timeBufferInMilliseconds", 1, 30'000};

// Texts that hold numbers are no numbers here, as in the original: these keys have no slots.
template <const Limits& kLimits>
std::string split_complaint(const Node& value) {
  const auto integer = value.is_text() ? std::nullopt : integer_in(value);
  if (integer && *integer >= kLimits.least && *integer <= kLimits.most) return {};
  return "If specified, the \"_split." + std::string(kLimits.key) +
         "\" attribute must be an integer inclusively between " + std::to_string(kLimits.least) +
         " and " + std::to_string(kLimits.most) + ".";
}

template <const Limits& kLimits>
constexpr Type split_type(std::string_view expected, std::string_view json) {
  return Type{.shape = Type::Shape::kScalar,
              .expected = expected,
              .complaint = split_complaint<kLimits>,
              .judges_shape = true,
              .json = json};
}

constinit const Type kChunkDurationType = split_type<kChunkDuration>(
    "a whole number from 15 to 885", R"({"type": "integer", "minimum": 15, "maximum": 885})");
constinit const Type kScriptDurationType = split_type<kScriptDuration>(
    "a whole number from 1 to 518,400", R"({"type": "integer", "minimum": 1, "maximum": 518400})");
constinit const Type kChunkRequestsType = split_type<kChunkRequests>(
    "a whole number from 1 to 500", R"({"type": "integer", "minimum": 1, "maximum": 500})");
constinit const Type kScriptRequestsType = split_type<kScriptRequests>(
    "a whole number from 1 to 50,000", R"({"type": "integer", "minimum": 1, "maximum": 50000})");
constinit const Type kBufferType = split_type<kBuffer>(
    "a whole number from 1 to 30,000", R"({"type": "integer", "minimum": 1, "maximum": 30000})");

constexpr std::array kSplitRows{
    Row{.key = "maxChunkDurationInSeconds",
        .type = &kChunkDurationType,
        .fallback = "120",
        .doc =
            "A run is cut into windows of at most so many seconds; each has functions of its own.",
        .example = "240"},
    Row{.key = "maxScriptDurationInSeconds",
        .type = &kScriptDurationType,
        .fallback = "86400",
        .doc = "A longer script is refused unless `--yes` is given.",
        .example = "3600"},
    Row{.key = "maxChunkRequestsPerSecond",
        .type = &kChunkRequestsType,
        .fallback = "250; 25 in the artillery dialects",
        .doc = "New users a second (not requests) that one function is asked for at most.",
        .example = "25"},
    Row{.key = "maxScriptRequestsPerSecond",
        .type = &kScriptRequestsType,
        .fallback = "5000",
        .doc = "A script with more new users in a second is refused unless `--yes` is given.",
        .example = "10000"},
    Row{.key = "timeBufferInMilliseconds",
        .type = &kBufferType,
        .fallback = "15000",
        .doc = "Functions are started so long before they begin, so that all begin together.",
        .example = "20000"},
};
constinit const Section kSplitSection{
    .id = "split",
    .name = "_split",
    .doc =
        "How a run is spread over functions. The parts are cut from one schedule by numbers of "
        "users, so they always sum to what the phases say. `slsart plan` shows them.",
    .rows = kSplitRows};

// --- sampling -----------------------------------------------------------------------------------
enum class Bound { kAboveZero, kFromZero, kUpToOne };
struct SamplingKey {
  std::string_view key;
  Bound bound = Bound::kAboveZero;
};
constexpr SamplingKey kSize{"size", Bound::kAboveZero};
constexpr SamplingKey kAveragePause{"averagePause", Bound::kAboveZero};
constexpr SamplingKey kPauseVariance{"pauseVariance", Bound::kFromZero};
constexpr SamplingKey kErrorBudget{"errorBudget", Bound::kFromZero};
constexpr SamplingKey kWarningThreshold{"warningThreshold", Bound::kUpToOne};

std::string bound_text(Bound bound) {
  switch (bound) {
    case Bound::kAboveZero:
      return "greater than zero";
    case Bound::kFromZero:
      return "greater than or equal to zero";
    case Bound::kUpToOne:
      return "either one or between zero and one";
  }
  return {};
}

bool is_within(double number, Bound bound) {
  if (bound == Bound::kFromZero) return number >= 0;
  return number > 0 && (bound == Bound::kAboveZero || number <= 1);
}

constexpr double kMostSamples = 100'000;
constexpr double kLongestPause = 518'400;  // seconds, the longest run

template <const SamplingKey& kKey>
std::string sampling_complaint(const Node& value) {
  const auto number = value.is_text() ? std::nullopt : number_in(value);
  if (!number || !is_within(*number, kKey.bound)) {
    return "If specified, the sampling " + std::string(kKey.key) +
           " must have type number and be " + bound_text(kKey.bound);
  }
  if (kKey.key == kSize.key && !integer_in(value)) {
    return "the sampling size must be a whole number, this is " + value.text();
  }
  if (kKey.key == kSize.key || kKey.key == kErrorBudget.key) {
    if (*number > kMostSamples) return "this cannot be above 100,000, it is " + value.text();
  } else if (*number > kLongestPause) {
    return "this cannot be longer than 6 days, it is " + value.text() + " seconds";
  }
  return {};
}

template <const SamplingKey& kKey>
constexpr Type sampling_type(std::string_view expected, std::string_view json) {
  return Type{.shape = Type::Shape::kScalar,
              .expected = expected,
              .complaint = sampling_complaint<kKey>,
              .judges_shape = true,
              .json = json};
}

constinit const Type kSizeType =
    sampling_type<kSize>("a whole number from 1", R"({"type": "integer", "minimum": 1})");
constinit const Type kAveragePauseType =
    sampling_type<kAveragePause>("seconds above 0", R"({"type": "number", "exclusiveMinimum": 0})");
constinit const Type kPauseVarianceType =
    sampling_type<kPauseVariance>("seconds from 0", R"({"type": "number", "minimum": 0})");
constinit const Type kErrorBudgetType =
    sampling_type<kErrorBudget>("a number from 0", R"({"type": "number", "minimum": 0})");
constinit const Type kWarningThresholdType = sampling_type<kWarningThreshold>(
    "a number above 0 and up to 1", R"({"type": "number", "exclusiveMinimum": 0, "maximum": 1})");

constexpr std::array<std::string_view, 3> kStatusErrors{"none", "5xx", "4xx"};
constinit const Type kStatusErrorsType{
    .shape = Type::Shape::kChoice, .expected = "none, 5xx or 4xx", .choices = kStatusErrors};

constexpr std::array kSamplingRows{
    Row{.key = "size",
        .type = &kSizeType,
        .fallback = "1 in acceptance, 5 in monitoring",
        .doc = "How often each scenario is walked.",
        .example = "3"},
    Row{.key = "averagePause",
        .type = &kAveragePauseType,
        .fallback = "0.2",
        .doc = "Seconds before each sample, on average.",
        .example = "0.5"},
    Row{.key = "pauseVariance",
        .type = &kPauseVarianceType,
        .fallback = "0.1",
        .doc = "A pause is longer or shorter than the average by at most so many seconds.",
        .example = "0.2"},
    Row{.key = "errorBudget",
        .type = &kErrorBudgetType,
        .fallback = "0 in acceptance, 4 in monitoring",
        .doc = "The run has failed when there are more errors than this.",
        .example = "2"},
    Row{.key = "warningThreshold",
        .type = &kWarningThresholdType,
        .fallback = "0.9",
        .doc = "Warns when the pauses may take more than this share of the longest duration.",
        .example = "0.5"},
    Row{.key = "statusErrors",
        .type = &kStatusErrorsType,
        .fallback = "5xx",
        .doc =
            "Which answers count as errors where a request has no `match` and no `expect`: `5xx`, "
            "`4xx` (400 and above) or `none`.",
        .example = "4xx"},
};
constinit const Section kSamplingSection{
    .id = "sampling",
    .name = "sampling",
    .doc =
        "What the modes acceptance and monitoring do: the phases do not count, each scenario is "
        "walked `size` times with a pause before each, and the errors are counted.",
    .rows = kSamplingRows};

// --- mode ---------------------------------------------------------------------------------------
std::string mode_complaint(const Node& value) {
  if (value.is_text() && find_mode(value.text())) return {};
  return "If specified, the mode attribute must be one of: \"perf\", \"performance\", \"acc\", "
         "\"acceptance\", \"mon\", \"monitoring\".";
}

std::string split_shape_complaint(const Node&) {
  return "If specified, the \"_split\" attribute must contain an object";
}

}  // namespace

constinit const Type kSplit{.shape = Type::Shape::kSection,
                            .expected = "a map of limits",
                            .complaint = split_shape_complaint,
                            .judges_shape = true,
                            .section = &kSplitSection};
constinit const Type kSampling{
    .shape = Type::Shape::kSection, .expected = "a map of settings", .section = &kSamplingSection};
constinit const Type kMode{
    .shape = Type::Shape::kScalar,
    .expected = "performance, acceptance or monitoring",
    .complaint = mode_complaint,
    .judges_shape = true,
    .json = R"({"enum": ["perf", "performance", "acc", "acceptance", "mon", "monitoring"]})"};

}  // namespace slsart::script::detail
