#include <array>

#include "script/detail/schema_table.h"
#include "script/detail/value_types.h"

// `config.plugins`: what the reference does by plugins.

namespace slsart::script::detail {
namespace {

constexpr std::string_view kNoVerdict =
    "this run gives no verdict: its exit code does not tell whether the conditions hold";
constexpr std::string_view kNotMeasured =
    "the load is the same without it; its figures are missing";

constexpr Row ignored(std::string_view key, std::string_view doc, std::string_view note) {
  return {.key = key, .type = &kAnything, .doc = doc, .support = Support::kIgnored, .note = note};
}

// --- ensure ---

std::string number_complaint(const Node& value) {
  return number_in(value) ? std::string() : mismatch("a number", value);
}

constinit const Type kNumber{.shape = Type::Shape::kScalar,
                             .expected = "a number",
                             .complaint = number_complaint,
                             .json = R"({"type": ["number", "string"]})"};
constinit const Type kLimits{
    .shape = Type::Shape::kMap, .expected = "a map of one metric to a number", .items = &kNumber};
constinit const Type kThresholds{.shape = Type::Shape::kList,
                                 .expected = "a list such as [ \"http.response_time.p95\": 200 ]",
                                 .items = &kLimits};

constexpr std::array kConditionRows{
    Row{.key = "expression",
        .type = &kText,
        .doc = "Comparisons, `and`, `or`, `not`, arithmetic; metrics by their names in the report, "
               "those of histograms with `.min`, `.max`, `.mean`, `.median`, `.count` or any "
               "percentile such as `.p95`, `.p99.9`. Names with other characters stand in single "
               "quotes.",
        .example = "\"http.response_time.p99 < 500 and errors.ETIMEDOUT < 10\"",
        .required = true},
    Row{.key = "strict",
        .type = &kBoolean,
        .fallback = "true",
        .doc = "`false`: shown, but no verdict.",
        .example = "false"},
    Row{.key = "abort",
        .type = &kBoolean,
        .fallback = "that of ensure",
        .doc = "Ends the run as soon as the condition does not hold.",
        .example = "true"},
};
constinit const Section kConditionSection{.id = "ensure-condition",
                                          .name = "a condition",
                                          .doc = "An element of `ensure.conditions`.",
                                          .rows = kConditionRows};
constinit const Type kCondition{.shape = Type::Shape::kSection,
                                .expected = "a condition (a map with an expression)",
                                .section = &kConditionSection};
constinit const Type kConditions{
    .shape = Type::Shape::kList, .expected = "a list of conditions", .items = &kCondition};

constexpr Row limit(std::string_view key, std::string_view doc) {
  return {.key = key, .type = &kNumber, .doc = doc, .example = "200"};
}

constexpr std::array kEnsureRows{
    Row{.key = "thresholds",
        .type = &kThresholds,
        .doc = "Metrics that must stay below a number.",
        .example = "[ \"http.response_time.p95\": 200 ]"},
    Row{.key = "conditions",
        .type = &kConditions,
        .doc = "Expressions that must be true at the end.",
        .example = "[ { expression: \"vusers.failed == 0\" } ]"},
    Row{.key = "maxErrorRate",
        .type = &kNumber,
        .doc = "How many of a hundred started users may fail to complete.",
        .example = "1"},
    limit("min", "`http.response_time.min` must be below it, in milliseconds."),
    limit("max", "The same for the maximum."),
    limit("mean", "The same for the mean."),
    limit("median", "The same for the median."),
    limit("p50", "The same for the median."),
    limit("p75", "The same for a percentile."),
    limit("p90", "The same for a percentile."),
    limit("p95", "The same for a percentile."),
    limit("p99", "The same for a percentile."),
    limit("p999", "The same for the percentile 99.9."),
    Row{.key = "abort",
        .type = &kBoolean,
        .fallback = "false",
        .doc = "Ends the run as soon as a strict condition does not hold. Users under way count as "
               "completed until they end.",
        .example = "true"},
    Row{.key = "abortAfter",
        .type = &kPauseDuration,
        .fallback = "10",
        .doc = "How old the run must be for that.",
        .example = "\"30s\""},
};

constexpr std::array kRows{
    Row{.key = "ensure",
        .type = &kEnsureType,
        .doc = "Conditions that the results must meet. `config.ensure` wins.",
        .example = "{ thresholds: [ \"http.response_time.p95\": 200 ] }"},
    ignored("expect", "Expectations on responses.", kNoVerdict),
    ignored("metrics-by-endpoint", "Figures per url.", kNotMeasured),
    ignored("publish-metrics", "Sends figures to monitoring systems.", kNotMeasured),
    ignored("apdex", "Apdex score.", kNotMeasured),
    ignored("statsd", "Sends figures to StatsD.", kNotMeasured),
    ignored("cloudwatch", "Sends figures to CloudWatch.", kNotMeasured),
    ignored("influxdb", "Sends figures to InfluxDB.", kNotMeasured),
    ignored("datadog", "Sends figures to Datadog.", kNotMeasured),
    ignored("slack", "Sends a message when the run ends.", kNotMeasured),
    ignored("memory-inspector", "Memory of a process.", kNotMeasured),
    ignored("fake-data", "Template functions for made-up data.",
            "functions such as $fakeEmail() are not known here"),
    Row{.key = "aws-sigv4",
        .type = &kAnything,
        .doc = "Signs requests for AWS.",
        .support = Support::kMissing,
        .note = "requests cannot be signed yet"},
};

}  // namespace

constinit const Section kEnsureSection{
    .id = "ensure",
    .name = "ensure",
    .doc =
        "Conditions that are judged when the run is over. If a strict one does not hold, the exit "
        "code is 4. What was never counted is 0; a condition on a metric that has no sample "
        "does not hold.",
    .rows = kEnsureRows};
constinit const Type kEnsureType{
    .shape = Type::Shape::kSection, .expected = "a map of conditions", .section = &kEnsureSection};

constinit const Section kPluginsSection{
    .id = "plugins",
    .name = "config.plugins",
    .doc = "What the reference does by plugins is built in here as it becomes available.",
    .rows = kRows};

}  // namespace slsart::script::detail
