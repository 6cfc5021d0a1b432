#include "report/ensure.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include "core/rng.h"
#include "expr/condition.h"
#include "report/detail/figures.h"
#include "script/metric_names.h"

namespace slsart::report {
namespace {

using core::Value;

std::optional<double> figure_of(const metrics::Histogram& histogram, std::string_view aggregation) {
  if (histogram.count() == 0) return std::nullopt;
  constexpr double kScale = 1e6;  // as figures_of()
  if (const double q = script::quantile_of(aggregation); q >= 0) {
    return rounded(static_cast<double>(histogram.quantile(q)) / kScale, kDecimals);
  }
  const Figures figures = figures_of(histogram);
  if (aggregation == "min") return figures.min;
  if (aggregation == "max") return figures.max;
  if (aggregation == "mean") return figures.mean;
  if (aggregation == "median") return figures.median;
  return static_cast<double>(figures.count);
}

// What a name stands for; undefined: nothing of that name was measured.
Value value_of(const metrics::Snapshot& total, std::string_view name) {
  if (const auto found = total.counters.find(name); found != total.counters.end()) {
    return Value(found->second);
  }
  if (const auto found = total.rates.find(name); found != total.rates.end()) {
    return Value(static_cast<std::int64_t>(std::llround(per_second(total, found->second))));
  }
  if (name == "apdex") {
    const std::optional<double> score = apdex_score(total);
    return score ? Value(*score) : Value();
  }
  const script::MetricName parts = script::split_metric_name(name);
  if (const metrics::Histogram* histogram = total.histogram(parts.metric)) {
    const auto figure = figure_of(*histogram, parts.aggregation);
    return figure ? Value(*figure) : Value();
  }
  return script::is_known_counter(name) ? Value(0) : Value();
}

// Every name of the result, so that an expression may hold it as it is.
std::vector<std::string> names_in(const metrics::Snapshot& total, const std::string& expression) {
  std::vector<std::string> names = script::metric_words(expression);
  for (const auto& [name, count] : total.counters) names.push_back(name);
  for (const auto& [name, count] : total.rates) names.push_back(name);
  for (const auto& [name, histogram] : total.histograms) {
    std::size_t at = expression.find(name + ".");
    for (; at != std::string::npos; at = expression.find(name + ".", at + 1)) {
      // The figure behind it: "p99.9".
      const std::size_t begin = at + name.size() + 1;
      std::size_t end = begin;
      while (end < expression.size() &&
             (std::isalnum(static_cast<unsigned char>(expression[end])) != 0 ||
              expression[end] == '.')) {
        ++end;
      }
      names.push_back(expression.substr(at, end - at));
    }
  }
  return names;
}

std::string measured_text(std::span<const expr::Condition::Name> names,
                          const std::vector<Value>& values) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!out.empty()) out += ", ";
    if (values[i].is_undefined()) {
      out += "nothing was measured as " + names[i].text;
      continue;
    }
    if (names.size() > 1) out += names[i].text + " = ";
    core::write_text(values[i], out);
  }
  return out;
}

metrics::Check judge(const script::EnsureCondition& condition, const metrics::Snapshot& total) {
  metrics::Check check{.text = condition.text,
                       .passed = false,
                       .strict = condition.strict,
                       .measured = {},
                       .expression = condition.expression};
  const auto compiled =
      expr::Condition::compile(condition.expression, names_in(total, condition.expression));
  if (!compiled) {
    check.measured = compiled.error().message;
    return check;
  }
  std::vector<Value> values;
  for (const expr::Condition::Name& name : compiled->names()) {
    values.push_back(value_of(total, name.text));
  }
  std::vector<const Value*> pointers;
  for (const Value& value : values) pointers.push_back(&value);
  core::Rng rng(0);
  check.passed = compiled->evaluate(pointers, rng).is_truthy();
  check.measured = measured_text(compiled->names(), values);
  return check;
}

}  // namespace

std::vector<metrics::Check> judge_ensure(const script::Ensure& ensure,
                                         const metrics::Snapshot& total) {
  std::vector<metrics::Check> checks;
  for (const script::EnsureCondition& condition : ensure.conditions) {
    checks.push_back(judge(condition, total));
  }
  return checks;
}

void judge_again(metrics::RunDocument& document) {
  for (metrics::Check& check : document.checks) {
    if (check.expression.empty()) continue;
    check = judge({.text = check.text, .expression = check.expression, .strict = check.strict},
                  document.total);
  }
}

std::optional<metrics::Check> find_breach(const script::Ensure& ensure,
                                          const metrics::Snapshot& so_far, core::Duration elapsed) {
  const auto aborts = [](const script::EnsureCondition& condition) { return condition.abort; };
  if (elapsed < ensure.abort_after || std::ranges::none_of(ensure.conditions, aborts)) {
    return std::nullopt;
  }
  metrics::Snapshot hopeful = so_far;
  const std::uint64_t ended =
      so_far.counter("vusers.failed") + so_far.counter("slsart.users_unfinished");
  const std::uint64_t created = so_far.counter("vusers.created");
  hopeful.counters["vusers.completed"] = created - std::min(created, ended);
  for (const script::EnsureCondition& condition : ensure.conditions) {
    if (!condition.abort) continue;
    metrics::Check check = judge(condition, hopeful);
    if (!check.passed) return check;
  }
  return std::nullopt;
}

std::vector<Expected> expectations_of(const metrics::Snapshot& total) {
  std::map<std::string, Expected> by_text;
  const auto take = [&](std::string_view family, std::uint64_t Expected::*count) {
    for (auto at = total.counters.lower_bound(family);
         at != total.counters.end() && at->first.starts_with(family); ++at) {
      const std::string text = at->first.substr(family.size());
      by_text[text].text = text;
      by_text[text].*count += at->second;
    }
  };
  take("slsart.expect.ok.", &Expected::ok);
  take("slsart.expect.failed.", &Expected::failed);
  std::vector<Expected> all;
  for (auto& [text, one] : by_text) all.push_back(std::move(one));
  return all;
}

std::optional<double> apdex_score(const metrics::Snapshot& total) {
  const auto satisfied = static_cast<double>(total.counter("apdex.satisfied"));
  const auto tolerated = static_cast<double>(total.counter("apdex.tolerated"));
  const auto frustrated = static_cast<double>(total.counter("apdex.frustrated"));
  const double all = satisfied + tolerated + frustrated;
  if (all == 0) return std::nullopt;
  return (satisfied + tolerated / 2) / all;
}

std::string_view apdex_rank(double score) {
  if (score >= 0.94) return "excellent";
  if (score >= 0.85) return "good";
  if (score >= 0.7) return "fair";
  if (score >= 0.49) return "poor";
  return "unacceptable";
}

}  // namespace slsart::report
