#include "run/fleet/bare_event.h"

#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "core/digest.h"
#include "core/text.h"
#include "plan/split.h"
#include "report/json_report.h"
#include "run/fleet/driver.h"
#include "run/fleet/keys.h"
#include "run/fleet/worker.h"

extern char** environ;

namespace slsart::run::fleet {
namespace {

using core::Value;

// Of the invocation's time, for the driver around what runs in place.
constexpr core::Duration kOwnReserve = std::chrono::seconds(5);

// Executors that are threads of this process: a run of one chunk needs no other function.
class InPlace final : public Dispatcher {
 public:
  InPlace(const Surroundings& surroundings, const Invocation& invocation, const core::Clock& clock)
      : surroundings_(surroundings),
        invocation_(invocation),
        clock_(clock),
        deadline_(clock.now() + invocation.remaining -
                  std::min(kOwnReserve, invocation.remaining / 8)) {}
  ~InPlace() override {
    for (std::thread& thread : threads_) thread.join();
  }

  std::vector<Dispatched> start(std::span<const std::string> events) override {
    for (const std::string& event : events) {
      threads_.emplace_back([this, event] {
        Invocation inner = invocation_;
        inner.remaining = deadline_ - clock_.now();
        const auto answer = handle_event(event, inner, surroundings_);
        if (!answer && surroundings_.log) surroundings_.log(answer.error().message);
      });
    }
    return std::vector<Dispatched>(events.size());
  }
  core::Result<std::string> call(const std::string&, core::Duration) override {
    return core::Error{core::ErrorCode::kUnsupported, "nobody waits for these", {}, {}};
  }
  core::Result<Capacity> capacity() override { return Capacity{.at_once = 1}; }

 private:
  const Surroundings& surroundings_;
  const Invocation& invocation_;
  const core::Clock& clock_;
  const core::TimePoint deadline_;
  std::vector<std::thread> threads_;
};

script::LoadOptions load_options(const Value& event, const Surroundings& surroundings) {
  script::LoadOptions options;
  options.sources = {
      std::make_shared<core::Source>(core::Source{"event.json", core::to_json(event)})};
  options.directory = surroundings.directory;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      options.process_environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return options;
}

core::Error first_error(const core::Diagnostics& diagnostics) {
  for (const core::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != core::Severity::kError) continue;
    return {core::ErrorCode::kInvalidInput, diagnostic.message, diagnostic.hint, {}};
  }
  return {core::ErrorCode::kInvalidInput, "the script cannot be loaded", {}, {}};
}

// A request runs once whatever its name is: the request's id. What a schedule asks for may come
// twice for the same minute under two ids, so there the minute is the name.
std::string run_id_of(const script::Script& script, const Value& event,
                      const Invocation& invocation, core::WallTime now) {
  if (script.mode == Mode::kMonitoring) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
    return "m" + std::to_string(minute) + "-" + core::sha256(core::to_json(event)).substr(0, 16);
  }
  return keys::is_run_id(invocation.request_id) ? invocation.request_id
                                                : "b" + core::random_name(15);
}

// 48 bits of the id's digest: the same run has the same users.
std::uint64_t seed_of(const std::string& run_id) {
  std::uint64_t seed = 0;
  for (const char c : core::sha256(run_id).substr(0, 12))
    seed = seed * 16 + static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return seed;
}

class BareRun {
 public:
  BareRun(const Value& event, const Invocation& invocation, const Surroundings& surroundings,
          const core::Clock& clock)
      : event_(event), invocation_(invocation), surroundings_(surroundings), clock_(clock) {}

  core::Result<std::string> run();
  // Whether somebody waits to be told when this fails.
  bool is_monitoring() const { return is_monitoring_; }

 private:
  core::Result<Outcome> drive_it(const std::string& run_id, std::uint32_t chunks);
  core::Result<std::string> answer(const Outcome& outcome) const;
  void log(const std::string& line) const {
    if (surroundings_.log) surroundings_.log(line);
  }

  const Value& event_;
  const Invocation& invocation_;
  const Surroundings& surroundings_;
  const core::Clock& clock_;
  bool is_monitoring_ = false;
};

