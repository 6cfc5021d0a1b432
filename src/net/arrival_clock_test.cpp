#include "net/arrival_clock.h"

#include <gtest/gtest.h>

namespace slsart::net {
namespace {

using core::Duration;
using core::kMicrosecond;
using core::kMillisecond;
using core::kSecond;

constexpr core::TimePoint kStart{1000 * kSecond};
constexpr Duration kDistance = 1'700'000'000 * kSecond;

// Both clocks `after` the start, the wall clock set forward by `step`.
ClockReading reading(Duration after, Duration step = {}) {
  const core::TimePoint steady = kStart + after;
  return {steady, core::WallTime(steady.time_since_epoch() + kDistance + step)};
}
core::WallTime stamp(Duration after, Duration step = {}) {
  return reading(after, step).wall;
}

class ArrivalClockTest : public testing::Test {
 protected:
  Duration arrival(core::WallTime at, const ClockReading& now, Duration since) {
    return clock.arrival(at, now, kStart + since) - kStart;
  }
  ArrivalClock clock{reading({})};
};

TEST_F(ArrivalClockTest, StampBecomesAnInstantOfTheSteadyClock) {
  EXPECT_EQ(arrival(stamp(7 * kMillisecond), reading(57 * kMillisecond), kMillisecond),
            7 * kMillisecond);
}

TEST_F(ArrivalClockTest, ReadingTheClocksOneAfterTheOtherIsNoStep) {
  EXPECT_EQ(arrival(stamp(7 * kMillisecond), reading(57 * kMillisecond, -kMicrosecond), {}),
            7 * kMillisecond + kMicrosecond);
}

TEST_F(ArrivalClockTest, NothingArrivesLaterThanNow) {
  EXPECT_EQ(arrival(stamp(9 * kMillisecond), reading(8 * kMillisecond), {}), 8 * kMillisecond);
}

TEST_F(ArrivalClockTest, StampAcrossAStepOfTheWallClockIsNotBelieved) {
  for (const Duration step : {3600 * kSecond, -3600 * kSecond, 5 * kMillisecond, -kMillisecond}) {
    clock = ArrivalClock(reading({}));
    EXPECT_EQ(arrival(stamp(7 * kMillisecond), reading(57 * kMillisecond, step), kMillisecond),
              57 * kMillisecond);
  }
}

// The step is known from the first use after it; other bytes of the same wait may be from before.
TEST_F(ArrivalClockTest, StampsAreBelievedAgainWhenAllIsFromAfterTheStep) {
  const Duration step = 5 * kSecond;
  arrival(stamp(7 * kMillisecond), reading(57 * kMillisecond, step), kMillisecond);
  EXPECT_EQ(arrival(stamp(8 * kMillisecond), reading(58 * kMillisecond, step), kMillisecond),
            58 * kMillisecond);
  EXPECT_EQ(
      arrival(stamp(60 * kMillisecond, step), reading(70 * kMillisecond, step), 59 * kMillisecond),
      60 * kMillisecond);
}

TEST(ReadClocks, BothAreReadAtOneInstant) {
  const ClockReading first = read_clocks();
  const ClockReading second = read_clocks();
  EXPECT_LE(first.steady, second.steady);
  const core::TimePoint now = core::SystemClock().now();
  EXPECT_LE(second.steady, now);
}

}  // namespace
}  // namespace slsart::net
