#include <array>

#include "script/detail/schema_table.h"
#include "script/detail/value_types.h"

// `config.plugins`: what the reference does by plugins.

namespace slsart::script::detail {
namespace {

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

// --- expect ---

constexpr std::array<std::string_view, 5> kFormats{"failures", "pretty", "prettyError", "json",
                                                   "silent"};
constinit const Type kFormat{.shape = Type::Shape::kChoice,
                             .expected = "failures, pretty, prettyError, json or silent",
                             .choices = kFormats};

constexpr std::array kExpectRows{
    Row{.key = "outputFormat",
        .type = &kFormat,
        .fallback = "failures",
        .doc = "What is printed: the first failures of each worker; or every request (`pretty`, "
               "`json`), every request with a failure (`prettyError`), nothing (`silent`).",
        .example = "json"},
    Row{.key = "formatter",
        .type = &kFormat,
        .doc = "Older word for `outputFormat`; wins.",
        .example = "pretty"},
    Row{.key = "reportFailuresAsErrors",
        .type = &kBoolean,
        .fallback = "false (artillery1: true)",
        .doc = "Whether a failure is an error that ends the user.",
        .example = "true"},
    Row{.key = "expectDefault200",
        .type = &kBoolean,
        .fallback = "false",
        .doc = "Whether requests without expectations are expected to be answered by 200.",
        .example = "true"},
    Row{.key = "useOnlyRequestNames",
        .type = &kBoolean,
        .fallback = "false",
        .doc = "Whether such errors tell the request's name instead of its url.",
        .example = "true"},
};
constinit const Section kExpectSection{
    .id = "expect",
    .name = "the expect plugin",
    .doc =
        "Switches the `expect` of requests on. Passed and failed ones are counted under "
        "`plugins.expect`; if one failed, the exit code is 3.",
    .rows = kExpectRows};
constinit const Type kExpectSettings{
    .shape = Type::Shape::kSection, .expected = "a map, may be empty", .section = &kExpectSection};

// --- metrics-by-endpoint ---

constexpr std::array kEndpointRows{
    Row{.key = "useOnlyRequestNames",
        .type = &kBoolean,
        .fallback = "false",
        .doc = "Calls an endpoint by the request's name where it has one, not `/path (name)`.",
        .example = "true"},
    Row{.key = "stripQueryString",
        .type = &kBoolean,
        .fallback = "false",
        .doc = "Leaves the query out of the endpoint.",
        .example = "true"},
    Row{.key = "ignoreUnnamedRequests",
        .type = &kBoolean,
        .fallback = "false",
        .doc = "Whether requests without a name have no figures.",
        .example = "true"},
    Row{.key = "metricsNamespace",
        .type = &kText,
        .fallback = "plugins.metrics-by-endpoint",
        .doc = "What the names of the figures begin with.",
        .example = "endpoints"},
    Row{.key = "groupDynamicURLs",
        .type = &kBoolean,
        .fallback = "true",
        .doc = "Whether `/items/{{ id }}` is one endpoint. Of different ones the first 500 of a "
               "worker are told apart, the others are `_other`.",
        .example = "false"},
    Row{.key = "suppressOutput", .type = &kAnything, .support = Support::kAccepted},
};
constinit const Section kEndpointSection{
    .id = "metrics-by-endpoint",
    .name = "metrics-by-endpoint",
    .doc =
        "Response times, status codes and errors of every endpoint. An endpoint is the path with "
        "its query; of other hosts and ports than the target's also these.",
    .rows = kEndpointRows};
constinit const Type kEndpointSettings{.shape = Type::Shape::kSection,
                                       .expected = "a map, may be empty",
                                       .section = &kEndpointSection};

// --- apdex ---

std::string threshold_complaint(const Node& value) {
  const auto number = number_in(value);
  if (!number) return mismatch("a number of milliseconds", value);
  return *number > 0 ? std::string() : "the threshold must be above 0";
}
constinit const Type kThreshold{.shape = Type::Shape::kScalar,
                                .expected = "a number of milliseconds",
                                .complaint = threshold_complaint,
                                .json = R"({"type": ["number", "string"], "exclusiveMinimum": 0})"};
constexpr std::array kApdexRows{
    Row{.key = "threshold",
        .type = &kThreshold,
        .fallback = "500",
        .doc = "Responses within so many milliseconds satisfy, within four times as many are "
               "tolerated.",
        .example = "100"},
};
constinit const Section kApdexSection{
    .id = "apdex",
    .name = "apdex",
    .doc =
        "The Apdex score: counters `apdex.satisfied`, `apdex.tolerated`, `apdex.frustrated`, and "
        "`apdex` in conditions of `ensure`.",
    .rows = kApdexRows};

constexpr std::array kRows{
    Row{.key = "ensure",
        .type = &kEnsureType,
        .doc = "Conditions that the results must meet. `config.ensure` wins.",
        .example = "{ thresholds: [ \"http.response_time.p95\": 200 ] }"},
    Row{.key = "expect",
        .type = &kExpectSettings,
        .doc = "Judges the `expect` of requests.",
        .example = "{ outputFormat: pretty }"},
    Row{.key = "metrics-by-endpoint",
        .type = &kEndpointSettings,
        .doc = "Figures of every endpoint.",
        .example = "{ stripQueryString: true }"},
    ignored("publish-metrics", "Sends figures to monitoring systems.", kNotMeasured),
    Row{.key = "apdex",
        .type = &kApdexType,
        .doc = "Apdex score; `config.apdex` wins.",
        .example = "{ threshold: 100 }"},
    ignored("statsd", "Sends figures to StatsD.", kNotMeasured),
    ignored("cloudwatch", "Sends figures to CloudWatch.", kNotMeasured),
    ignored("influxdb", "Sends figures to InfluxDB.", kNotMeasured),
    ignored("datadog", "Sends figures to Datadog.", kNotMeasured),
    ignored("slack", "Sends a message when the run ends.", kNotMeasured),
    ignored("memory-inspector", "Memory of a process.", kNotMeasured),
    Row{.key = "fake-data",
        .type = &kAnyMap,
        .doc = "Functions such as `$internetEmail()` are always there; options are written into the "
               "call, as `$numberInt(1, 10)`.",
        .example = "{}"},
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

constinit const Type kApdexType{
    .shape = Type::Shape::kSection, .expected = "a map, may be empty", .section = &kApdexSection};

constinit const Section kPluginsSection{
    .id = "plugins",
    .name = "config.plugins",
    .doc = "What the reference does by plugins is built in here as it becomes available.",
    .rows = kRows};

}  // namespace slsart::script::detail
