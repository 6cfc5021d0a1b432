#pragma once

#include "core/time.h"
#include "run/store.h"

namespace slsart::run::fleet {

// The time that all of a run agree on: the own clock, unless it is more than kTolerance off the
// store's; then the store's. (Stores tell whole seconds, so a good own clock is the better one.)
// One thread.
class StoreClock {
 public:
  static constexpr core::Duration kTolerance = std::chrono::seconds(2);

  explicit StoreClock(const core::Clock& clock) : clock_(clock) {}
  // Compares the clocks. Call right after a call to the store was answered.
  void compare(const Store& store);

  core::WallTime now() const { return clock_.wall_now() + offset_; }
  // The monotonic time at which the store's clock shows `time`.
  core::TimePoint to_steady(core::WallTime time) const { return clock_.now() + (time - now()); }
  core::Duration offset() const { return offset_; }  // zero unless the own clock is off
  const core::Clock& own() const { return clock_; }

 private:
  const core::Clock& clock_;
  core::Duration offset_{};
};

inline void StoreClock::compare(const Store& store) {
  const auto theirs = store.store_time();
  if (!theirs) return;
  const core::Duration off = *theirs - clock_.wall_now();
  offset_ = off > kTolerance || off < -kTolerance ? off : core::Duration::zero();
}

// The system's clocks, the wall clock moved: for tests that a machine's time is wrong
// (SLSART_CLOCK_OFFSET of the emulated provider).
class OffsetClock final : public core::Clock {
 public:
  explicit OffsetClock(core::Duration offset) : offset_(offset) {}
  core::TimePoint now() const override { return system_.now(); }
  core::WallTime wall_now() const override { return system_.wall_now() + offset_; }

 private:
  core::SystemClock system_;
  core::Duration offset_;
};

}  // namespace slsart::run::fleet
