#include <algorithm>
#include <thread>

#include "core/digest.h"
#include "core/text.h"
#include "run/fleet/claim.h"
#include "run/fleet/driver.h"
#include "run/fleet/keys.h"

namespace slsart::run::fleet {
namespace {

using core::Value;

// A driver's event must begin within this time, so that none wakes up in a later run.
constexpr core::Duration kDriverBegins = std::chrono::minutes(5);
// More than the longest run has, at the shortest time that hands over (docs/safety.md).
constexpr std::uint32_t kMostGenerations = 20'000;

core::Result<void> start_driver(const StoredPlan& plan, const std::string& digest,
                                std::uint32_t generation, const Seams& seams, core::WallTime now) {
  const Envelope envelope{.kind = Envelope::Kind::kDrive,
                          .run = plan.run,
                          .token = plan.token,
                          .plan_digest = digest,
                          .not_after = now + kDriverBegins,
                          .start = {},
                          .chunk = {},
                          .generation = generation};
  const std::string event = to_json(envelope);
  core::Error last{
      core::ErrorCode::kLimit, "no function could be started to drive the run", {}, {}};
  for (int attempt = 0; attempt < 8; ++attempt) {
    const Dispatched outcome = seams.dispatcher.start(std::span(&event, 1)).front();
    if (outcome.outcome == Dispatched::Outcome::kAccepted) return {};
    if (outcome.outcome == Dispatched::Outcome::kUnknown) return {};  // its claim will tell
    if (!outcome.reason.empty()) last.message = outcome.reason;
    if (outcome.outcome == Dispatched::Outcome::kRefused) break;
    std::this_thread::sleep_for(
        std::max<core::Duration>(outcome.retry_after, std::chrono::milliseconds(500)));
  }
  return last;
}

struct Loop {
  Driver& driver;
  const DriveOptions& options;
  const DriveEvents& events;
  const StopSource& stop;
  const Seams& seams;
  const core::Clock& clock;

