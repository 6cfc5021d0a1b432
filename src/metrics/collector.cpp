#include "metrics/collector.h"

#include <algorithm>
#include <limits>

namespace slsart::metrics {
namespace {

constexpr std::int64_t kFinished = std::numeric_limits<std::int64_t>::max();

}  // namespace

Collector::Collector(const Registry& registry, std::vector<Recorder*> workers,
                     core::WallTime run_start)
    : registry_(registry),
      workers_(std::move(workers)),
      until_(workers_.size(), 0),
      wall_second_(std::chrono::floor<std::chrono::seconds>(run_start).time_since_epoch().count()) {
}

void Collector::collect() {
  for (std::size_t worker = 0; worker < workers_.size(); ++worker) {
    workers_[worker]->take_sealed([&](const Recorder::Sealed& sealed) {
      until_[worker] = sealed.interval.until_second;
      const Snapshot snapshot = to_snapshot(sealed);
      const bool has_data =
          !snapshot.counters.empty() || !snapshot.rates.empty() || !snapshot.histograms.empty();
      if (!has_data) return;
      total_.merge(snapshot);
      timeline_.at(wall_second_ + sealed.interval.second).merge(snapshot);
      newest_ = std::max(newest_, sealed.interval.second);
    });
  }
  timeline_.age();
}

Snapshot Collector::to_snapshot(const Recorder::Sealed& sealed) const {
  const Interval& interval = sealed.interval;
  Snapshot snapshot;
  const auto& counters = registry_.counters();
  for (std::size_t id = 0; id < interval.counters.size(); ++id) {
    if (interval.counters[id] == 0) continue;
    const auto& info =
        id < counters.size() ? counters[id] : sealed.late_counters[id - counters.size()];
    auto& target = info.kind == Kind::kRate ? snapshot.rates : snapshot.counters;
    target[info.name] += interval.counters[id];
  }
  const auto& histograms = registry_.histograms();
  for (std::size_t id = 0; id < interval.histograms.size(); ++id) {
    if (!interval.histograms[id] || interval.histograms[id]->count() == 0) continue;
    const auto& name =
        id < histograms.size() ? histograms[id] : sealed.late_histograms[id - histograms.size()];
    snapshot.histograms[name].merge(*interval.histograms[id]);
    if (const auto clamped = interval.histograms[id]->clamped(); clamped > 0) {
      snapshot.counters["slsart.histogram_clamped"] += clamped;
    }
  }
  if (!interval.empty) {
    snapshot.first_event = interval.first_event;
    snapshot.last_event = interval.last_event;
  }
  return snapshot;
}

std::vector<Window> Collector::series() const {
  std::vector<Window> windows;
  timeline_.for_each(wall_second_,
                     [&](std::int64_t from, std::int64_t to, const PackedSnapshot& cell) {
                       windows.push_back({.from_second = from - wall_second_,
                                          .to_second = to - wall_second_,
                                          .snapshot = cell.unpack()});
                     });
  return windows;
}

Snapshot Collector::between(std::int64_t from_second, std::int64_t to_second) const {
  Snapshot merged;
  const auto& fine = timeline_.fine();
  const auto end = fine.lower_bound(wall_second_ + to_second);
  for (auto it = fine.lower_bound(wall_second_ + from_second); it != end; ++it) {
    merged.merge(it->second.unpack());
  }
  return merged;
}

std::vector<Window> Collector::windows(std::int64_t from_second, std::int64_t to_second) const {
  std::vector<Window> windows;
  const auto& fine = timeline_.fine();
  const auto end = fine.lower_bound(wall_second_ + to_second);
  for (auto it = fine.lower_bound(wall_second_ + from_second); it != end; ++it) {
    const std::int64_t second = it->first - wall_second_;
    windows.push_back(
        {.from_second = second, .to_second = second + 1, .snapshot = it->second.unpack()});
  }
  return windows;
}

std::int64_t Collector::newest_complete_second() const {
  if (until_.empty()) return -1;
  const std::int64_t until = *std::min_element(until_.begin(), until_.end());
  return until == kFinished ? newest_ : until - 1;
}

}  // namespace slsart::metrics