core::Result<std::string> BareRun::run() {
  Store& store = *surroundings_.store;
  const Value* const mode = event_.find("mode");
  is_monitoring_ = mode != nullptr && mode->is_string() &&
                   script::find_mode(mode->as_string()) == Mode::kMonitoring;
  script::LoadOptions options = load_options(event_, surroundings_);
  // Read by name once, so that everything random in it is drawn from the run's own seed.
  script::Loaded loaded = script::load(options);
  if (!loaded.script) return first_error(loaded.diagnostics);
  is_monitoring_ = loaded.script->mode == Mode::kMonitoring;
  StoreClock store_clock(clock_);
  options.test_id = run_id_of(*loaded.script, event_, invocation_, store_clock.now());
  options.seed = seed_of(options.test_id);
  loaded = script::load(options);
  if (!loaded.script) return first_error(loaded.diagnostics);
  for (const core::Diagnostic& diagnostic : loaded.diagnostics) log(core::to_text(diagnostic));
  const plan::Schedule schedule(*loaded.script, options.seed);
  const auto plan = plan::make_plan(*loaded.script, schedule, {.timeout = invocation_.remaining});
  if (!plan) return plan.error();
  const auto there = store.get(keys::plan(options.test_id));
  if (!there) return there.error();
  if (*there) {
    return core::to_json(Value::make_object(
        {{"slsart", Value::make_object({{"run", options.test_id},
                                        {"refused", "this run was asked for already"}})}}));
  }
  const auto submitted = submit({.load = options,
                                 .script = *loaded.script,
                                 .plan = *plan,
                                 .token = surroundings_.token,
                                 .version = surroundings_.version},
                                store, clock_);
  if (!submitted) return submitted.error();
  const auto outcome = drive_it(options.test_id, plan->chunk_count);
  if (!outcome) return outcome.error();
  return answer(*outcome);
}

core::Result<Outcome> BareRun::drive_it(const std::string& run_id, std::uint32_t chunks) {
  InPlace here(surroundings_, invocation_, clock_);
  const bool is_small = chunks == 1 || surroundings_.dispatcher == nullptr;
  const Seams seams{.store = *surroundings_.store,
                    .dispatcher = is_small ? here : *surroundings_.dispatcher,
                    .notifier = surroundings_.notifier,
                    .clock = &clock_};
  DriveOptions options{.poll = std::chrono::milliseconds(200)};
  if (!is_small) {
    const core::Duration reserve =
        std::min<core::Duration>(std::chrono::seconds(30), invocation_.remaining / 4);
    options.hand_over_at = clock_.now() + invocation_.remaining - reserve;
  }
  const StopSource never;
  return drive(run_id, seams, options, {.on_frame = {}, .on_line = surroundings_.log}, never);
}

core::Result<std::string> BareRun::answer(const Outcome& outcome) const {
  const std::string& id = outcome.document.run_id;
  if (outcome.handed_over) {
    return core::to_json(Value::make_object(
        {{"slsart", Value::make_object({{"run", id}, {"ending", "handed over"}})}}));
  }
  if (outcome.analysis) return core::to_json(outcome.analysis->to_value());
  if (outcome.reported == 0) {
    std::string message = "no worker reported";
    for (const std::string& note : outcome.document.notes) message += "; " + note;
    return core::Error{core::ErrorCode::kIo, message, {}, {}};
  }
  const Value report = report::to_json(outcome.document, report::JsonFormat::kArtillery1);
  Value aggregate = *report.find("aggregate");
  if (outcome.document.ending == metrics::Ending::kIncomplete) {
    Value notes(Value::List{});
    for (const std::string& note : outcome.document.notes) notes.push(note);
    aggregate.set(
        "slsart",
        Value::make_object({{"run", id}, {"ending", "incomplete"}, {"notes", std::move(notes)}}));
  }
  return core::to_json(aggregate);
}

}  // namespace

core::Result<std::string> run_bare_event(const Value& event, const Invocation& invocation,
                                         const Surroundings& surroundings) {
  if (surroundings.store == nullptr) {
    return core::Error{core::ErrorCode::kInvalidInput,
                       "this executor was given no store",
                       "deploy again: SLSART_STORE must be set",
                       {}};
  }
  if (!event.is_object())
    return core::Error{core::ErrorCode::kInvalidInput, "the event is no script", {}, {}};
  const core::SystemClock system;
  const core::Clock& clock = surroundings.clock != nullptr ? *surroundings.clock : system;
  BareRun run(event, invocation, surroundings, clock);
  auto answer = run.run();
  if (!answer && run.is_monitoring() && surroundings.notifier != nullptr) {
    const Alert alert = make_failure_alert(answer.error().message);
    const auto told = surroundings.notifier->notify(alert.subject, alert.message);
    if (!told && surroundings.log)
      surroundings.log("The alert could not be sent: " + told.error().message);
  }
  return answer;
}

}  // namespace slsart::run::fleet
