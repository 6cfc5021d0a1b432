#include "metrics/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <map>
#include <thread>

namespace slsart::metrics {
namespace {

using core::TimePoint;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr TimePoint kStart{seconds(100)};

// What take_sealed() handed out, kept.
struct Taken {
  std::int64_t second;
  std::int64_t until_second;
  bool empty;
  nanoseconds first_event;
  nanoseconds last_event;
  std::map<std::string, std::uint64_t> counters;
  std::map<std::string, std::uint64_t> samples;
};

std::vector<Taken> take(Recorder& recorder, const Registry& registry) {
  std::vector<Taken> all;
  recorder.take_sealed([&](const Recorder::Sealed& sealed) {
    const Interval& interval = sealed.interval;
    Taken one{interval.second,
              interval.until_second,
              interval.empty,
              interval.first_event,
              interval.last_event,
              {},
              {}};
    for (std::size_t i = 0; i < interval.counters.size(); ++i) {
      const std::size_t known = registry.counters().size();
      const auto& info = i < known ? registry.counters()[i] : sealed.late_counters[i - known];
      if (interval.counters[i] != 0) one.counters[info.name] = interval.counters[i];
    }
    for (std::size_t i = 0; i < interval.histograms.size(); ++i) {
      const std::size_t known = registry.histograms().size();
      const auto& name = i < known ? registry.histograms()[i] : sealed.late_histograms[i - known];
      const auto& histogram = interval.histograms[i];
      if (histogram && histogram->count() != 0) one.samples[name] = histogram->count();
    }
    all.push_back(one);
  });
  return all;
}

using Counts = std::map<std::string, std::uint64_t>;

class RecorderTest : public testing::Test {
 protected:
  Registry registry;
  CounterId requests = registry.counter("http.requests");
  CounterId rate = registry.rate("http.request_rate");
  HistogramId latency = registry.histogram("http.response_time");
  HistogramId lag = registry.histogram("slsart.loop_lag");
};

TEST_F(RecorderTest, RegistryGivesTheSameIdForTheSameName) {
  EXPECT_EQ(registry.counter("http.requests").index, requests.index);
  EXPECT_EQ(registry.histogram("slsart.loop_lag").index, lag.index);
  EXPECT_EQ(registry.counters().size(), 2u);
  EXPECT_EQ(registry.counters()[rate.index].kind, Kind::kRate);
}

TEST_F(RecorderTest, SealsASecondWhenItIsOver) {
  Recorder recorder(registry, kStart);
  recorder.advance(kStart + milliseconds(10));
  recorder.count(requests);
  recorder.advance(kStart + milliseconds(999));
  recorder.count(requests, 2);
  recorder.record(latency, milliseconds(5));
  EXPECT_THAT(take(recorder, registry), testing::IsEmpty());
  recorder.advance(kStart + seconds(1));
  recorder.count(requests);
  const auto taken = take(recorder, registry);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].second, 0);
  EXPECT_EQ(taken[0].until_second, 1);
  EXPECT_EQ(taken[0].counters, (Counts{{"http.requests", 3}}));
  EXPECT_EQ(taken[0].samples, (Counts{{"http.response_time", 1}}));
  EXPECT_EQ(taken[0].first_event, milliseconds(10));
  EXPECT_EQ(taken[0].last_event, milliseconds(999));
}

TEST_F(RecorderTest, TimesBeforeTheStartCountIntoSecondZero) {
  Recorder recorder(registry, kStart);
  recorder.advance(kStart - seconds(3));
  recorder.count(requests);
  recorder.finish();
  const auto taken = take(recorder, registry);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].second, 0);
  EXPECT_EQ(taken[0].first_event, nanoseconds(0));
}

TEST_F(RecorderTest, SkippedSecondsAreComplete) {
  Recorder recorder(registry, kStart);
  recorder.advance(kStart + seconds(7));
  recorder.finish();
  const auto taken = take(recorder, registry);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].until_second, 7);
  EXPECT_EQ(taken[1].second, 7);
  EXPECT_EQ(taken[1].until_second, std::numeric_limits<std::int64_t>::max());
}

TEST_F(RecorderTest, OwnHistogramsAreNoEvents) {
  Recorder recorder(registry, kStart);
  recorder.advance(kStart + milliseconds(1));
  recorder.record(lag, milliseconds(1));
  recorder.finish();
  const auto taken = take(recorder, registry);
  EXPECT_TRUE(taken[0].empty);
  EXPECT_EQ(taken[0].samples, (Counts{{"slsart.loop_lag", 1}}));
}

