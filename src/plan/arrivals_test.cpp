#include "plan/arrivals.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "plan/schedule.h"

namespace slsart::plan {
namespace {

using core::Duration;
using script::Phase;
using script::Rate;
using namespace std::chrono_literals;

Rate rate(double per_second) {
  return Rate{static_cast<std::int64_t>(per_second * 1e9 + 0.5)};
}

PhaseArrivals arrivals(const Phase& phase, std::string_view dialect = "slsart",
                       std::uint64_t seed = 1) {
  script::Dialect chosen;
  if (dialect == "artillery1") chosen.first_arrival = script::FirstArrival::kAfterOneInterval;
  if (dialect == "artillery2") {
    chosen.first_arrival = script::FirstArrival::kAfterOneInterval;
    chosen.ramp = script::RampShape::kSecondSteps;
  }
  return PhaseArrivals(phase, chosen, seed, 0);
}

std::vector<std::int64_t> due_milliseconds(const PhaseArrivals& phase) {
  std::vector<std::int64_t> due;
  for (std::int64_t i = 0; i < phase.count(); ++i) due.push_back(phase.due(i) / 1ms);
  return due;
}

std::map<std::int64_t, std::int64_t> per_second(const PhaseArrivals& phase) {
  std::map<std::int64_t, std::int64_t> counts;
  for (std::int64_t i = 0; i < phase.count(); ++i) ++counts[phase.due(i) / 1s];
  return counts;
}

TEST(PhaseArrivals, ConstantRateIsEvenlySpacedFromTheStart) {
  const auto phase = arrivals({.load = script::Constant{rate(5), 2s}});
  EXPECT_EQ(due_milliseconds(phase),
            (std::vector<std::int64_t>{0, 200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800}));
}

TEST(PhaseArrivals, ArtilleryStartsOneIntervalLater) {
  const auto phase = arrivals({.load = script::Constant{rate(5), 1s}}, "artillery1");
  EXPECT_EQ(due_milliseconds(phase), (std::vector<std::int64_t>{200, 400, 600, 800, 1000}));
}

TEST(PhaseArrivals, ConstantRateGivesEverySecondExactlyItsUsers) {
  for (const std::int64_t users : {1, 3, 7, 500, 999, 1000, 30000}) {
    const auto phase = arrivals({.load = script::Constant{rate(static_cast<double>(users)), 20s}});
    ASSERT_EQ(phase.count(), users * 20);
    for (const auto& [second, count] : per_second(phase)) EXPECT_EQ(count, users) << second;
  }
}

TEST(PhaseArrivals, FractionsOfARateAreExact) {
  EXPECT_EQ(arrivals({.load = script::Constant{rate(0.5), 4s}}).count(), 2);
  EXPECT_EQ(arrivals({.load = script::Constant{rate(0.1), 10s}}).count(), 1);
  EXPECT_EQ(arrivals({.load = script::Constant{rate(0.3), 10s}}).count(), 3);
  EXPECT_EQ(arrivals({.load = script::Constant{Rate{333'333'333}, 3s}}).count(), 1);
  const auto phase = arrivals({.load = script::Constant{rate(2.5), 2s}});
  EXPECT_EQ(due_milliseconds(phase), (std::vector<std::int64_t>{0, 400, 800, 1200, 1600}));
}

TEST(PhaseArrivals, CountIsSpreadOverTheDuration) {
  const auto phase = arrivals({.load = script::Count{4, 2s}});
  EXPECT_EQ(due_milliseconds(phase), (std::vector<std::int64_t>{0, 500, 1000, 1500}));
}

TEST(PhaseArrivals, RampFollowsTheIntegralOfTheRate) {
  // N(t) = 20 t^2: second k gets 20 (2k + 1).
  const auto phase = arrivals({.load = script::Ramp{rate(0), rate(400), 10s}});
  ASSERT_EQ(phase.count(), 2000);
  for (const auto& [second, count] : per_second(phase))
    EXPECT_EQ(count, 20 * (2 * second + 1)) << second;
  EXPECT_EQ(phase.due(0), 0s);
  EXPECT_EQ(phase.due(20), 1s);
  EXPECT_EQ(phase.due(80), 2s);
  EXPECT_EQ(phase.due(1620), 9s);
}

TEST(PhaseArrivals, FallingRampMirrorsTheRisingOne) {
  const auto phase = arrivals({.load = script::Ramp{rate(400), rate(0), 10s}});
  ASSERT_EQ(phase.count(), 2000);
  for (const auto& [second, count] : per_second(phase))
    EXPECT_EQ(count, 20 * (2 * (9 - second) + 1)) << second;
}

TEST(PhaseArrivals, RampBetweenEqualRatesIsConstant) {
  const auto phase = arrivals({.load = script::Ramp{rate(10), rate(10), 5s}});
  EXPECT_EQ(due_milliseconds(phase),
            due_milliseconds(arrivals({.load = script::Constant{rate(10), 5s}})));
}

TEST(PhaseArrivals, SecondStepsAreThoseOfArtillery2) {
  const auto phase = arrivals({.load = script::Ramp{rate(1), rate(5), 5s}}, "artillery2");
  EXPECT_EQ(phase.count(), 15);
  const auto due = due_milliseconds(phase);
  EXPECT_EQ(due, (std::vector<std::int64_t>{1000, 1500, 2000, 2333, 2666, 3000, 3250, 3500, 3750,
                                            4000, 4200, 4400, 4600, 4800, 5000}));
}

TEST(PhaseArrivals, DueTimesNeverDecreaseAndStayInThePhase) {
  const std::vector<Phase> phases = {
      {.load = script::Constant{rate(333.333), 7s}},
      {.load = script::Ramp{rate(0.5), rate(1234.5), 13s}},
      {.load = script::Ramp{rate(1000), rate(1), 86400s}},
      {.load = script::Count{100'000, 3s}},
      {.load = script::Constant{rate(50), 5500ms}, .mode = script::ArrivalMode::kPoisson},
      {.load = script::Ramp{rate(0), rate(90), 10s}, .mode = script::ArrivalMode::kPoisson}};
  for (const Phase& phase : phases) {
    const auto shape = arrivals(phase);
    const std::int64_t step = std::max<std::int64_t>(1, shape.count() / 100'000);
    Duration last{0};
    for (std::int64_t i = 0; i < shape.count(); i += step) {
      const Duration due = shape.due(i);
      ASSERT_GE(due, last);
      ASSERT_LE(due, duration_of(phase));
      last = due;
    }
  }
}

TEST(PhaseArrivals, IndexAtCountsWhatIsDueBefore) {
  const auto phase = arrivals({.load = script::Ramp{rate(0), rate(400), 10s}});
  EXPECT_EQ(phase.index_at(0s), 0);
  EXPECT_EQ(phase.index_at(1ns), 1);
  EXPECT_EQ(phase.index_at(1s), 20);
  EXPECT_EQ(phase.index_at(2s), 80);
  EXPECT_EQ(phase.index_at(10s), 2000);
}

TEST(PhaseArrivals, PoissonKeepsTheMeanAndFollowsTheSeed) {
  const Phase phase{.load = script::Constant{rate(100), 100s},
                    .mode = script::ArrivalMode::kPoisson};
  const auto one = arrivals(phase, "slsart", 1);
  EXPECT_NEAR(static_cast<double>(one.count()), 10'000, 500);  // five standard deviations
  EXPECT_EQ(due_milliseconds(one), due_milliseconds(arrivals(phase, "slsart", 1)));
  EXPECT_NE(due_milliseconds(one), due_milliseconds(arrivals(phase, "slsart", 2)));
  // The variance of a Poisson count is its mean; evenly spaced arrivals would have none.
  double variance = 0;
  for (const auto& [second, count] : per_second(one)) {
    variance += (static_cast<double>(count) - 100) * (static_cast<double>(count) - 100);
  }
  EXPECT_NEAR(variance / 100, 100, 50);
}

script::Script script_of(std::vector<Phase> phases) {
  script::Script script;
  script.config.phases = std::move(phases);
  return script;
}

TEST(ArrivalCursor, StripesTogetherAreTheWholeForAnyNumber) {
  const auto script =
      script_of({{.load = script::Constant{rate(7), 3s}},
                 {.load = script::Pause{2s}},
                 {.load = script::Ramp{rate(1), rate(50), 4s}},
                 {.load = script::Count{1, 1s}},
                 {.load = script::Constant{rate(20), 2s}, .mode = script::ArrivalMode::kPoisson}});
  const Schedule schedule(script, 42);
  for (const std::int64_t n : {1, 2, 3, 4, 7, 64, 1000}) {
    std::vector<int> seen(static_cast<std::size_t>(schedule.count()));
    for (std::int64_t k = 0; k < n; ++k) {
      Duration last{0};
      for (ArrivalCursor cursor(schedule, {k, n}); !cursor.at_end(); cursor.next()) {
        ASSERT_GE(cursor.due(), last);
        last = cursor.due();
        ++seen[static_cast<std::size_t>(cursor.index())];
        const auto& phase = schedule.phases()[cursor.phase()];
        ASSERT_EQ(cursor.due(),
                  phase.start + phase.arrivals.due(cursor.index() - phase.first_arrival));
      }
    }
    EXPECT_EQ(std::accumulate(seen.begin(), seen.end(), std::int64_t{0}), schedule.count());
    EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
  }
}

TEST(Schedule, PhasesFollowOneAnother) {
  const Schedule schedule(script_of({{.load = script::Constant{rate(2), 1s}},
                                     {.load = script::Pause{2s}},
                                     {.load = script::Count{3, 3s}}}),
                          1);
  EXPECT_EQ(schedule.count(), 5);
  EXPECT_EQ(schedule.duration(), 6s);
  ArrivalCursor cursor(schedule, {});
  std::vector<Duration> due;
  for (; !cursor.at_end(); cursor.next()) due.push_back(cursor.due());
  EXPECT_EQ(due, (std::vector<Duration>{0s, 500ms, 3s, 4s, 5s}));
}

}  // namespace
}  // namespace slsart::plan
