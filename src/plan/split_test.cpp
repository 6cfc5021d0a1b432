#include "plan/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "core/rng.h"
#include "plan/chunk_json.h"

namespace slsart::plan {
namespace {

using core::Duration;
using script::Phase;
using script::Rate;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

Rate rate(double per_second) {
  return Rate{static_cast<std::int64_t>(per_second * 1e9 + 0.5)};
}

script::Script script_of(std::vector<Phase> phases, std::int64_t chunk_rate = 25) {
  script::Script script;
  script.config.phases = std::move(phases);
  script.split.max_chunk_rate = chunk_rate;
  return script;
}

core::Result<Plan> plan_of(const script::Script& script, const PlanOptions& options = {}) {
  return make_plan(script, Schedule(script, 1), options);
}

// "0+120s x4" for each window.
std::vector<std::string> windows_of(const Plan& plan) {
  std::vector<std::string> lines;
  for (const Window& window : plan.windows) {
    lines.push_back(std::to_string(window.start / 1s) + "+" + std::to_string(window.duration / 1s) +
                    "s x" + std::to_string(window.chunks));
  }
  return lines;
}

// All arrivals of a chunk, ascending.
std::vector<std::int64_t> arrivals_of(const Chunk& chunk) {
  std::vector<std::int64_t> arrivals;
  for (const ArrivalRange& range : chunk.ranges) {
    for (std::int64_t i = range.first; i < range.last; ++i) {
      if (i % chunk.stripe.n == chunk.stripe.k) arrivals.push_back(i);
    }
  }
  return arrivals;
}

Duration due_of(const Schedule& schedule, const Chunk& chunk, std::int64_t arrival) {
  for (const ArrivalRange& range : chunk.ranges) {
    if (arrival < range.first || arrival >= range.last) continue;
    const Schedule::Phase& phase = schedule.phases()[range.phase];
    return phase.start + phase.arrivals.due(arrival - phase.first_arrival);
  }
  ADD_FAILURE() << "arrival " << arrival << " is not of the chunk";
  return {};
}

TEST(MakePlan, WhatFitsIsOneChunk) {
  const auto plan = plan_of(script_of({{.load = script::Constant{rate(25), 120s}}}));
  ASSERT_TRUE(plan);
  EXPECT_THAT(windows_of(*plan), ElementsAre("0+120s x1"));
  EXPECT_EQ(plan->chunk(0), (Chunk{.index = 0,
                                   .count = 1,
                                   .window = 0,
                                   .start = 0s,
                                   .duration = 120s,
                                   .ranges = {{.phase = 0, .first = 0, .last = 3000}},
                                   .stripe = {.k = 0, .n = 1},
                                   .scenario = {}}));
}

TEST(MakePlan, AHigherRateIsSharedEqually) {
  // The original fills one function after another: 25, 25, 10 (reference/slsart-behaviour.md
  // §14.5).
  const auto plan = plan_of(script_of({{.load = script::Constant{rate(60), 10s}}}));
  ASSERT_TRUE(plan);
  EXPECT_THAT(windows_of(*plan), ElementsAre("0+10s x3"));
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_THAT(arrivals_of(plan->chunk(i)), SizeIs(200));
}

TEST(MakePlan, ALongerRunHasWindowsEachWithItsOwnPeak) {
  const auto plan = plan_of(script_of({{.load = script::Ramp{rate(0), rate(100), 400s}}}));
  ASSERT_TRUE(plan);
  EXPECT_THAT(windows_of(*plan),
              ElementsAre("0+120s x2", "120+120s x3", "240+120s x4", "360+40s x4"));
  EXPECT_EQ(plan->windows[1].first_chunk, 2u);
  EXPECT_EQ(plan->chunk(4).window, 1u);
  EXPECT_EQ(plan->chunk(4).stripe, (Stripe{.k = 2, .n = 3}));
  EXPECT_EQ(plan->chunk_count, 13u);
  EXPECT_EQ(plan->peak, 100);
}

TEST(MakePlan, TheRateRightAtALimitNeedsNoFurtherChunk) {
  const struct {
    double per_second;
    std::uint32_t chunks;
  } cases[] = {{24.999, 1}, {25, 1}, {25.000000001, 2}, {50, 2}, {50.5, 3}};
  for (const auto& c : cases) {
    const auto plan = plan_of(script_of({{.load = script::Constant{rate(c.per_second), 100s}}}));
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->chunk_count, c.chunks) << c.per_second;
  }
}

TEST(MakePlan, NobodyIsPaidForAPauseOrASlowTrickle) {
  const auto plan = plan_of(script_of({{.load = script::Pause{1000s}},
                                       {.load = script::Constant{rate(0.001), 3000s}},
                                       {.load = script::Pause{1000s}}}));
  ASSERT_TRUE(plan);
  EXPECT_THAT(windows_of(*plan), ElementsAre("1000+120s x1", "2000+120s x1", "3000+120s x1"));
}

TEST(MakePlan, AnArrivalAtTheEndOfItsPhaseIsNotForgotten) {
  auto script = script_of({{.load = script::Constant{rate(0.005), 200s}},
                           {.load = script::Pause{100s}},
                           {.load = script::Count{2, 10s}}});
  script.dialect.first_arrival = script::FirstArrival::kAfterOneInterval;
  const auto plan = plan_of(script);
  ASSERT_TRUE(plan);
  EXPECT_THAT(windows_of(*plan), ElementsAre("199+111s x1"));
  EXPECT_EQ(plan->arrivals, 3);
}

TEST(MakePlan, MaxVusersIsSharedOutAndNeverAboveTheChunks) {
  const auto plan =
      plan_of(script_of({{.load = script::Constant{rate(200), 60s}, .name = "free"},
                         {.load = script::Constant{rate(200), 60s}, .max_vusers = 3},
                         {.load = script::Constant{rate(50), 60s}, .max_vusers = 20}}));
  ASSERT_TRUE(plan);
  EXPECT_THAT(windows_of(*plan), ElementsAre("0+60s x8", "60+60s x3", "120+60s x2"));
  for (const std::int64_t users : {3, 20, 1'000'000'007}) {
    for (const std::int64_t n : {1, 2, 3}) {
      std::int64_t sum = 0;
      for (std::int64_t k = 0; k < n; ++k) {
        const std::int64_t share = share_of(users, {.k = k, .n = n});
        EXPECT_GE(share, users / n);
        sum += share;
      }
      EXPECT_EQ(sum, users);
    }
  }
}

TEST(MakePlan, ALimitThatFitsSharesAWindow) {
  const auto plan =
      plan_of(script_of({{.load = script::Constant{rate(200), 30s}},
                         {.load = script::Constant{rate(200), 30s}, .max_vusers = 8}}));
  ASSERT_TRUE(plan);
  EXPECT_THAT(windows_of(*plan), ElementsAre("0+60s x8"));
}

TEST(MakePlan, SoftLimitsNeedAYesAndHardOnesBindAlways) {
  const auto told = [](const script::Script& script, bool is_confirmed) {
    const auto plan = plan_of(script, {.is_confirmed = is_confirmed});
    return plan ? std::string("planned") : plan.error().message;
  };
  const auto fast = script_of({{.load = script::Constant{rate(5000.5), 1s}}});
  EXPECT_EQ(told(fast, false),
            "The maximum requests per second of any script phase cannot exceed 5000, this script "
            "has 5001");
  EXPECT_THAT(plan_of(fast).error().hint, HasSubstr("--yes"));
  EXPECT_EQ(told(fast, true), "planned");
  EXPECT_EQ(told(script_of({{.load = script::Constant{rate(5000), 1s}}}), false), "planned");
  EXPECT_THAT(told(script_of({{.load = script::Ramp{rate(1), rate(50'001), 1s}}}), true),
              HasSubstr("cannot exceed 50000"));
  EXPECT_THAT(told(script_of({{.load = script::Count{51'000, 1s}}}), true),
              HasSubstr("cannot exceed 50000"));

  const auto longer = script_of({{.load = script::Constant{rate(1), 24h + 1s}}});
  EXPECT_EQ(told(longer, false),
            "The total duration in seconds of all script phases cannot exceed 86400, this script "
            "has 86401");
  EXPECT_EQ(told(longer, true), "planned");
  EXPECT_THAT(told(script_of({{.load = script::Constant{rate(1), 145h}}}), true),
              HasSubstr("cannot exceed 518400"));

  auto own = fast;
  own.split.max_script_rate = 6000;
  EXPECT_EQ(told(own, false), "planned");
}

TEST(MakePlan, BoundsTheNumberOfChunks) {
  const auto plan = plan_of(script_of({{.load = script::Constant{rate(50'000), 144h}}}, 1),
                            {.is_confirmed = true});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, core::ErrorCode::kLimit);
  EXPECT_THAT(plan.error().message, HasSubstr("1000000 functions"));
}

TEST(MakePlan, NobodyToStartIsAnError) {
  const auto plan = plan_of(script_of({{.load = script::Constant{rate(0.1), 5s}}}));
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, core::ErrorCode::kInvalidInput);
}

script::Scenario thinking(Duration think) {
  script::Scenario scenario;
  script::ThinkStep step;
  step.constant = think;
  scenario.flow.push_back({.what = step, .if_true = {}, .if_function = {}});
  return scenario;
}

TEST(MakePlan, WindowsLeaveTimeForTheLastUsers) {
  auto script = script_of({{.load = script::Constant{rate(1), 600s}}});
  script.scenarios = {thinking(180s)};
  const auto plan = plan_of(script, {.timeout = 300s, .flush = 10s});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->windows.front().duration, 95s);  // 300 - 15 early - 180 - 10
  EXPECT_THAT(plan->notes, ElementsAre(HasSubstr("shortened to 95 s")));

  EXPECT_EQ(plan_of(script, {.timeout = 900s})->windows.front().duration, 120s);
  EXPECT_EQ(plan_of(script, {.timeout = std::nullopt})->windows.front().duration, 120s);

  script.scenarios = {thinking(280s)};
  const auto refused = plan_of(script, {.timeout = 300s});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("users may take 280 s"));
  const auto cut_off = plan_of(script, {.timeout = 300s, .is_confirmed = true});
  ASSERT_TRUE(cut_off);
  EXPECT_THAT(cut_off->notes, ElementsAre(HasSubstr("cut off")));
  EXPECT_FALSE(plan_of(script, {.timeout = 30s, .is_confirmed = true}));
}

TEST(MakePlan, OverlappingWindowsCountAsConcurrency) {
  auto script = script_of({{.load = script::Constant{rate(50), 360s}}});
  EXPECT_EQ(plan_of(script)->most_at_once, 4u);  // the next window's are there 15 s early
  script.scenarios = {thinking(200s)};
  EXPECT_EQ(plan_of(script, {.timeout = 900s})->most_at_once, 6u);
}

TEST(MakePlan, AnEndlessFlowIsTold) {
  auto script = script_of({{.load = script::Constant{rate(1), 60s}}});
  script::Scenario scenario;
  scenario.flow.push_back({.what = script::LoopStep{}, .if_true = {}, .if_function = {}});
  script.scenarios = {scenario};
  const auto plan = plan_of(script);
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->tail.is_known);
  EXPECT_THAT(plan->notes, ElementsAre(HasSubstr("does not tell how long")));
}

// A random script within the limits: phases of every kind, at times with a maxVusers.
script::Script random_script(core::Rng& rng) {
  std::vector<Phase> phases;
  const std::uint64_t count = 1 + rng.below(6);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Duration duration = rng.below(3) == 0 ? Duration(1 + rng.below(40'000'000'000))
                                                : Duration((1 + rng.below(90)) * 1s);
    const Rate one{static_cast<std::int64_t>(rng.below(120'000'000'000))};
    const Rate other{static_cast<std::int64_t>(rng.below(120'000'000'000))};
    Phase phase;
    switch (rng.below(5)) {
      case 0:
        phase.load = script::Pause{duration};
        break;
      case 1:
        phase.load = script::Count{static_cast<std::int64_t>(1 + rng.below(3000)), duration};
        break;
      case 2:
        phase.load = script::Ramp{one, {other.nano_per_second + 1}, duration};
        break;
      default:
        phase.load = script::Constant{{one.nano_per_second + 1}, duration};
    }
    if (rng.below(5) == 0) phase.mode = script::ArrivalMode::kPoisson;
    if (rng.below(5) == 0) phase.max_vusers = static_cast<std::int64_t>(1 + rng.below(6));
    phases.push_back(std::move(phase));
  }
  phases.push_back({.load = script::Count{1, 1s}});
  auto script = script_of(std::move(phases), static_cast<std::int64_t>(1 + rng.below(30)));
  script.split.max_chunk_duration = (15 + static_cast<std::int64_t>(rng.below(60))) * 1s;
  constexpr std::string_view kDialects[] = {"slsart", "artillery1", "artillery2"};
  script.dialect = *script::find_dialect(kDialects[rng.below(3)]);
  return script;
}

// The most arrivals of a chunk in any second, wherever it begins.
std::size_t busiest_second(const std::vector<Duration>& due) {
  std::size_t most = 0;
  std::size_t first = 0;
  for (std::size_t last = 0; last < due.size(); ++last) {
    while (due[last] - due[first] >= 1s) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

bool has_random_or_stepped(const script::Script& script, const Chunk& chunk) {
  for (const ArrivalRange& range : chunk.ranges) {
    if (script.config.phases[range.phase].mode == script::ArrivalMode::kPoisson) return true;
  }
  return script.dialect.ramp == script::RampShape::kSecondSteps;
}

bool is_limited(const script::Script& script, const Chunk& chunk) {
  for (const ArrivalRange& range : chunk.ranges) {
    const auto& limit = script.config.phases[range.phase].max_vusers;
    if (limit && *limit == chunk.stripe.n) return true;
  }
  return false;
}

TEST(MakePlan, ChunksOfRandomScriptsAreTheScriptAndKeepTheLimits) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    core::Rng rng(seed);
    const script::Script script = random_script(rng);
    const Schedule schedule(script, seed);
    const auto plan = make_plan(script, schedule, {});
    ASSERT_TRUE(plan) << plan.error().message;
    std::vector<int> seen(static_cast<std::size_t>(schedule.count()));
    for (std::uint32_t index = 0; index < plan->chunk_count; ++index) {
      const Chunk chunk = plan->chunk(index);
      ASSERT_EQ(*parse_chunk(to_value(chunk)), chunk);
      ASSERT_GT(chunk.duration, 0s);
      ASSERT_LE(chunk.duration, script.split.max_chunk_duration);
      ASSERT_GE(chunk.start, 0s);
      std::vector<Duration> due;
      for (const std::int64_t arrival : arrivals_of(chunk)) {
        ++seen[static_cast<std::size_t>(arrival)];
        due.push_back(due_of(schedule, chunk, arrival));
        ASSERT_GE(due.back(), chunk.start);
        ASSERT_LE(due.back(), chunk.start + chunk.duration);
      }
      ASSERT_FALSE(due.empty());
      if (is_limited(script, chunk)) continue;
      const auto limit = static_cast<std::size_t>(script.split.max_chunk_rate);
      if (!has_random_or_stepped(script, chunk)) {
        // The artillery1 dialect ends a constant phase with an arrival at its very end and begins
        // the ramp behind it at once.
        const std::size_t more = script.dialect.name == "artillery1" ? 1 : 0;
        ASSERT_LE(busiest_second(due), limit + more);
        continue;
      }
      // Where seconds have their own numbers it is these seconds that keep the limit.
      for (const ArrivalRange& range : chunk.ranges) {
        const Schedule::Phase& phase = schedule.phases()[range.phase];
        std::map<std::int64_t, std::size_t> by_second;
        for (std::int64_t i = range.first; i < range.last; ++i) {
          if (i % chunk.stripe.n != chunk.stripe.k) continue;
          const Duration at = phase.arrivals.due(i - phase.first_arrival);
          const bool is_first_after =
              script.dialect.first_arrival == script::FirstArrival::kAfterOneInterval && at > 0s &&
              at % 1s == 0s;
          ++by_second[at / 1s - (is_first_after ? 1 : 0)];
        }
        for (const auto& [second, count] : by_second) ASSERT_LE(count, limit) << second;
      }
    }
    EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
  }
}

TEST(MakePlan, SplittingDoesNotChangeWhoIsDueWhen) {
  core::Rng rng(7);
  const script::Script script = random_script(rng);
  auto finer = script;
  finer.split.max_chunk_rate = 1;
  finer.split.max_chunk_duration = 15s;
  const Schedule schedule(script, 3);
  const Schedule again(finer, 3);
  std::map<std::int64_t, Duration> due;
  for (const script::Script* one : {&script, const_cast<const script::Script*>(&finer)}) {
    const auto plan = make_plan(*one, one == &script ? schedule : again, {});
    ASSERT_TRUE(plan);
    for (std::uint32_t index = 0; index < plan->chunk_count; ++index) {
      const Chunk chunk = plan->chunk(index);
      for (const std::int64_t arrival : arrivals_of(chunk)) {
        const Duration at = due_of(schedule, chunk, arrival);
        EXPECT_EQ(due.emplace(arrival, at).first->second, at);
      }
    }
  }
  EXPECT_THAT(due, SizeIs(static_cast<std::size_t>(schedule.count())));
}

}  // namespace
}  // namespace slsart::plan
