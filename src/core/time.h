#pragma once

#include <chrono>
#include <cstdint>

namespace slsart::core {

// All times are integers of nanoseconds. TimePoint is monotonic (CLOCK_MONOTONIC); WallTime is only
// for display and for agreeing on a start between machines.
using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

inline constexpr Duration kSecond = std::chrono::seconds(1);
inline constexpr Duration kMillisecond = std::chrono::milliseconds(1);
inline constexpr Duration kMicrosecond = std::chrono::microseconds(1);

// For statistics and display only.
inline double to_seconds(Duration d) {
  return static_cast<double>(d.count()) / 1e9;
}
inline double to_milliseconds(Duration d) {
  return static_cast<double>(d.count()) / 1e6;
}

// The seam to time. One reading serves all decisions made for one event.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  virtual WallTime wall_now() const = 0;
};

// The real clocks. Any thread.
class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
  WallTime wall_now() const override;
};

// A clock that stands still until told otherwise; both clocks move together.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start = TimePoint(kSecond), WallTime wall = WallTime(kSecond))
      : now_(start), wall_(wall) {}
  TimePoint now() const override { return now_; }
  WallTime wall_now() const override { return wall_; }
  void advance(Duration by) {
    now_ += by;
    wall_ += by;
  }

 private:
  TimePoint now_;
  WallTime wall_;
};

}  // namespace slsart::core