TEST_F(RecorderTest, ReusedIntervalsStartEmpty) {
  Recorder recorder(registry, kStart);
  for (int second = 0; second < 12; ++second) {
    recorder.advance(kStart + seconds(second));
    if (second < 8) recorder.count(requests);
    if (second < 8) recorder.record(latency, milliseconds(1));
    for (const Taken& one : take(recorder, registry)) {
      EXPECT_EQ(one.second, second - 1);
      EXPECT_EQ(one.counters, second <= 8 ? (Counts{{"http.requests", 1}}) : Counts{});
      EXPECT_EQ(one.empty, second > 8);
      EXPECT_EQ(one.samples.size(), second <= 8 ? 1u : 0u);
    }
  }
}

TEST_F(RecorderTest, ALateCollectorMakesIntervalsCoarserButLosesNothing) {
  Recorder recorder(registry, kStart);
  for (int second = 0; second < 20; ++second) {
    recorder.advance(kStart + seconds(second));
    recorder.count(requests);
    recorder.record(latency, milliseconds(1));
  }
  auto taken = take(recorder, registry);
  ASSERT_FALSE(taken.empty());
  recorder.advance(kStart + seconds(20));
  recorder.count(requests);
  recorder.finish();
  for (const Taken& one : take(recorder, registry)) taken.push_back(one);
  std::uint64_t counted = 0;
  std::uint64_t samples = 0;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    counted += taken[i].counters["http.requests"];
    samples += taken[i].samples["http.response_time"];
    if (i > 0) {
      EXPECT_GT(taken[i].second, taken[i - 1].second);
    }
  }
  EXPECT_EQ(counted, 21u);
  EXPECT_EQ(samples, 20u);
  EXPECT_EQ(taken.back().second, 20);
}

TEST_F(RecorderTest, LateNamesAreHandedOverWithTheInterval) {
  Recorder recorder(registry, kStart);
  recorder.advance(kStart);
  const CounterId late = recorder.late_counter("http.codes.418");
  recorder.count(late);
  recorder.record_value(recorder.late_histogram("my.size"), 2'000'000);
  EXPECT_EQ(recorder.late_counter("http.codes.418").index, late.index);
  EXPECT_EQ(recorder.late_counter("http.requests").index, requests.index);
  recorder.finish();
  const auto taken = take(recorder, registry);
  EXPECT_EQ(taken[0].counters, (Counts{{"http.codes.418", 1}}));
  EXPECT_EQ(taken[0].samples, (Counts{{"my.size", 1}}));
  EXPECT_FALSE(taken[0].empty);
}

TEST_F(RecorderTest, TooManyLateNamesShareOne) {
  Recorder recorder(registry, kStart);
  for (std::size_t i = 0; i < Recorder::kMaxLateNames + 50; ++i) {
    recorder.count(recorder.late_counter("errors." + std::to_string(i)));
  }
  recorder.finish();
  const auto taken = take(recorder, registry);
  EXPECT_EQ(taken[0].counters.size(), Recorder::kMaxLateNames + 1);
  EXPECT_EQ(taken[0].counters.at("slsart.other"), 50u);
}

TEST_F(RecorderTest, LongNamesAreCutBetweenCharacters) {
  Recorder recorder(registry, kStart);
  const std::string name = std::string(Recorder::kMaxNameBytes - 1, 'x') + "\u00e9tat";
  recorder.count(recorder.late_counter(name));
  recorder.finish();
  const auto taken = take(recorder, registry);
  EXPECT_EQ(taken[0].counters.begin()->first, std::string(Recorder::kMaxNameBytes - 1, 'x'));
}

TEST_F(RecorderTest, AnotherThreadTakesWhileTheWorkerRecords) {
  Recorder recorder(registry, kStart);
  std::atomic<bool> done{false};
  constexpr int kSteps = 20000;
  std::thread worker([&] {
    for (int step = 0; step < kSteps; ++step) {
      recorder.advance(kStart + milliseconds(20) * step);
      recorder.count(requests);
      recorder.record(latency, nanoseconds(step));
      recorder.count(recorder.late_counter("errors." + std::to_string(step % 97)));
    }
    recorder.finish();
    done = true;
  });
  std::uint64_t counted = 0;
  std::uint64_t errors = 0;
  std::uint64_t samples = 0;
  for (bool last = false; !last;) {
    last = done;
    for (const Taken& one : take(recorder, registry)) {
      for (const auto& [name, count] : one.counters) {
        (name == "http.requests" ? counted : errors) += count;
      }
      for (const auto& [name, count] : one.samples) samples += count;
    }
  }
  worker.join();
  EXPECT_EQ(counted, static_cast<std::uint64_t>(kSteps));
  EXPECT_EQ(errors, static_cast<std::uint64_t>(kSteps));
  EXPECT_EQ(samples, static_cast<std::uint64_t>(kSteps));
}

}  // namespace
}  // namespace slsart::metrics