  core::Result<Outcome> run();
  core::Result<bool> hand_over();  // true: somebody else drives now
};

core::Result<bool> Loop::hand_over() {
  if (!options.hand_over_at || clock.now() < *options.hand_over_at || !driver.is_driving())
    return false;
  if (options.generation + 1 >= kMostGenerations)
    return core::Error{core::ErrorCode::kLimit, "the run was handed over too often", {}, {}};
  const auto bytes = seams.store.get(keys::plan(driver.plan().run));
  if (!bytes) return bytes.error();
  StoreClock store_clock(clock);
  store_clock.compare(seams.store);
  driver.let_go();
  const auto started = start_driver(driver.plan(), core::sha256(bytes->value_or("")),
                                    options.generation + 1, seams, store_clock.now());
  if (!started) return started.error();
  return true;
}

core::Result<Outcome> Loop::run() {
  core::TimePoint next_frame = clock.now();
  for (;;) {
    if (stop.is_requested()) driver.ask_stop();
    if (auto done = driver.step(); !done) return std::move(done).error();
    if (driver.is_over()) return driver.outcome();
    const auto handed = hand_over();
    if (!handed) return handed.error();
    if (*handed) {
      Outcome outcome = driver.outcome();
      outcome.handed_over = true;
      return outcome;
    }
    const core::TimePoint now = clock.now();
    if (options.live_interval > core::Duration::zero() && events.on_frame && now >= next_frame) {
      events.on_frame(driver.frame());
      next_frame = now + options.live_interval;
    }
    const core::Duration pause =
        options.live_interval > core::Duration::zero()
            ? std::min(options.poll, std::max<core::Duration>(next_frame - now, core::kMillisecond))
            : options.poll;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

core::Result<Outcome> drive(const std::string& run_id, const Seams& seams,
                            const DriveOptions& options, const DriveEvents& events,
                            const StopSource& stop) {
  const core::SystemClock system;
  const core::Clock& clock = seams.clock != nullptr ? *seams.clock : system;
  auto driver = Driver::open(run_id, seams, clock, options, events);
  if (!driver) return std::move(driver).error();
  // A run that is over already is read at once.
  if (const auto end = seams.store.get(keys::end(run_id)); end && *end)
    return read_outcome(run_id, seams.store);
  return Loop{**driver, options, events, stop, seams, clock}.run();
}

core::Result<void> detach(const std::string& run_id, const Seams& seams) {
  const core::SystemClock system;
  StoreClock clock(seams.clock != nullptr ? *seams.clock : system);
  const auto bytes = seams.store.get(keys::plan(run_id));
  if (!bytes) return bytes.error();
  clock.compare(seams.store);
  const auto plan = parse_plan(bytes->value_or(""));
  if (!plan) return plan.error();
  // After a driver that was lost another may be sent; it needs a number of its own.
  const std::string prefix = keys::claim(run_id, "drive-");
  const auto drivers = list_all(seams.store, prefix);
  if (!drivers) return drivers.error();
  std::uint32_t generation = 0;
  for (const std::string& key : *drivers) {
    const auto number = core::parse_integer(std::string_view(key).substr(prefix.size()));
    if (number && *number >= 0 && *number < kMostGenerations)
      generation = std::max(generation, static_cast<std::uint32_t>(*number) + 1);
  }
  return start_driver(*plan, core::sha256(**bytes), generation, seams, clock.now());
}

core::Result<std::string> drive_in_executor(const Envelope& envelope, const Invocation& invocation,
                                            const Surroundings& surroundings) {
  const auto answer = [&](std::string_view name, const std::string& what) {
    return core::to_json(Value::make_object(
        {{"slsart", Value::make_object({{"part", envelope.part()}, {std::string(name), what}})}}));
  };
  if (surroundings.store == nullptr || surroundings.dispatcher == nullptr) {
    return core::Error{core::ErrorCode::kInvalidInput,
                       "this executor cannot drive: it was given no store and no dispatcher",
                       "deploy again",
                       {}};
  }
  if (envelope.token != surroundings.token) return answer("refused", "it is of another deployment");
  if (envelope.generation >= kMostGenerations)
    return answer("refused", "the run was handed over too often");
  const core::SystemClock system;
  const core::Clock& own = surroundings.clock != nullptr ? *surroundings.clock : system;
  const core::TimePoint begun = own.now();
  Store& store = *surroundings.store;
  const auto plan = store.get(keys::plan(envelope.run));
  if (!plan) return plan.error();
  StoreClock clock(own);
  clock.compare(store);
  if (clock.now() > envelope.not_after) return answer("refused", "it came too late");
  if (core::sha256(plan->value_or("")) != envelope.plan_digest)
    return answer("refused", "the run is not what it was");
  const Claim claim{.nonce = core::random_name(20),
                    .request_id = invocation.request_id,
                    .at = clock.now(),
                    .deadline = clock.now() + invocation.remaining};
  const auto claimed = claim_part(store, keys::claim(envelope.run, envelope.part()), claim, 8,
                                  [] { std::this_thread::sleep_for(std::chrono::seconds(1)); });
  if (!claimed) return claimed.error();
  if (*claimed == Claimed::kTaken) return answer("refused", "it is claimed by another executor");
  DriveOptions options;
  const core::Duration reserve =
      std::min<core::Duration>(std::chrono::seconds(30), invocation.remaining / 4);
  options.hand_over_at = begun + invocation.remaining - reserve;
  options.generation = envelope.generation;
  DriveEvents events;
  events.on_line = surroundings.log;
  const StopSource never;
  const Seams seams{.store = store,
                    .dispatcher = *surroundings.dispatcher,
                    .notifier = surroundings.notifier,
                    .clock = &own};
  const auto outcome = drive(envelope.run, seams, options, events, never);
  if (!outcome) return outcome.error();
  return answer("ending", outcome->handed_over ? "handed over" : "completed");
}

}  // namespace slsart::run::fleet
