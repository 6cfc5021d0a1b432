#include <algorithm>
#include <array>

#include "script/detail/build.h"
#include "script/detail/value_types.h"

namespace slsart::script::detail {
namespace {

using expr::ExpectationKind;

// Whether a plugin is switched on: its key is there, though its map may be empty.
bool has_plugin(const Fields& config, std::string_view name) {
  const Node* const node = config.section("plugins").find(name);
  return node != nullptr && !node->is_undefined();
}

// The plugin of some environment: it is switched on there on purpose.
bool has_plugin_elsewhere(const Fields& config, std::string_view name) {
  const Node* const environments = config.find("environments");
  if (!environments || !environments->is_map()) return false;
  return std::ranges::any_of(environments->entries, [&](const Entry& environment) {
    const Node* const plugins = environment.value.find("plugins");
    return plugins && plugins->find(name);
  });
}

ExpectFormat format_of(const Fields& fields) {
  const std::string word =
      fields.text("formatter").value_or(fields.text("outputFormat").value_or("failures"));
  if (word == "pretty") return ExpectFormat::kPretty;
  if (word == "prettyError") return ExpectFormat::kPrettyError;
  if (word == "json") return ExpectFormat::kJson;
  return word == "silent" ? ExpectFormat::kSilent : ExpectFormat::kFailures;
}

std::optional<ExpectationKind> kind_of(std::string_view key) {
  for (int i = 0; i <= static_cast<int>(ExpectationKind::kJPath); ++i) {
    const auto kind = static_cast<ExpectationKind>(i);
    if (expr::name_of(kind) == key) return kind;
  }
  return std::nullopt;
}

void append_expectations(const Node& map, std::vector<expr::Expectation>& all, Building& building) {
  const auto description = Fields(&map).text("description");
  for (const Entry& entry : map.entries) {
    const auto kind = kind_of(entry.key);
    if (!kind || entry.value.refused || entry.value.is_undefined()) continue;
    auto made = expr::Expectation::make(*kind, build_value(entry.value, building));
    if (made) {
      if (description) made->describe(*description);
      all.push_back(*std::move(made));
    } else {
      report_error(made.error(), "expectation", entry.value, building);
    }
  }
}

}  // namespace

ExpectSettings build_expect(const Fields& config, Building& building) {
  const Fields fields = config.section("plugins").section("expect");
  ExpectSettings expect;
  expect.is_on = has_plugin(config, "expect");
  expect.format = format_of(fields);
  expect.fails_user = fields.boolean("reportFailuresAsErrors")
                          .value_or(building.dialect.failed_expectation_fails_user);
  expect.names_only = fields.boolean("useOnlyRequestNames").value_or(false);
  building.judges_expectations = expect.is_on;
  building.expects_200 = fields.boolean("expectDefault200").value_or(false);
  building.tells_unjudged = !expect.is_on && !has_plugin_elsewhere(config, "expect");
  return expect;
}

EndpointSettings build_endpoints(const Fields& config) {
  const Fields fields = config.section("plugins").section("metrics-by-endpoint");
  EndpointSettings endpoints;
  endpoints.is_on = has_plugin(config, "metrics-by-endpoint");
  endpoints.use_only_names = fields.boolean("useOnlyRequestNames").value_or(false);
  endpoints.strip_query = fields.boolean("stripQueryString").value_or(false);
  endpoints.ignore_unnamed = fields.boolean("ignoreUnnamedRequests").value_or(false);
  endpoints.group_dynamic_urls = fields.boolean("groupDynamicURLs").value_or(true);
  const auto space = fields.text("metricsNamespace");
  if (space && !space->empty()) endpoints.metrics_namespace = *space;
  return endpoints;
}

ApdexSettings build_apdex(const Fields& config) {
  ApdexSettings apdex;
  apdex.is_on = config.find("apdex") != nullptr || has_plugin(config, "apdex");
  const Node* threshold = config.section("apdex").find("threshold");
  if (!threshold) threshold = config.section("plugins").section("apdex").find("threshold");
  if (const auto number = threshold ? number_in(*threshold) : std::nullopt) {
    constexpr double kLongest = 1e9;
    apdex.threshold = core::Duration(static_cast<std::int64_t>(std::min(*number, kLongest) * 1e6));
  }
  return apdex;
}

std::vector<expr::Expectation> build_expectations(const Node* node, Building& building) {
  std::vector<expr::Expectation> all;
  for (const Node* map : one_or_list(node)) append_expectations(*map, all, building);
  if (!all.empty() && building.tells_unjudged) {
    building.report.warning("not-judged", node->span,
                            "expectations are judged only with config.plugins.expect",
                            "add plugins: { expect: {} } to config");
    building.tells_unjudged = false;
  }
  if (!building.judges_expectations) return {};
  if (all.empty() && building.expects_200) {
    all.push_back(*expr::Expectation::make(ExpectationKind::kStatusCode,
                                           expr::ValueTemplate(core::Value(200))));
  }
  return all;
}

}  // namespace slsart::script::detail
