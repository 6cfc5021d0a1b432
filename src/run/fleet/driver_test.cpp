#include "run/fleet/driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "run/fleet/detail/sim_fleet.h"

namespace slsart::run::fleet {
namespace {

using detail::MemoryStore;
using detail::SimFleet;
using testing::Contains;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr core::Duration kTick = 100ms;

constexpr const char* kScript = R"(
_split: {maxChunkDurationInSeconds: 15, maxChunkRequestsPerSecond: 10}
config:
  target: "http://127.0.0.1:1"
  phases: [{duration: 20, arrivalRate: 40}, {duration: 10, arrivalRate: 10, rampTo: 60}]
scenarios: [{flow: [{get: {url: /}}]}])";

// A run, its executors and its driver in a world of their own. Its clock begins where wall clocks
// stand today, so that what they are off by shows.
class World {
 public:
  World() : World(kScript) {}
  explicit World(const std::string& text) {
    options_.sources = {std::make_shared<core::Source>(core::Source{"sim.yml", text})};
    options_.test_id = "sim";
    auto loaded = script::load(options_);
    for (const auto& one : loaded.diagnostics) ADD_FAILURE() << core::to_text(one);
    script_ = std::make_unique<script::Script>(*std::move(loaded.script));
    schedule_ = std::make_unique<plan::Schedule>(*script_, 0);
    plan_ = *plan::make_plan(*script_, *schedule_);
    fleet = std::make_unique<SimFleet>(clock, store, *schedule_);
    const auto submitted = submit(
        {.load = options_, .script = *script_, .plan = plan_, .token = "token", .version = "test"},
        store, clock);
    EXPECT_TRUE(submitted);
    driver = open_driver(clock);
    begun_ = clock.wall_now();
  }

  std::unique_ptr<Driver> open_driver(const core::Clock& its_clock) {
    for (;;) {  // a store may fail for a moment
      auto opened = Driver::open("sim", {.store = store, .dispatcher = *fleet}, its_clock,
                                 {.poll = 500ms}, {});
      if (opened) return *std::move(opened);
      clock.advance(kTick);
    }
  }

  core::Duration elapsed() const { return clock.wall_now() - begun_; }

  void tick() {
    clock.advance(kTick);
    fleet->tick();
    if (drives) {
      const auto stepped = driver->step();
      EXPECT_TRUE(stepped) << stepped.error().message;
    }
    if (each_tick) each_tick();
  }

  // Until the driver says that it is over.
  Outcome run() {
    while (!driver->is_over() && elapsed() < 10min) tick();
    EXPECT_TRUE(driver->is_over());
    while (fleet->active() > 0 && elapsed() < 20min) tick_without_driver();
    store.fault = nullptr;
    expect_within_plan();
    const Outcome outcome = driver->outcome();
    EXPECT_LE(outcome.document.total.counter("vusers.created"),
              static_cast<std::uint64_t>(fleet->fired.total));
    return outcome;
  }
  void tick_without_driver() {
    clock.advance(kTick);
    fleet->tick();
  }

  // In no second more than was planned for it and what became due in the one before; in all never
  // more than planned.
  void expect_within_plan() {
    EXPECT_LE(fleet->fired.total, schedule_->count());
    const auto start = store.get(keys::start("sim"));
    if (!start || !*start) {
      EXPECT_EQ(fleet->fired.total, 0);
      return;
    }
    const core::WallTime second_0 =
        from_milliseconds(core::parse_json(**start)->find("at")->as_integer()) - store.clock_offset;
    std::map<std::int64_t, std::int64_t> planned;
    for (const auto& phase : schedule_->phases()) {
      for (std::int64_t i = 0; i < phase.arrivals.count(); ++i) {
        const core::WallTime due = second_0 + phase.start + phase.arrivals.due(i);
        ++planned[std::chrono::floor<std::chrono::seconds>(due).time_since_epoch().count()];
      }
    }
    for (const auto& [second, count] : fleet->fired.by_second)
      EXPECT_LE(count, planned[second] + planned[second - 1]) << "second " << second;
  }

