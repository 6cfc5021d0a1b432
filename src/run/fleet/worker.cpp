#include "run/fleet/worker.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "core/digest.h"
#include "run/fleet/claim.h"
#include "run/fleet/final_state.h"
#include "run/fleet/keys.h"
#include "run/fleet/part_uploader.h"
#include "run/fleet/run_folder.h"
#include "run/fleet/store_clock.h"
#include "run/fleet/stored_plan.h"
#include "run/run.h"

extern char** environ;

namespace slsart::run::fleet {
namespace {

using core::Value;

constexpr int kAttempts = 8;
constexpr core::Duration kPause = std::chrono::seconds(1);
constexpr core::Duration kStopLook = std::chrono::seconds(2);
// What an executor keeps of its time to end users in flight and to store the rest.
constexpr core::Duration kReserve = std::chrono::seconds(6);

std::string answer(const std::string& part, std::string_view name, const std::string& what,
                   std::uint32_t parts = 0) {
  Value inner = Value::make_object({{"part", part}, {name.data(), what}});
  if (parts > 0) inner.set("parts", std::int64_t{parts});
  return core::to_json(Value::make_object({{"slsart", std::move(inner)}}));
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

// Looks at the stop mark every two seconds, and at the executor's own time, from a thread of its
// own.
class Watch {
 public:
  Watch(Store& store, std::string key, core::TimePoint deadline, const core::Clock& clock,
        StopSource& stop)
      : store_(store), key_(std::move(key)), deadline_(deadline), clock_(clock), stop_(stop) {
    thread_ = std::thread([this] { look(); });
  }
  ~Watch() {
    ends_ = true;
    thread_.join();
  }
  bool saw_stop_mark() const { return saw_mark_; }
  bool saw_deadline() const { return saw_deadline_; }

 private:
  void look() {
    core::TimePoint next = clock_.now();
    while (!ends_) {
      const core::TimePoint now = clock_.now();
      if (now >= deadline_) {
        saw_deadline_ = true;
        stop_.request();
        return;
      }
      if (now >= next) {
        next = now + kStopLook;
        const auto mark = store_.get(key_);
        if (mark && *mark) {
          saw_mark_ = true;
          stop_.request();
          return;
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  Store& store_;
  const std::string key_;
  const core::TimePoint deadline_;
  const core::Clock& clock_;
  StopSource& stop_;
  std::atomic<bool> ends_{false}, saw_mark_{false}, saw_deadline_{false};
  std::thread thread_;
};

class Worker {
 public:
  Worker(const Envelope& envelope, const Invocation& invocation, const Surroundings& surroundings,
         const core::Clock& clock)
      : envelope_(envelope),
        invocation_(invocation),
        surroundings_(surroundings),
        store_(*surroundings.store),
        own_(clock),
        clock_(clock),
        begun_(clock.now()),
        nonce_(core::random_name(20)) {}

  core::Result<std::string> work();

 private:
  core::Result<std::string> refuse(const std::string& why);
  core::Result<std::string> why_not();  // empty: nothing speaks against it
  core::Result<Claimed> claim();
  core::Result<void> prepare();
  core::Result<void> fire();
  core::Result<void> run_flow();
  core::Result<void> read_left_by_before();
  RunOptions run_options() const;
  void keep_final(std::string ending, std::string failure);
  core::Result<std::string> read_checked(const std::string& key, const std::string& digest);
  void log(const std::string& line) const {
    if (surroundings_.log) surroundings_.log(line);
  }
  void pause() const { std::this_thread::sleep_for(kPause); }
  core::TimePoint deadline() const {
    return begun_ + invocation_.remaining - std::min(kReserve, invocation_.remaining / 4);
  }

  const Envelope& envelope_;
  const Invocation& invocation_;
  const Surroundings& surroundings_;
  Store& store_;
  const core::Clock& own_;
  StoreClock clock_;
  const core::TimePoint begun_;
  const std::string nonce_;

  StoredPlan plan_;
  script::LoadOptions load_;
  std::optional<script::Script> script_;
  FinalState state_;
  std::vector<core::Member> left_by_before_;
};

core::Result<std::string> Worker::refuse(const std::string& why) {
  log("refused: " + why);
  const Value value = Value::make_object(
      {{"why", why}, {"requestId", invocation_.request_id}, {"at", to_milliseconds(clock_.now())}});
  (void)store_.put(keys::refusal(envelope_.run, envelope_.part(), nonce_), core::to_json(value));
  return answer(envelope_.part(), "refused", why);
}

core::Result<std::string> Worker::why_not() {
  auto reason = reason_to_refuse(envelope_, store_, clock_);
  for (int left = kAttempts; !reason && left > 1; --left) {
    pause();
    reason = reason_to_refuse(envelope_, store_, clock_);
  }
  return reason;
}

core::Result<Claimed> Worker::claim() {
  const Claim claim{.nonce = nonce_,
                    .request_id = invocation_.request_id,
                    .at = clock_.now(),
                    .deadline = clock_.now() + invocation_.remaining};
  return claim_part(store_, keys::claim(envelope_.run, envelope_.part()), claim, kAttempts,
                    [this] { pause(); });
}

core::Result<std::string> Worker::read_checked(const std::string& key, const std::string& digest) {
  core::Result<std::optional<std::string>> bytes = store_.get(key);
  for (int left = kAttempts; !bytes && left > 1; --left) {
    pause();
    bytes = store_.get(key);
  }
  if (!bytes) return bytes.error();
  if (!*bytes || core::sha256(**bytes) != digest) {
    return core::Error{
        core::ErrorCode::kInvalidInput, "the store has not what was put there: " + key, {}, {}};
  }
  return **std::move(bytes);
}

// Plan, script and files, until everything is there to fire.
core::Result<void> Worker::prepare() {
  auto bytes = read_checked(keys::plan(envelope_.run), envelope_.plan_digest);
  if (!bytes) return std::move(bytes).error();
  auto plan = parse_plan(*bytes);
  if (!plan) return std::move(plan).error();
  plan_ = *std::move(plan);
  auto text = read_checked(keys::file(plan_.run, plan_.script_digest), plan_.script_digest);
  if (!text) return std::move(text).error();
  auto options = parse_script(*text);
  if (!options) return std::move(options).error();
  load_ = *std::move(options);
  auto folder = unpack_files(plan_, store_, surroundings_.scratch, surroundings_.directory);
  if (!folder) return std::move(folder).error();
  load_.directory = folder->directory;
  load_.files = folder->files;
  const auto sent = std::move(load_.process_environment);
  load_.process_environment = process_environment();
  for (const auto& [name, value] : sent) load_.process_environment[name] = value;
  script::Loaded loaded = script::load(load_);
  for (const core::Diagnostic& diagnostic : loaded.diagnostics) log(core::to_text(diagnostic));
  if (!loaded.script) {
    const auto first = std::ranges::find_if(loaded.diagnostics, [](const core::Diagnostic& one) {
      return one.severity == core::Severity::kError;
    });
    return core::Error{core::ErrorCode::kInvalidInput,
                       "the script cannot be loaded here: " +
                           (first == loaded.diagnostics.end() ? "no reason" : first->message),
                       {},
                       {}};
  }
  script_ = *std::move(loaded.script);
  return {};
}

RunOptions Worker::run_options() const {
  Value environment{Value::Object()};
  for (const auto& [name, value] : load_.process_environment) environment.set(name, value);
  RunOptions options;
  options.seed = plan_.seed;
  options.run_id = plan_.run;
  options.version = surroundings_.version;
  options.shared_variables = {{"$processEnvironment", environment},
                              {"$env", environment},
                              {"$testId", Value(load_.test_id)},
                              {"$dirname", Value(load_.directory)},
                              {"$scenarioFile", Value(plan_.script_name)}};
  options.flows = RunOptions::Flows::kUsers;
  options.left_by_before = left_by_before_;
  options.part_interval = plan_.part_interval;
  if (const auto servers = load_.process_environment.find("SLSART_DNS_SERVERS");
      servers != load_.process_environment.end())
    options.dns_servers = servers->second;
  return options;
}

core::Result<void> Worker::read_left_by_before() {
  if (!plan_.has_before || envelope_.kind == Envelope::Kind::kBefore) return {};
  const auto bytes = store_.get(keys::final_state(plan_.run, "before"));
  if (!bytes) return bytes.error();
  if (!*bytes) {  // an epilogue whose prologue never ended
    if (envelope_.kind == Envelope::Kind::kAfter) return {};
    return core::Error{core::ErrorCode::kIo, "what `before` left is not in the store", {}, {}};
  }
  auto state = parse_final_state(**bytes);
  if (!state) return std::move(state).error();
  left_by_before_ = std::move(state->variables);
  return {};
}

// `before` or `after`, alone.
core::Result<void> Worker::run_flow() {
  StopSource stop;
  RunEvents events;
  events.on_log_line = [this](std::string_view line) { log(std::string(line)); };
  const RunOptions options = run_options();
  if (envelope_.kind == Envelope::Kind::kAfter) {
    const Watch watch(store_, keys::stop("none"), deadline(), own_, stop);
    return run_after(*script_, options, events, stop);
  }
  const Watch watch(store_, keys::stop(plan_.run), deadline(), own_, stop);
  auto left = run_before(*script_, options, events, stop);
  if (!left) return std::move(left).error();
  state_.variables = *std::move(left);
  return {};
}

core::Result<void> Worker::fire() {
  const plan::Chunk& chunk = *envelope_.chunk;
  PartUploader uploader(store_, plan_.run, chunk.index, chunk.count, own_, clock_.offset());
  StopSource stop;
  const Watch watch(store_, keys::stop(plan_.run), deadline(), own_, stop);
  RunEvents events;
  events.on_log_line = [this](std::string_view line) { log(std::string(line)); };
  events.on_part = [&](const metrics::RunDocument& part, bool is_last) {
    if (!is_last) return uploader.add(part, false);
    metrics::RunDocument last = part;
    last.interrupted = false;  // whoever started the run knows whether it was
    uploader.add(last, true);
  };
  const auto document = execute(*script_, run_options(), events, stop);
  const core::Duration left = begun_ + invocation_.remaining - own_.now();
  const std::size_t lost = uploader.finish(own_.now() + left - std::min(kReserve / 3, left / 4));
  state_.parts = uploader.parts();
  if (!document) return document.error();
  if (watch.saw_stop_mark()) state_.ending = "stopped";
  if (watch.saw_deadline()) state_.ending = "deadline";
  for (const std::string& note : document->notes) log(note);
  if (lost == 0) return {};
  return core::Error{core::ErrorCode::kIo,
                     std::to_string(lost) + " parts of what was measured could not be stored",
                     {},
                     {}};
}

void Worker::keep_final(std::string ending, std::string failure) {
  state_.ending = std::move(ending);
  state_.failure = std::move(failure);
  state_.at = clock_.now();
  const std::string key = keys::final_state(envelope_.run, envelope_.part());
  const core::TimePoint latest = begun_ + invocation_.remaining - std::chrono::seconds(1);
  do {
    if (store_.put(key, to_json(state_))) return;
    pause();
  } while (own_.now() < latest);
}

core::Result<std::string> Worker::work() {
  const auto reason = why_not();
  if (!reason) return reason.error();
  if (!reason->empty()) return refuse(*reason);
  const auto claimed = claim();
  if (!claimed) return claimed.error();
  clock_.compare(store_);
  if (*claimed == Claimed::kTaken) return refuse("it is claimed by another executor");
  state_.ending = "completed";
  core::Result<void> done = prepare();
  if (done) done = read_left_by_before();
  if (done) done = envelope_.kind == Envelope::Kind::kChunk ? fire() : run_flow();
  if (!done) {
    log("failed: " + done.error().message);
    keep_final("failed", done.error().message);
    return done.error();
  }
  keep_final(state_.ending, "");
  return answer(envelope_.part(), "ending", state_.ending, state_.parts);
}

}  // namespace

core::Result<std::string> reason_to_refuse(const Envelope& envelope, Store& store,
                                           StoreClock& clock) {
  const auto mark = store.get(keys::stop(envelope.run));
  if (!mark) return mark.error();
  clock.compare(store);
  if (clock.now() > envelope.not_after) return std::string("it came too late");
  // Cleaning up is what a stopped run still does.
  if (*mark && envelope.kind != Envelope::Kind::kAfter) return std::string("the run was stopped");
  return std::string();
}

core::Result<std::string> work_on(const Envelope& envelope, const Invocation& invocation,
                                  const Surroundings& surroundings) {
  if (surroundings.store == nullptr) {
    return core::Error{core::ErrorCode::kInvalidInput,
                       "this executor was given no store",
                       "deploy again: SLSART_STORE must be set",
                       {}};
  }
  if (envelope.token != surroundings.token)
    return answer(envelope.part(), "refused", "it is of another deployment");
  const core::SystemClock system;
  const core::Clock& clock = surroundings.clock != nullptr ? *surroundings.clock : system;
  return Worker(envelope, invocation, surroundings, clock).work();
}

}  // namespace slsart::run::fleet
