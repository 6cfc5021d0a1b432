// A distributed run in one process: driver and executors over a store in memory, real load against
// a server of the test's own on loopback.

#include "run/fleet/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "script/load.h"
#include "tests/integration/fleet_rig.h"
#include "tests/integration/tiny_server.h"

namespace slsart {
namespace {

using run::fleet::Outcome;
using test::ThreadFleet;
using test::TinyServer;
using testing::HasSubstr;
using namespace std::chrono_literals;

struct World {
  core::SystemClock clock;
  run::fleet::detail::MemoryStore store{clock};
  ThreadFleet fleet{store};
  TinyServer server;
  run::StopSource stop;

  script::LoadOptions options_for(const std::string& text, const std::string& id) {
    script::LoadOptions options;
    options.sources = {std::make_shared<core::Source>(core::Source{"test.yml", text})};
    options.target = server.url();
    options.test_id = id;
    options.seed = 7;
    return options;
  }
  void submit(const std::string& text, const std::string& id = "t1") {
    const script::LoadOptions options = options_for(text, id);
    const script::Loaded loaded = script::load(options);
    for (const auto& one : loaded.diagnostics) ADD_FAILURE() << core::to_text(one);
    ASSERT_TRUE(loaded.script);
    const plan::Schedule schedule(*loaded.script, options.seed);
    const auto plan = plan::make_plan(*loaded.script, schedule);
    ASSERT_TRUE(plan) << plan.error().message;
    const auto submitted = run::fleet::submit({.load = options,
                                               .script = *loaded.script,
                                               .plan = *plan,
                                               .token = "token",
                                               .version = "test"},
                                              store, clock);
    ASSERT_TRUE(submitted) << submitted.error().message;
  }
  run::fleet::Seams seams() { return {.store = store, .dispatcher = fleet}; }
  core::Result<Outcome> drive(const std::string& id = "t1",
                              const run::fleet::DriveEvents& events = {}) {
    return run::fleet::drive(id, seams(), {.poll = 100ms}, events, stop);
  }
};

TEST(Fleet, OneChunkBeginsAtOnceAndIsReported) {
  World world;
  world.submit(R"(
config: {phases: [{duration: 2, arrivalRate: 20}]}
scenarios: [{flow: [{get: {url: /a}}]}])");
  const auto outcome = world.drive();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->chunks, 1u);
  EXPECT_EQ(outcome->reported, 1u);
  const metrics::RunDocument& document = outcome->document;
  EXPECT_EQ(document.ending, metrics::Ending::kCompleted);
  EXPECT_EQ(document.total.counter("vusers.completed"), 40u);
  EXPECT_EQ(document.total.counter("http.codes.200"), 40u);
  EXPECT_EQ(world.server.connections(), 40u);
  EXPECT_EQ(document.arrivals_planned, 40u);
  EXPECT_THAT(document.notes, testing::IsEmpty());
  EXPECT_EQ(run::fleet::exit_code_of(*outcome), core::ExitCode::kOk);

  const auto again = run::fleet::read_outcome("t1", world.store);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->document.total.counters, document.total.counters);
  const auto status = run::fleet::status("t1", world.store);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->ended, metrics::Ending::kCompleted);
  EXPECT_EQ(status->finished, 1u);
  EXPECT_FALSE(status->is_driven);
  EXPECT_EQ(*run::fleet::list_runs(world.store), std::vector<std::string>{"t1"});
}

TEST(Fleet, BeforeRunsOnceAndItsVariablesReachTheUsers) {
  World world;
  world.submit(R"(
config: {phases: [{duration: 1, arrivalRate: 10}]}
before: {flow: [{get: {url: /token, capture: {regexp: "[a-z]+", group: 0, as: token}}}]}
after: {flow: [{get: {url: "/bye?{{ token }}"}}]}
scenarios: [{flow: [{get: {url: "/a?{{ token }}"}}]}])");
  const auto outcome = world.drive();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->document.total.counter("vusers.completed"), 10u);
  int first = 0, users = 0, last = 0;
  for (const std::string& head : world.server.heads()) {
    first += head.starts_with("GET /token ") ? 1 : 0;
    users += head.starts_with("GET /a?ok ") ? 1 : 0;
    last += head.starts_with("GET /bye?ok ") ? 1 : 0;
  }
  EXPECT_EQ(first, 1);
  EXPECT_EQ(users, 10);
  EXPECT_EQ(last, 1);
}

TEST(Fleet, AFailedPrologueStartsNothing) {
  World world;
  world.submit(R"(
config: {phases: [{duration: 1, arrivalRate: 10}]}
before: {flow: [{get: {url: /token, capture: {regexp: "nothing of this", as: token}}}]}
scenarios: [{flow: [{get: {url: /a}}]}])");
  const auto outcome = world.drive();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("`before` flow failed"));
  EXPECT_EQ(world.server.connections(), 1u);
}

TEST(Fleet, EveryEventTwiceFiresOnce) {
  World world;
  world.fleet.copies = [](std::size_t) { return 2; };
  world.submit(R"(
config: {phases: [{duration: 2, arrivalRate: 20}]}
scenarios: [{flow: [{get: {url: /a}}]}])");
  const auto outcome = world.drive();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(world.server.connections(), 40u);
  EXPECT_EQ(outcome->reported, 1u);
  EXPECT_EQ(outcome->duplicates_refused, 1u);
}

TEST(Fleet, AStopEndsThinkingUsersAndReports) {
  World world;
  world.submit(R"(
config: {phases: [{duration: 60, arrivalRate: 5}]}
scenarios: [{flow: [{get: {url: /a}}, {think: 180}, {get: {url: /b}}]}])");
  std::thread stopper([&] {
    std::this_thread::sleep_for(3s);
    world.stop.request();
  });
  const auto outcome = world.drive();
  stopper.join();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->document.ending, metrics::Ending::kStopped);
  EXPECT_EQ(run::fleet::exit_code_of(*outcome), core::ExitCode::kInterrupted);
  const auto fired = world.server.connections();
  EXPECT_GE(fired, 5u);
  EXPECT_LE(fired, 60u);
  EXPECT_EQ(outcome->document.total.counter("vusers.created"), fired);
  world.fleet.join();
  EXPECT_EQ(world.server.connections(), fired);
}

TEST(Fleet, AnEventOfAnotherDeploymentIsRefused) {
  World world;
  world.submit(R"(
config: {phases: [{duration: 1, arrivalRate: 5}]}
scenarios: [{flow: [{get: {url: /a}}]}])");
  world.fleet.token = "another";
  std::thread stopper([&] {
    std::this_thread::sleep_for(2s);
    world.stop.request();
  });
  const auto outcome = world.drive();
  stopper.join();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(world.server.connections(), 0u);
  EXPECT_EQ(outcome->reported, 0u);
  EXPECT_THAT(world.fleet.answers(),
              testing::ElementsAre(
                  R"({"slsart":{"part":"00000000","refused":"it is of another deployment"}})"));
}

}  // namespace
}  // namespace slsart
