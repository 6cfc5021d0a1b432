#include "metrics/collector.h"

#include <algorithm>
#include <limits>

namespace slsart::metrics {
namespace {

constexpr std::int64_t kFinished = std::numeric_limits<std::int64_t>::max();

std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

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
      if (has_data) add(sealed.interval.second, snapshot);
    });
  }
  age();
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

void Collector::add(std::int64_t second, const Snapshot& snapshot) {
  total_.merge(snapshot);
  fine_[second].merge(snapshot);
  newest_ = std::max(newest_, second);
}

// Moves what is older than kFineSeconds, also what a late worker just brought, to the coarse
// windows.
void Collector::age() {
  while (!fine_.empty() && fine_.begin()->first <= newest_ - kFineSeconds) {
    add_coarse(fine_.begin()->first, fine_.begin()->second);
    fine_.erase(fine_.begin());
  }
  while (coarse_.size() > kMaxCoarse) widen_coarse();
}

void Collector::add_coarse(std::int64_t second, const Snapshot& snapshot) {
  coarse_[floor_div(wall_second_ + second, coarse_width_)].merge(snapshot);
}

void Collector::widen_coarse() {
  coarse_width_ *= 2;
  std::map<std::int64_t, Snapshot> wider;
  while (!coarse_.empty()) {
    auto node = coarse_.extract(coarse_.begin());
    node.key() = floor_div(node.key(), 2);
    const auto found = wider.find(node.key());
    if (found == wider.end()) {
      wider.insert(wider.end(), std::move(node));
    } else {
      found->second.merge(node.mapped());
    }
  }
  coarse_ = std::move(wider);
}

std::vector<Window> Collector::series() const {
  std::vector<Window> windows;
  const std::int64_t fine_begin = std::max<std::int64_t>(newest_ - kFineSeconds + 1, 0);
  for (const auto& [multiple, snapshot] : coarse_) {
    const std::int64_t from = multiple * coarse_width_ - wall_second_;
    windows.push_back({.from_second = std::max<std::int64_t>(from, 0),
                       .to_second = std::min(from + coarse_width_, fine_begin),
                       .snapshot = snapshot});
  }
  for (const auto& [second, snapshot] : fine_) {
    windows.push_back({.from_second = second, .to_second = second + 1, .snapshot = snapshot});
  }
  return windows;
}

Snapshot Collector::between(std::int64_t from_second, std::int64_t to_second) const {
  Snapshot merged;
  for (auto it = fine_.lower_bound(from_second); it != fine_.end() && it->first < to_second; ++it) {
    merged.merge(it->second);
  }
  return merged;
}

std::int64_t Collector::newest_complete_second() const {
  if (until_.empty()) return -1;
  const std::int64_t until = *std::min_element(until_.begin(), until_.end());
  return until == kFinished ? newest_ : until - 1;
}

}  // namespace slsart::metrics
