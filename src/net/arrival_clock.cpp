#include "net/arrival_clock.h"

#include <time.h>

#include <algorithm>

namespace slsart::net {

namespace {

// Differences up to this are those of reading two clocks one after the other.
constexpr core::Duration kNoise = 10 * core::kMicrosecond;
constexpr core::Duration kNarrow = core::kMicrosecond;
constexpr int kMostReadings = 4;

core::Duration read_clock(clockid_t which) {
  timespec t;
  clock_gettime(which, &t);
  return core::Duration(t.tv_sec * 1'000'000'000LL + t.tv_nsec);
}

}  // namespace

ClockReading read_clocks() {
  ClockReading best{};
  core::Duration width = core::Duration::max();
  for (int i = 0; i < kMostReadings && width > kNarrow; ++i) {
    const core::Duration before = read_clock(CLOCK_MONOTONIC);
    const core::Duration wall = read_clock(CLOCK_REALTIME);
    const core::Duration after = read_clock(CLOCK_MONOTONIC);
    if (after - before >= width) continue;
    width = after - before;
    best = {.steady = core::TimePoint(before + width / 2), .wall = core::WallTime(wall)};
  }
  return best;
}

core::TimePoint ArrivalClock::arrival(core::WallTime stamp, const ClockReading& now,
                                      core::TimePoint since) {
  const core::Duration distance = distance_of(now);
  const core::Duration change = distance - distance_;
  if (change > kNoise || change < -kNoise) {
    distance_ = distance;
    trusted_since_ = now.steady;
  }
  if (since < trusted_since_) return now.steady;
  return std::min(core::TimePoint(stamp.time_since_epoch() - distance), now.steady);
}

}  // namespace slsart::net
