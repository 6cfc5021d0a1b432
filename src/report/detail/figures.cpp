#include "report/detail/figures.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace slsart::report {

double rounded(double value, int decimals) {
  const double scale = std::pow(10, decimals);
  return std::floor(value * scale + 0.5) / scale;
}

Figures figures_of(const metrics::Histogram& histogram, int decimals) {
  constexpr double kScale = 1e6;  // nanoseconds of a millisecond, millionths of one
  const auto shown = [=](double value) { return rounded(value / kScale, decimals); };
  const auto at = [&](double q) { return shown(static_cast<double>(histogram.quantile(q))); };
  return {.count = histogram.count(),
          .min = shown(static_cast<double>(histogram.min())),
          .max = shown(static_cast<double>(histogram.max())),
          .mean = shown(histogram.mean()),
          .median = at(0.5),
          .p75 = at(0.75),
          .p90 = at(0.9),
          .p95 = at(0.95),
          .p99 = at(0.99),
          .p999 = at(0.999)};
}

Figures figures_of(const metrics::Snapshot& snapshot, std::string_view histogram, int decimals) {
  const metrics::Histogram* found = snapshot.histogram(histogram);
  return found == nullptr ? Figures{} : figures_of(*found, decimals);
}

bool is_own(std::string_view name) {
  return name.starts_with("slsart.");
}

double per_second(const metrics::Snapshot& snapshot, std::uint64_t count) {
  if (snapshot.empty()) return 0;
  const core::Duration span = std::max(*snapshot.last_event - *snapshot.first_event, core::kSecond);
  return static_cast<double>(count) / core::to_seconds(span);
}

metrics::Snapshot with_zeros(metrics::Snapshot snapshot) {
  if (snapshot.counters.contains("vusers.completed")) snapshot.counters["vusers.failed"] += 0;
  const auto first = snapshot.counters.lower_bound("apdex.");
  if (first != snapshot.counters.end() && first->first.starts_with("apdex.")) {
    for (const char* name : {"apdex.satisfied", "apdex.tolerated", "apdex.frustrated"}) {
      snapshot.counters[name] += 0;
    }
  }
  return snapshot;
}

std::vector<Slice> make_slices(const metrics::RunDocument& document, core::Duration offset,
                               core::Duration width) {
  std::map<std::int64_t, metrics::Snapshot> merged;  // by multiple of the width
  for (const metrics::Window& window : document.series) {
    merged[(offset + window.from_second * core::kSecond) / width].merge(window.snapshot);
  }
  std::vector<Slice> slices;
  for (auto& [multiple, snapshot] : merged) {
    slices.push_back({.from_milliseconds = multiple * width / core::kMillisecond,
                      .snapshot = std::move(snapshot)});
  }
  return slices;
}

std::int64_t epoch_milliseconds(core::WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

}  // namespace slsart::report
