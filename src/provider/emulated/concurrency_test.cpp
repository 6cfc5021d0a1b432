#include "provider/emulated/concurrency.h"

#include <gtest/gtest.h>

namespace slsart::provider::emulated {
namespace {

using Verdict = Concurrency::Verdict;
constexpr core::TimePoint kStart{std::chrono::seconds(100)};

TEST(Concurrency, ReservedIsTheFunctionsOwnLimit) {
  Concurrency concurrency({.account = 10, .reserved = 2, .per_ten_s = 100}, kStart);
  EXPECT_EQ(concurrency.start(kStart, true), Verdict::kStarts);
  EXPECT_EQ(concurrency.start(kStart, true), Verdict::kStarts);
  EXPECT_EQ(concurrency.start(kStart, true), Verdict::kReservedLimit);
  concurrency.end();
  EXPECT_EQ(concurrency.start(kStart, false), Verdict::kStarts);
  concurrency.set_limits({.account = 10, .reserved = 0, .per_ten_s = 100});
  concurrency.end();
  EXPECT_EQ(concurrency.start(kStart, false), Verdict::kReservedLimit) << "0 lets nothing start";
  EXPECT_EQ(concurrency.active(), 1u) << "what runs goes on";
}

TEST(Concurrency, WithoutReservationTheAccountIsTheLimit) {
  Concurrency concurrency({.account = 1, .reserved = {}, .per_ten_s = 100}, kStart);
  EXPECT_EQ(concurrency.start(kStart, true), Verdict::kStarts);
  EXPECT_EQ(concurrency.start(kStart, true), Verdict::kAccountLimit);
}

TEST(Concurrency, NewEnvironmentsComeAtTheScalingRate) {
  Concurrency concurrency({.account = 100'000, .reserved = {}, .per_ten_s = 1000}, kStart);
  const auto started_at = [&](core::Duration after) {
    int started = 0;
    while (concurrency.start(kStart + after, true) == Verdict::kStarts) ++started;
    return started;
  };
  EXPECT_EQ(started_at(core::Duration(0)), 1000);
  EXPECT_EQ(concurrency.start(kStart, false), Verdict::kStarts) << "idle ones need no new one";
  EXPECT_EQ(started_at(std::chrono::seconds(1)), 100);
  EXPECT_EQ(started_at(std::chrono::milliseconds(1005)), 0);
  EXPECT_EQ(started_at(std::chrono::milliseconds(1010)), 1) << "parts add up";
  EXPECT_EQ(started_at(std::chrono::hours(1)), 1000) << "not saved up";
}

}  // namespace
}  // namespace slsart::provider::emulated
