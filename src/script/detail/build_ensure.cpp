#include <algorithm>
#include <array>

#include "core/text.h"
#include "expr/condition.h"
#include "script/detail/build.h"
#include "script/detail/value_types.h"
#include "script/metric_names.h"

namespace slsart::script::detail {
namespace {

// Of `http.response_time`.
constexpr std::array<std::string_view, 10> kOldKeys = {"min", "max", "mean", "median", "p50",
                                                       "p75", "p90", "p95",  "p99",    "p999"};

std::string quoted_name(std::string_view name) {
  std::string out = "'";
  for (const char c : name) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string number_text(const Node& node) {
  std::string text;
  core::write_number(*number_in(node), text);
  return text;
}

class EnsureBuilder {
 public:
  EnsureBuilder(const Fields& config, Building& building)
      : config_(config), building_(building), has_code_(config.find("processor") != nullptr) {}

  Ensure build(const Node& map) {
    const Fields fields(&map);
    abort_ = fields.boolean("abort").value_or(false);
    if (const auto after = fields.duration("abortAfter")) ensure_.abort_after = *after;
    for (const Node* limits : one_or_list(fields.find("thresholds"))) thresholds(*limits);
    for (const Node* condition : one_or_list(fields.find("conditions"))) {
      expression(Fields(condition));
    }
    for (const Entry& entry : map.entries) {
      const bool is_old = std::ranges::find(kOldKeys, entry.key) != kOldKeys.end();
      if (is_old && !entry.value.refused) response_time(entry.key, entry.value);
    }
    if (const Node* rate = fields.find("maxErrorRate"); rate && number_in(*rate)) error_rate(*rate);
    return std::move(ensure_);
  }

 private:
  // In the old keys a generation of the reference lets the limit itself pass.
  void response_time(const std::string& key, const Node& limit) {
    const bool up_to = building_.dialect.ensure_limit == EnsureLimit::kUpTo;
    const std::string rest = std::string(up_to ? " <= " : " < ") + number_text(limit);
    add(key + rest, quoted_name("http.response_time." + key) + rest, true, abort_);
  }

  void error_rate(const Node& limit) {
    const std::string rest = " <= " + number_text(limit);
    add("maxErrorRate" + rest, "(vusers.created - vusers.completed) / vusers.created * 100" + rest,
        true, abort_);
  }

  void thresholds(const Node& limits) {
    for (const Entry& entry : limits.entries) {
      if (entry.value.refused || !number_in(entry.value)) continue;
      check_name(entry.key, entry.key_span);
      const std::string rest = " < " + number_text(entry.value);
      add(entry.key + rest, quoted_name(entry.key) + rest, true, abort_);
    }
  }

  void expression(const Fields& fields) {
    const Node* const text = fields.find("expression");
    if (!text) return;
    const std::string source = text->text();
    const auto compiled = expr::Condition::compile(source, metric_words(source));
    if (!compiled) return report_error(compiled.error(), "expression", *text, building_);
    for (const expr::Condition::Name& name : compiled->names()) {
      core::Span place = place_in(*text, name.offset);
      if (text->verbatim) place.length = static_cast<std::uint32_t>(name.text.size());
      check_name(name.text, place);
    }
    const bool strict = fields.boolean("strict").value_or(true);
    add(source, source, strict, fields.boolean("abort").value_or(abort_ && strict));
  }

  // A name that nothing records is a slip, unless a processor may count it.
  void check_name(const std::string& name, const core::Span& place) {
    const MetricName parts = split_metric_name(name);
    const bool lacks_aggregation =
        parts.aggregation.empty() && is_known_metric(name + ".p95") && !is_known_metric(name);
    if (lacks_aggregation) {
      building_.report.error("metric-name", place,
                             quoted(name) + " is a histogram: say which figure of it",
                             "for example " + name + ".p95; also min, max, mean, median, count");
      return;
    }
    if (has_code_ || is_known_metric(name) || is_of_endpoints(name)) return;
    const std::string near = nearest_metric(name);
    building_.report.warning(
        "metric-name", place, "no part of this script records a metric " + quoted(name),
        near.empty() ? "the names are those of the report, for example http.response_time.p95"
                     : "did you mean " + quoted(near) + "?");
  }

  bool is_of_endpoints(const std::string& name) const {
    const auto space =
        config_.section("plugins").section("metrics-by-endpoint").text("metricsNamespace");
    return space && name.starts_with(*space);
  }

  void add(std::string text, std::string expression, bool strict, bool abort) {
    ensure_.conditions.push_back({.text = std::move(text),
                                  .expression = std::move(expression),
                                  .strict = strict,
                                  .abort = abort});
  }

  const Fields& config_;
  Building& building_;
  bool has_code_;
  bool abort_ = false;
  Ensure ensure_;
};

}  // namespace

Ensure build_ensure(const Fields& config, Building& building) {
  const Node* ensure = config.find("ensure");
  if (!ensure || !ensure->is_map()) ensure = config.section("plugins").find("ensure");
  if (!ensure || !ensure->is_map()) return {};
  return EnsureBuilder(config, building).build(*ensure);
}

}  // namespace slsart::script::detail
