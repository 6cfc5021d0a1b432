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

constexpr std::array kRows{
    ignored("ensure", "Conditions that the results must meet.", kNoVerdict),
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

constinit const Section kPluginsSection{
    .id = "plugins",
    .name = "config.plugins",
    .doc = "What the reference does by plugins is built in here as it becomes available.",
    .rows = kRows};

}  // namespace slsart::script::detail
