#include "metrics/collector.h"

#include <gtest/gtest.h>

namespace slsart::metrics {
namespace {

using core::TimePoint;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kStart{seconds(100)};

class CollectorTest : public testing::Test {
 protected:
  void tick(Recorder& recorder, std::int64_t second, std::uint64_t by = 1) const {
    recorder.advance(kStart + seconds(second));
    recorder.count(requests, by);
    recorder.record(latency, milliseconds(second + 1));
  }

  Registry registry;
  CounterId requests = registry.counter("http.requests");
  CounterId rate = registry.rate("http.request_rate");
  HistogramId latency = registry.histogram("http.response_time");
  Recorder a{registry, kStart};
  Recorder b{registry, kStart};
};

TEST_F(CollectorTest, MergesTheWorkersSecondBySecond) {
  Collector collector(registry, {&a, &b});
  tick(a, 0, 2);
  tick(b, 0, 3);
  a.count(rate, 7);
  tick(a, 1, 5);
  tick(b, 2, 1);
  a.finish();
  b.finish();
  collector.collect();
  const auto series = collector.series();
  ASSERT_EQ(series.size(), 3u);
  EXPECT_EQ(series[0].from_second, 0);
  EXPECT_EQ(series[0].to_second, 1);
  EXPECT_EQ(series[0].snapshot.counter("http.requests"), 5u);
  EXPECT_EQ(series[0].snapshot.rates.at("http.request_rate"), 7u);
  EXPECT_EQ(series[1].snapshot.counter("http.requests"), 5u);
  EXPECT_EQ(series[2].snapshot.counter("http.requests"), 1u);
  EXPECT_EQ(collector.total().counter("http.requests"), 11u);
  ASSERT_NE(collector.total().histogram("http.response_time"), nullptr);
  EXPECT_EQ(collector.total().histogram("http.response_time")->count(), 4u);
  EXPECT_EQ(collector.total().first_event, seconds(0));
  EXPECT_EQ(collector.total().last_event, seconds(2));
}

TEST_F(CollectorTest, LateNamesOfSeveralWorkersMeetUnderTheirName) {
  Collector collector(registry, {&a, &b});
  a.count(a.late_counter("errors.x"));
  b.count(b.late_counter("errors.y"));
  b.count(b.late_counter("errors.x"));
  b.record_value(b.late_histogram("mine"), 1);
  a.finish();
  b.finish();
  collector.collect();
  EXPECT_EQ(collector.total().counter("errors.x"), 2u);
  EXPECT_EQ(collector.total().counter("errors.y"), 1u);
  EXPECT_NE(collector.total().histogram("mine"), nullptr);
}

TEST_F(CollectorTest, ClampedValuesAreCounted) {
  Collector collector(registry, {&a});
  a.record(latency, std::chrono::hours(2));
  a.record(latency, std::chrono::hours(1));
  a.finish();
  collector.collect();
  EXPECT_EQ(collector.total().counter("slsart.histogram_clamped"), 1u);
}

TEST_F(CollectorTest, ASecondIsCompleteWhenEveryWorkerIsPastIt) {
  Collector collector(registry, {&a, &b});
  EXPECT_EQ(collector.newest_complete_second(), -1);
  tick(a, 0);
  tick(a, 3);
  collector.collect();
  EXPECT_EQ(collector.newest_complete_second(), -1);
  tick(b, 2);
  collector.collect();
  EXPECT_EQ(collector.newest_complete_second(), 1);
  b.finish();
  collector.collect();
  EXPECT_EQ(collector.newest_complete_second(), 2);
  a.finish();
  collector.collect();
  EXPECT_EQ(collector.newest_complete_second(), 3);
}

TEST_F(CollectorTest, BetweenMergesOnlyTheSecondsAskedFor) {
  Collector collector(registry, {&a});
  for (int second = 0; second < 10; ++second) {
    tick(a, second, 1);
    collector.collect();
  }
  EXPECT_EQ(collector.between(2, 5).counter("http.requests"), 3u);
  EXPECT_TRUE(collector.between(20, 30).empty());
}

TEST_F(CollectorTest, OldSecondsBecomeCoarseWindowsAndNothingIsLost) {
  Collector collector(registry, {&a});
  for (int second = 0; second < 300; ++second) {
    tick(a, second, 1);
    collector.collect();
  }
  a.finish();
  collector.collect();
  const auto series = collector.series();
  EXPECT_EQ(series.size(), 24u + 60u);
  std::uint64_t sum = 0;
  std::int64_t before = 0;
  for (const Window& window : series) {
    EXPECT_EQ(window.from_second, before);
    EXPECT_EQ(window.snapshot.counter("http.requests"),
              static_cast<std::uint64_t>(window.to_second - window.from_second));
    before = window.to_second;
    sum += window.snapshot.counter("http.requests");
  }
  EXPECT_EQ(before, 300);
  EXPECT_EQ(sum, 300u);
}

TEST_F(CollectorTest, CoarseWindowsFollowTheWallClockWhenAsked) {
  Collector collector(registry, {&a}, core::WallTime(seconds(1003) + milliseconds(500)));
  for (int second = 0; second < 200; ++second) {
    tick(a, second, 1);
    collector.collect();
  }
  const auto series = collector.series();
  EXPECT_EQ(series[0].from_second, 0);
  EXPECT_EQ(series[0].to_second, 7);
  EXPECT_EQ(series[0].snapshot.counter("http.requests"), 7u);
  EXPECT_EQ(series[1].from_second, 7);
  EXPECT_EQ(series[1].to_second, 17);
}

TEST_F(CollectorTest, AVeryLongRunKeepsABoundedNumberOfWindows) {
  Collector collector(registry, {&a});
  constexpr std::int64_t kSeconds = 25'000;
  for (std::int64_t second = 0; second < kSeconds; ++second) {
    a.advance(kStart + seconds(second));
    a.count(requests);
    collector.collect();
  }
  a.finish();
  collector.collect();
  const auto series = collector.series();
  EXPECT_LE(series.size(), Timeline<Snapshot>::kMaxCoarse + Timeline<Snapshot>::kFineSeconds);
  std::uint64_t sum = 0;
  for (const Window& window : series) sum += window.snapshot.counter("http.requests");
  EXPECT_EQ(sum, static_cast<std::uint64_t>(kSeconds));
}

TEST_F(CollectorTest, ALateWorkersOldSecondGoesWhereItBelongs) {
  Collector collector(registry, {&a, &b});
  tick(b, 5, 1000);
  for (int second = 0; second < 200; ++second) {
    tick(a, second, 1);
    collector.collect();
  }
  b.finish();
  collector.collect();
  EXPECT_EQ(collector.series()[0].snapshot.counter("http.requests"), 1010u);
  EXPECT_EQ(collector.total().counter("http.requests"), 199u + 1000u);
}

}  // namespace
}  // namespace slsart::metrics
