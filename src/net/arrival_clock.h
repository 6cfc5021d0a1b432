#pragma once

#include "core/time.h"

namespace slsart::net {

// Both clocks, read at one instant.
struct ClockReading {
  core::TimePoint steady;
  core::WallTime wall;
};

// Reads both, the one between two readings of the other; again when something came between.
ClockReading read_clocks();

// Turns the wall clock's time stamps, which the kernel puts on what it receives, into instants of
// the steady clock. The distance of the two clocks changes only when somebody sets the wall clock
// (an adjustment of its speed moves both), so it is compared with the last one at each use; a stamp
// that may be from before such a step is not believed.
class ArrivalClock {
 public:
  explicit ArrivalClock(const ClockReading& first) : trusted_since_(first.steady) {
    distance_ = distance_of(first);
  }

  // When bytes came that have this stamp. `now`: the clocks, read after the bytes were. `since`: an
  // instant before they came. Answers now.steady when the stamp cannot be believed; never later
  // than that.
  core::TimePoint arrival(core::WallTime stamp, const ClockReading& now, core::TimePoint since);

 private:
  static core::Duration distance_of(const ClockReading& reading) {
    return reading.wall.time_since_epoch() - reading.steady.time_since_epoch();
  }

  core::Duration distance_{};  // wall clock minus steady clock
  core::TimePoint trusted_since_;
};

}  // namespace slsart::net
