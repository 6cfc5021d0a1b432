#include <algorithm>
#include <thread>

#include "core/text.h"
#include "run/fleet/driver.h"
#include "run/fleet/keys.h"
#include "run/fleet/outcome.h"

// What can be known of a run, and done to it, without driving it.
namespace slsart::run::fleet {
namespace {

using core::Value;

// A dispatcher for who never dispatches.
class NoDispatcher final : public Dispatcher {
 public:
  std::vector<Dispatched> start(std::span<const std::string> events) override {
    return std::vector<Dispatched>(events.size(), {.outcome = Dispatched::Outcome::kRefused,
                                                   .reason = "nothing is started",
                                                   .retry_after = {}});
  }
  core::Result<std::string> call(const std::string&, core::Duration) override {
    return core::Error{core::ErrorCode::kUnsupported, "nothing is started", {}, {}};
  }
  core::Result<Capacity> capacity() override { return Capacity{}; }
};

core::Result<std::uint32_t> count_numbers(Store& store, const std::string& prefix) {
  const auto listed = list_all(store, prefix);
  if (!listed) return listed.error();
  return static_cast<std::uint32_t>(std::ranges::count_if(*listed, [&](const std::string& key) {
    return core::parse_integer(std::string_view(key).substr(prefix.size())).has_value();
  }));
}

core::Result<std::uint32_t> count_dispatched(Store& store, const std::string& run) {
  const auto listed = list_all(store, keys::dispatches(run));
  if (!listed) return listed.error();
  std::uint32_t count = 0;
  for (const std::string& key : *listed) {
    const auto bytes = store.get(key);
    if (!bytes) return bytes.error();
    const auto value = core::parse_json(bytes->value_or("{}"));
    const Value* const outcomes = value ? value->find("outcomes") : nullptr;
    if (outcomes == nullptr || !outcomes->is_list()) continue;
    for (const Value& outcome : outcomes->as_list()) {
      if (outcome == Value("accepted") || outcome == Value("unknown")) ++count;
    }
  }
  return count;
}

// The number under a name of a small object; nothing when the object is not there.
core::Result<std::optional<Value>> read_object(Store& store, const std::string& key) {
  const auto bytes = store.get(key);
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<Value>{};
  auto value = core::parse_json(**bytes);
  if (!value) return std::move(value).error();
  return std::optional<Value>(*std::move(value));
}

std::optional<metrics::Ending> ending_of(const Value& end) {
  const Value* const name = end.find("ending");
  if (name != nullptr && *name == Value("completed")) return metrics::Ending::kCompleted;
  if (name != nullptr && *name == Value("stopped")) return metrics::Ending::kStopped;
  return metrics::Ending::kIncomplete;
}

// The chunks of a run that were claimed and have not said that they ended.
core::Result<std::uint32_t> active_chunks(Store& store, const std::string& run) {
  const auto claimed = count_numbers(store, keys::claims(run));
  if (!claimed) return claimed.error();
  const auto finished = count_numbers(store, keys::finals(run));
  if (!finished) return finished.error();
  return *claimed - std::min(*claimed, *finished);
}

}  // namespace

core::Result<std::vector<std::string>> list_runs(Store& store, std::size_t limit) {
  const auto listed = list_all(store, keys::kIndex);
  if (!listed) return listed.error();
  std::vector<std::string> runs;
  for (auto key = listed->rbegin(); key != listed->rend() && runs.size() < limit; ++key) {
    const std::size_t dot = key->find('.');
    if (dot != std::string::npos) runs.push_back(key->substr(dot + 1));
  }
  return runs;
}

core::Result<RunStatus> status(const std::string& run_id, Store& store) {
  const core::SystemClock system;
  NoDispatcher nobody;
  const Seams seams{.store = store, .dispatcher = nobody};
  const auto driver = Driver::open(run_id, seams, system, {.takes_over = false}, {});
  if (!driver) return driver.error();
  const StoredPlan& plan = (*driver)->plan();
  RunStatus out{.run_id = run_id,
                .script = plan.script_name,
                .target = plan.target,
                .mode = plan.mode,
                .submitted = plan.submitted,
                .started = {},
                .duration = plan.duration,
                .chunks = plan.chunk_count,
                .ended = {}};
  const auto start = read_object(store, keys::start(run_id));
  const auto stop = read_object(store, keys::stop(run_id));
  const auto end = read_object(store, keys::end(run_id));
  const auto dispatched = count_dispatched(store, run_id);
  const auto claimed = count_numbers(store, keys::claims(run_id));
  const auto finished = count_numbers(store, keys::finals(run_id));
  for (const auto* failed : {&start, &stop, &end}) {
    if (!*failed) return failed->error();
  }
  for (const auto* failed : {&dispatched, &claimed, &finished}) {
    if (!*failed) return failed->error();
  }
  if (*start) {
    const Value* const at = (*start)->find("at");
    if (at != nullptr && at->kind() == Value::Kind::kInteger)
      out.started = from_milliseconds(at->as_integer());
  }
  out.stop_asked = stop->has_value();
  if (*end) out.ended = ending_of(**end);
  out.dispatched = *dispatched;
  out.claimed = *claimed;
  out.finished = *finished;
  Lease lease(store, run_id, "");
  StoreClock clock(system);
  clock.compare(store);
  const auto held = lease.is_held_by_anybody(clock.now());
  if (!held) return held.error();
  out.is_driven = *held;
  return out;
}

core::Result<Outcome> read_outcome(const std::string& run_id, Store& store) {
  const core::SystemClock system;
  NoDispatcher nobody;
  const Seams seams{.store = store, .dispatcher = nobody};
  auto driver = Driver::open(run_id, seams, system, {.takes_over = false}, {});
  if (!driver) return std::move(driver).error();
  const auto end = store.get(keys::end(run_id));
  if (!end) return end.error();
  if (*end) {
    const auto value = core::parse_json(**end);
    const Value* const failure = value ? value->find("failure") : nullptr;
    if (failure != nullptr && failure->is_string()) {
      return core::Error{
          core::ErrorCode::kInvalidInput, failure->as_string(), "no load was started", {}};
    }
    const auto result = store.get(keys::result(run_id));
    if (!result) return result.error();
    if (*result) return read_end((*driver)->plan(), **end, **result);
  }
  return (*driver)->read_all();
}

core::Result<std::vector<std::string>> stop_runs(
    const std::vector<std::string>& runs, const Seams& seams, Deployment& deployment,
    const DeploymentSpec& spec, const StopOptions& options,
    const std::function<void(std::string_view)>& line) {
  Store& store = seams.store;
  const core::SystemClock system;
  const core::Clock& clock = seams.clock != nullptr ? *seams.clock : system;
  std::vector<std::string> open = runs;
  if (open.empty()) {
    const auto all = list_runs(store, 1000);
    if (!all) return all.error();
    for (const std::string& run : *all) {
      const auto end = store.get(keys::end(run));
      if (!end) return end.error();
      if (!*end) open.push_back(run);
    }
  }
  for (const std::string& run : open) {
    const std::string mark = core::to_json(
        Value::make_object({{"at", to_milliseconds(clock.wall_now())}, {"why", "slsart stop"}}));
    if (auto put = store.put(keys::stop(run), mark); !put) return put.error();
  }
  const auto fenced = deployment.fence(spec, true);
  if (!fenced) line("New starts could not be fenced off: " + fenced.error().message);
  const core::TimePoint latest = clock.now() + options.patience;
  std::uint32_t active = 0;
  do {
    active = 0;
    for (const std::string& run : open) {
      const auto left = active_chunks(store, run);
      if (left) active += *left;
    }
    const auto state = deployment.status(spec);
    // Executors that never came to their end are known to the provider only.
    if (state && state->active == 0) active = 0;
    if (active > 0) std::this_thread::sleep_for(std::chrono::milliseconds(250));
  } while (active > 0 && clock.now() < latest);
  if (active > 0) line(std::to_string(active) + " workers did not say that they ended.");
  if (fenced && !options.keeps_fence) {
    if (const auto lifted = deployment.fence(spec, false); !lifted)
      line("The fence could not be lifted: " + lifted.error().message);
  }
  return open;
}

}  // namespace slsart::run::fleet
