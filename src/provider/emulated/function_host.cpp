#include "provider/emulated/function_host.h"

#include <algorithm>
#include <filesystem>

#include "core/digest.h"
#include "provider/emulated/state_folder.h"

namespace slsart::provider::emulated {
namespace {

constexpr core::Duration kKeepWarm = std::chrono::seconds(60);
constexpr std::size_t kMaxLogFiles = 2000;
constexpr std::uint32_t kInspectEveryTicks = 4;

bool is_nth(std::uint64_t count, std::uint32_t every) {
  return every > 0 && count % every == 0;
}

}  // namespace

FunctionHost::FunctionHost(net::Loop& loop, Options options, Deployed deployed)
    : loop_(loop),
      options_(std::move(options)),
      deployed_(std::move(deployed)),
      faults_(options_.state_folder + "/faults.json"),
      concurrency_({}, loop.now()),
      queue_timer_([](void* self) { static_cast<FunctionHost*>(self)->work_off(); }, this) {
  apply_limits();
}

FunctionHost::~FunctionHost() = default;

void FunctionHost::apply_limits() {
  const std::uint32_t account = faults_.look().account_concurrency;
  Concurrency::Limits limits{.account = account > 0 ? account : deployed_.account_concurrency,
                             .reserved = deployed_.spec.reserved_concurrency};
  if (deployed_.is_fenced) limits.reserved = 0;
  concurrency_.set_limits(limits);
}

void FunctionHost::redeploy(Deployed deployed) {
  for (auto& [sandbox, running] : sandboxes_) running.is_of_now = false;
  reconfigure(std::move(deployed));
  end_idle();
}

void FunctionHost::reconfigure(Deployed deployed) {
  deployed_ = std::move(deployed);
  apply_limits();
  work_off();
}

// -- sandboxes

std::vector<std::pair<std::string, std::string>> FunctionHost::environment(
    const std::string& stream) const {
  const run::DeploymentSpec& spec = deployed_.spec;
  std::vector<std::pair<std::string, std::string>> all = {
      {"AWS_LAMBDA_FUNCTION_NAME", spec.function},
      {"AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"},
      {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(spec.memory_mb)},
      {"AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + spec.function},
      {"AWS_LAMBDA_LOG_STREAM_NAME", stream},
      {"AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"},
      {"AWS_REGION", spec.region},
      {"AWS_DEFAULT_REGION", spec.region},
      {"AWS_ACCESS_KEY_ID", options_.key_id},
      {"AWS_SECRET_ACCESS_KEY", options_.secret},
      {"AWS_ENDPOINT_URL", options_.endpoint},
      {"_HANDLER", "bootstrap"},
      {"LAMBDA_TASK_ROOT", deployed_.code},
      {"LANG", "en_US.UTF-8"},
      {"TZ", ":UTC"},
      {"SLSART_PROVIDER", "emulated"},
      {"SLSART_STORE", "folder:" + options_.state_folder + "/store"},
      {"SLSART_DEPLOYMENT_TOKEN", deployed_.token}};
  if (!spec.topics.empty()) {
    all.emplace_back("TOPIC_ARN", deployed_.topic_arn(spec.topics.front().name));
    all.emplace_back("TOPIC_NAME", spec.topics.front().name);
  }
  const std::size_t reserved = all.size();
  const auto add = [&](const std::string& name, const std::string& value, bool may_replace) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    if (found == all.end()) all.emplace_back(name, value);
    const bool is_topic = name.starts_with("TOPIC_");
    const bool is_own = static_cast<std::size_t>(found - all.begin()) < reserved && !is_topic;
    if (found != all.end() && may_replace && !is_own) found->second = value;
  };
  for (const auto& [name, value] : deployed_.inherited) add(name, value, false);
  for (const auto& [name, value] : spec.environment) add(name, value, true);
  return all;
}

SandboxSpec FunctionHost::spec_of_sandbox() const {
  const std::string id = core::random_name(12);
  const core::WallTime now = core::SystemClock().wall_now();
  const std::string stream = to_iso_time(now).substr(0, 10) + "-" + id;
  return {.program = deployed_.code + "/bootstrap",
          .code = deployed_.code,
          .scratch = options_.state_folder + "/sandboxes/" + id,
          .log_path = options_.state_folder + "/logs/" + stream + ".log",
          .environment = environment(stream),
          .function_arn = deployed_.function_arn(),
          .memory_mb = deployed_.spec.memory_mb,
          .timeout = deployed_.spec.timeout};
}

Sandbox* FunctionHost::idle_sandbox() {
  Sandbox* latest = nullptr;  // the rest may end
  for (auto& [sandbox, running] : sandboxes_) {
    if (!running.is_of_now || !sandbox->is_free()) continue;
    if (latest == nullptr || sandbox->free_since() > latest->free_since()) latest = sandbox;
  }
  return latest;
}

Sandbox* FunctionHost::start_sandbox() {
  Sandbox::Events events{
      .on_outcome = [this](Sandbox& sandbox,
                           const InvocationOutcome& outcome) { sandbox_done(sandbox, outcome); },
      .on_ended = [this](Sandbox& sandbox) { sandbox_ended(sandbox); }};
  auto started = Sandbox::start(loop_, spec_of_sandbox(), std::move(events));
  if (!started) {
    options_.log("no sandbox could be started: " + started.error().message);
    return nullptr;
  }
  Sandbox* const sandbox = started->get();
  sandboxes_[sandbox].sandbox = *std::move(started);
  return sandbox;
}

Concurrency::Verdict FunctionHost::invoke(const std::string& request_id, std::string& payload,
                                          OnOutcome on_outcome) {
  Sandbox* sandbox = idle_sandbox();
  const auto verdict = concurrency_.start(loop_.now(), sandbox == nullptr);
  if (verdict != Concurrency::Verdict::kStarts) return verdict;
  if (sandbox == nullptr) sandbox = start_sandbox();
  if (sandbox == nullptr) {  // the machine has no more processes
    concurrency_.end();
    return Concurrency::Verdict::kScalingLimit;
  }
  sandboxes_[sandbox].on_outcome = std::move(on_outcome);
  sandbox->invoke(request_id, std::move(payload));
  return verdict;
}

void FunctionHost::sandbox_done(Sandbox& sandbox, const InvocationOutcome& outcome) {
  concurrency_.end();
  Running& running = sandboxes_.at(&sandbox);
  const OnOutcome on_outcome = std::move(running.on_outcome);
  running.on_outcome = nullptr;
  if (!running.is_of_now) sandbox.end();
  if (on_outcome) on_outcome(outcome);
  // The next event of the queue starts from the loop, not from within this one's end.
  if (queue_.next_due()) loop_.arm(queue_timer_, loop_.now());
}

void FunctionHost::sandbox_ended(Sandbox& sandbox) {
  const auto found = sandboxes_.find(&sandbox);
  ended_.push_back(std::move(found->second.sandbox));  // we are being called by it
  sandboxes_.erase(found);
}

void FunctionHost::end_idle() {
  for (auto& [sandbox, running] : sandboxes_) {
    const bool is_wanted = running.is_of_now && loop_.now() - sandbox->free_since() < kKeepWarm;
    if (sandbox->is_free() && !is_wanted) sandbox->end();
  }
}

void FunctionHost::tick() {
  ended_.clear();
  apply_limits();
  work_off();
  if (++ticks_ % kInspectEveryTicks != 0) return;
  for (auto& [sandbox, running] : sandboxes_) sandbox->inspect();
  end_idle();
  prune_logs();
}

// -- the queue

FunctionHost::Queued FunctionHost::enqueue(const std::string& request_id, std::string payload) {
  const Faults& faults = faults_.look();
  ++events_;
  const core::TimePoint now = loop_.now();
  if (is_nth(events_, faults.lose_every)) return {.is_queued = true};
  core::TimePoint due = now;
  if (is_nth(events_, faults.delay_every)) due += faults.delay;
  QueuedEvent event{.request_id = request_id, .payload = std::move(payload), .accepted = now};
  if (is_nth(events_, faults.duplicate_every) && !queue_.push(event, due)) return {};
  if (!queue_.push(std::move(event), due)) return {};
  loop_.arm(queue_timer_, now);
  return {.is_queued = true, .loses_answer = is_nth(events_, faults.lose_answer_every)};
}

void FunctionHost::work_off() {
  const core::TimePoint now = loop_.now();
  for (const QueuedEvent& event : queue_.take_expired(now, deployed_.max_age)) {
    options_.log("event " + event.request_id + " was dropped: it waited for too long");
  }
  while (std::optional<QueuedEvent> event = queue_.take(now)) {
    // Shared, because a std::function must be one that can be copied; the payload is only kept
    // when the event may be tried again.
    const auto kept = std::make_shared<QueuedEvent>();
    kept->request_id = event->request_id;
    kept->accepted = event->accepted;
    kept->failures = event->failures;
    if (deployed_.max_retries > 0) kept->payload = event->payload;
    const auto verdict = invoke(
        event->request_id, event->payload,
        [this, kept](const InvocationOutcome& outcome) { event_done(std::move(*kept), outcome); });
    if (verdict == Concurrency::Verdict::kStarts) continue;
    const core::Duration pause = EventQueue::pause_after_throttle(event->throttles++);
    queue_.push(*std::move(event), now + pause);
  }
  if (const auto due = queue_.next_due()) loop_.arm(queue_timer_, std::max(*due, now));
}

void FunctionHost::event_done(QueuedEvent event, const InvocationOutcome& outcome) {
  if (outcome.function_error.empty()) return;
  event.throttles = 0;
  if (++event.failures > deployed_.max_retries) {
    options_.log("event " + event.request_id + " failed: " + outcome.payload.substr(0, 500));
    return;
  }
  const core::Duration pause = EventQueue::pause_after_failure(event.failures, minute());
  queue_.push(std::move(event), loop_.now() + pause);
}

// Of many sandboxes only the latest logs are kept.
void FunctionHost::prune_logs() {
  constexpr std::uint32_t kEveryTicks = 400;
  if (ticks_ % kEveryTicks != 0) return;
  std::error_code failure;
  std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> files;
  const std::filesystem::path folder = options_.state_folder + "/logs";
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    if (entry.path().filename() != "service.log") {
      files.emplace_back(entry.last_write_time(failure), entry.path());
    }
  }
  if (files.size() <= kMaxLogFiles) return;
  std::sort(files.begin(), files.end());
  files.resize(files.size() - kMaxLogFiles);
  for (const auto& [time, path] : files) std::filesystem::remove(path, failure);
}

}  // namespace slsart::provider::emulated
