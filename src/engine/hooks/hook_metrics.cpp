// Hot path: see architecture §9
#include "engine/hooks/hook_metrics.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace slsart::engine {

using core::Value;

void HookMetrics::take(const Value& frame) {
  if (const Value* names = frame.find("m")) take_names(*names);
  if (const Value* counts = frame.find("c")) take_counts(*counts);
  if (const Value* samples = frame.find("h")) take_samples(*samples);
}

void HookMetrics::take_names(const Value& list) {
  constexpr std::int64_t kMost = 100'000;
  if (!list.is_list()) return;
  for (const Value& item : list.as_list()) {
    if (!item.is_list() || item.as_list().size() != 3) continue;
    const Value::List& parts = item.as_list();
    if (parts[0].kind() != Value::Kind::kInteger || !parts[1].is_string() || !parts[2].is_string())
      continue;
    const std::int64_t number = parts[0].as_integer();
    if (number < 0 || number > kMost) continue;
    if (metrics_.size() <= static_cast<std::size_t>(number))
      metrics_.resize(static_cast<std::size_t>(number) + 1);
    const std::string& kind = parts[1].as_string();
    const std::string& name = parts[2].as_string();
    Metric& metric = metrics_[static_cast<std::size_t>(number)];
    if (kind == "h") {
      metric = {Metric::Kind::kHistogram, recorder_.late_histogram(name).index};
    } else {
      const std::string full = kind == "e" ? "errors." + name : name;
      const auto counted = kind == "r" ? metrics::Kind::kRate : metrics::Kind::kCounter;
      metric = {Metric::Kind::kCounter, recorder_.late_counter(full, counted).index};
    }
  }
}

void HookMetrics::take_counts(const Value& list) {
  if (!list.is_list()) return;
  const Value::List& items = list.as_list();
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].kind() != Value::Kind::kInteger || items[i + 1].kind() != Value::Kind::kInteger)
      continue;
    const std::int64_t number = items[i].as_integer();
    const std::int64_t by = items[i + 1].as_integer();
    if (number < 0 || number >= static_cast<std::int64_t>(metrics_.size()) || by < 0) continue;
    const Metric& metric = metrics_[static_cast<std::size_t>(number)];
    if (metric.kind == Metric::Kind::kCounter)
      recorder_.count(metrics::CounterId{metric.index}, static_cast<std::uint64_t>(by));
  }
}

void HookMetrics::take_samples(const Value& list) {
  constexpr double kMost = 4e12;  // milliseconds; above, a histogram has only one bucket
  if (!list.is_list()) return;
  for (const Value& item : list.as_list()) {
    if (!item.is_list() || item.as_list().empty()) continue;
    const Value::List& values = item.as_list();
    if (values[0].kind() != Value::Kind::kInteger) continue;
    const std::int64_t number = values[0].as_integer();
    if (number < 0 || number >= static_cast<std::int64_t>(metrics_.size())) continue;
    const Metric& metric = metrics_[static_cast<std::size_t>(number)];
    if (metric.kind != Metric::Kind::kHistogram) continue;
    for (std::size_t i = 1; i < values.size(); ++i) {
      if (!values[i].is_number()) continue;
      const double value = std::clamp(values[i].as_number(), 0.0, kMost);
      recorder_.record_value(metrics::HistogramId{metric.index}, std::llround(value * 1e6));
    }
  }
}

}  // namespace slsart::engine