  core::ManualClock clock{core::TimePoint(1000s), core::WallTime(1'795'000'000s + 400ms)};
  MemoryStore store{clock};
  std::unique_ptr<SimFleet> fleet;
  std::unique_ptr<Driver> driver;
  std::function<void()> each_tick;
  bool drives = true;
  std::int64_t planned() const { return schedule_->count(); }
  std::uint32_t chunks() const { return plan_.chunk_count; }

 private:
  script::LoadOptions options_;
  std::unique_ptr<script::Script> script_;
  std::unique_ptr<plan::Schedule> schedule_;
  plan::Plan plan_;
  core::WallTime begun_;
};

void expect_whole(World& world, const Outcome& outcome) {
  EXPECT_EQ(outcome.document.ending, metrics::Ending::kCompleted);
  EXPECT_THAT(outcome.document.notes, testing::IsEmpty());
  EXPECT_EQ(outcome.reported, world.chunks());
  EXPECT_EQ(world.fleet->fired.total, world.planned());
  EXPECT_EQ(outcome.document.total.counter("vusers.created"),
            static_cast<std::uint64_t>(world.planned()));
}

TEST(Driver, FiresThePlanWindowByWindow) {
  World world;
  EXPECT_GT(world.chunks(), 8u);
  const Outcome outcome = world.run();
  expect_whole(world, outcome);
  EXPECT_EQ(exit_code_of(outcome), core::ExitCode::kOk);
  EXPECT_EQ(world.fleet->accepted(), world.chunks());
}

TEST(Driver, DuplicatedEventsFireOnceAndAreCounted) {
  World world;
  world.fleet->copies = [](std::size_t number) { return number % 3 == 0 ? 2 : 1; };
  const Outcome outcome = world.run();
  expect_whole(world, outcome);
  EXPECT_EQ(outcome.duplicates_refused, (world.chunks() + 2) / 3);
}

TEST(Driver, LostAnswersOfTheProviderAreNotAskedAgain) {
  World world;
  world.fleet->loses_answer = [](std::size_t number) { return number % 2 == 0; };
  const Outcome outcome = world.run();
  expect_whole(world, outcome);
  EXPECT_EQ(world.fleet->accepted(), world.chunks());
}

TEST(Driver, EventsThatComeTooLateAreRefusedAndNamed) {
  World world;
  world.fleet->delay = [](std::size_t number) -> core::Duration {
    return number == 1 ? 5min : 200ms;
  };
  const Outcome outcome = world.run();
  EXPECT_EQ(outcome.document.ending, metrics::Ending::kIncomplete);
  EXPECT_EQ(exit_code_of(outcome), core::ExitCode::kIncomplete);
  EXPECT_THAT(outcome.document.notes, Contains(HasSubstr("Worker 1 of ")));
  EXPECT_EQ(outcome.reported, world.chunks() - 1);
  EXPECT_EQ(world.fleet->active(), 0u);
}

TEST(Driver, AKilledExecutorIsNamed) {
  World world;
  world.each_tick = [&] {
    if (world.elapsed() > 10s && world.fleet->workers().size() > 2)
      world.fleet->workers()[2]->kill();
  };
  const Outcome outcome = world.run();
  EXPECT_EQ(outcome.document.ending, metrics::Ending::kIncomplete);
  EXPECT_THAT(
      outcome.document.notes,
      Contains(HasSubstr("Worker 2 of " + std::to_string(world.chunks()) + ": stopped reporting")));
  EXPECT_GT(outcome.document.total.counter("vusers.created"), 0u);
}

TEST(Driver, AStoreThatFailsForTenSecondsLosesNothing) {
  for (const core::Duration from : {1s, 4s, 9s, 20s}) {
    World world;
    world.store.fault = [&, from](std::string_view, std::string_view) {
      const bool fails = world.elapsed() >= from && world.elapsed() < from + 10s;
      return fails ? MemoryStore::Fault::kFails : MemoryStore::Fault::kNone;
    };
    const Outcome outcome = world.run();
    if (from == 20s) expect_whole(world, outcome);
    EXPECT_EQ(outcome.document.ending, metrics::Ending::kCompleted);
    EXPECT_EQ(outcome.reported, world.chunks());
    EXPECT_GT(world.fleet->fired.total, world.planned() / 2);
    EXPECT_EQ(outcome.document.total.counter("vusers.created"),
              static_cast<std::uint64_t>(world.fleet->fired.total));
  }
}

TEST(Driver, LostAnswersToClaimsCostNothing) {
  World world;
  std::set<std::string> lost;
  world.store.fault = [&](std::string_view operation, std::string_view key) {
    const bool is_claim = operation == "put_if_absent" && key.find("/claims/") != key.npos;
    return is_claim && lost.emplace(key).second ? MemoryStore::Fault::kLostAnswer
                                                : MemoryStore::Fault::kNone;
  };
  expect_whole(world, world.run());
}

TEST(Driver, WrongClocksOfExecutorsDoNotMoveTheLoad) {
  World world;
  world.fleet->clock_offset = [](std::size_t number) -> core::Duration {
    return number % 3 == 0 ? 3s : number % 3 == 1 ? -3s : 0s;
  };
  expect_whole(world, world.run());
}

TEST(Driver, AWrongClockOfTheDriverDoesNotMoveTheLoad) {
  for (const core::Duration off : {3s, -3s, 3600s}) {
    World world;
    const detail::ShiftedClock wrong(world.clock, off);
    world.driver = world.open_driver(wrong);
    expect_whole(world, world.run());
    world.driver.reset();
  }
}

TEST(Driver, ThrottlingAtHalfTheExecutorsIsToldTruly) {
  World world;
  world.fleet->most_at_once = 3;
  const Outcome outcome = world.run();
  EXPECT_EQ(outcome.document.ending, metrics::Ending::kIncomplete);
  EXPECT_LT(world.fleet->fired.total, world.planned());
  EXPECT_THAT(outcome.document.notes, Contains(HasSubstr("there was no room for it")));
}

TEST(Driver, AnotherDriverTakesOverWhatTheFirstLeft) {
  for (const core::Duration dies : {200ms, 3000ms, 7000ms, 18000ms, 25000ms}) {
    World world;
    const auto other_clock = std::make_unique<detail::ShiftedClock>(world.clock, 1s);
    while (world.elapsed() < dies) world.tick();
    auto first = std::move(world.driver);
    world.driver = world.open_driver(*other_clock);
    const Outcome outcome = world.run();
    EXPECT_LE(world.fleet->accepted(), world.chunks());
    EXPECT_EQ(outcome.document.total.counter("vusers.created"),
              static_cast<std::uint64_t>(world.fleet->fired.total));
    // The first one wakes up when everything is over.
    for (int i = 0; i < 50 && !first->is_over(); ++i) {
      world.tick_without_driver();
      EXPECT_TRUE(first->step());
    }
    EXPECT_TRUE(first->is_over());
    EXPECT_LE(world.fleet->accepted(), world.chunks());
    world.driver.reset();
  }
}

TEST(Driver, TwoDriversAtATimeFireNothingTwice) {
  World world;
  auto second = world.open_driver(world.clock);
  world.each_tick = [&] { EXPECT_TRUE(second->step()); };
  expect_whole(world, world.run());
  EXPECT_EQ(world.fleet->accepted(), world.chunks());
}

TEST(Driver, AStopEndsTheRunInEveryStage) {
  for (core::Duration at = 0s; at < 32s; at += 1300ms) {
    World world;
    core::Duration last_fired{};
    std::int64_t before = 0;
    world.each_tick = [&] {
      if (world.elapsed() >= at) world.driver->ask_stop();
      if (world.fleet->fired.total != before) last_fired = world.elapsed();
      before = world.fleet->fired.total;
    };
    const Outcome outcome = world.run();
    EXPECT_LE(last_fired, at + 3s) << "stopped at " << at.count();
    EXPECT_NE(outcome.document.ending, metrics::Ending::kIncomplete) << at.count();
    EXPECT_TRUE(outcome.document.interrupted);
    EXPECT_EQ(outcome.document.total.counter("vusers.created"),
              static_cast<std::uint64_t>(world.fleet->fired.total));
    EXPECT_LT(world.elapsed(), at + 90s);
  }
}

// Whatever goes wrong, in whatever order: never more than planned, and the report never tells more
// than was fired.
TEST(Driver, NoMixOfFaultsFiresMoreThanPlanned) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    const auto one_in = [&](unsigned n) { return random() % n == 0; };
    World world;
    if (one_in(2)) world.fleet->most_at_once = 2 + random() % 8;
    world.fleet->copies = [&](std::size_t) { return one_in(5) ? 2 : 1; };
    world.fleet->delay = [&](std::size_t) -> core::Duration {
      return one_in(8) ? std::chrono::seconds(random() % 60) : 300ms;
    };
    world.fleet->clock_offset = [&](std::size_t) -> core::Duration {
      // Less than StoreClock::kTolerance moves the load by so much.
      return !one_in(3) ? 0s : (3s + std::chrono::seconds(random() % 3)) * (one_in(2) ? 1 : -1);
    };
    world.fleet->loses_answer = [&](std::size_t) { return one_in(6); };
    const auto bad_from = std::chrono::seconds(random() % 30);
    const bool store_fails = one_in(2), flaky = one_in(2);
    world.store.fault = [&, bad_from](std::string_view, std::string_view) {
      if (store_fails && world.elapsed() > bad_from && world.elapsed() < bad_from + 10s)
        return MemoryStore::Fault::kFails;
      if (flaky && one_in(30))
        return one_in(2) ? MemoryStore::Fault::kFails : MemoryStore::Fault::kLostAnswer;
      return MemoryStore::Fault::kNone;
    };
    const bool kills = one_in(3), stops = one_in(3), hands = one_in(3);
    std::unique_ptr<Driver> other;
    world.each_tick = [&] {
      if (kills && world.elapsed() == 12s && !world.fleet->workers().empty())
        world.fleet->workers().front()->kill();
      if (stops && world.elapsed() == 17s) world.driver->ask_stop();
      if (hands && world.elapsed() == 8s) {
        other = std::move(world.driver);
        world.driver = world.open_driver(world.clock);
      }
    };
    SCOPED_TRACE("seed " + std::to_string(seed));
    world.run();
  }
}

}  // namespace
}  // namespace slsart::run::fleet
