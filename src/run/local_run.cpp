#include "run/local_run.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/text.h"
#include "report/ensure.h"

namespace slsart::run {
namespace {

constexpr core::Duration kWatchInterval = std::chrono::milliseconds(20);
constexpr std::int64_t kSliceSeconds = 10;
// How long `after` may take once a stop was asked for.
constexpr core::Duration kAfterLimit = std::chrono::milliseconds(500);
// Workers are told to start this much ahead, so that all are waiting when the first arrival is due.
constexpr core::Duration kHeadStart = std::chrono::milliseconds(2);

}  // namespace

bool LogQueue::push(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (lines_.size() >= kMaxLines) return false;
  lines_.emplace_back(line);
  return true;
}

std::deque<std::string> LogQueue::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(lines_, {});
}

void StopSource::save_before_abort() {
  if (runner_.load() == std::this_thread::get_id()) return;
  broken_ = true;
  for (int i = 0; i < 300 && !saved_; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

LocalRun::LocalRun(const script::Script& script, const RunOptions& options, const RunEvents& events,
                   const StopSource& stop)
    : script_(script), options_(options), events_(events), stop_(stop) {}

LocalRun::~LocalRun() {
  for (const auto& worker : workers_) worker->request_stop();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

core::Result<metrics::RunDocument> LocalRun::execute() {
  stop_.runner_ = std::this_thread::get_id();
  if (auto ready = prepare(); !ready) return std::move(ready).error();
  const bool runs_all = options_.flows == RunOptions::Flows::kAll;
  if (runs_all) {
    if (auto done = run_before(); !done) return std::move(done).error();
  } else {
    left_by_before_ = options_.left_by_before;
  }
  share_left_by_before();
  if (auto started = start_workers(); !started) return std::move(started).error();
  watch();
  for (std::thread& thread : threads_) thread.join();
  collector_->collect();
  elapsed_ = clock_.now() - context_.run_start;
  announce_phases(std::max(elapsed_, schedule_->duration()));
  announce_periods(true);
  if (runs_all) run_after();
  pass_log_lines();
  hand_out_part(true);
  return make_document();
}

core::Result<std::vector<core::Member>> LocalRun::execute_before() {
  stop_.runner_ = std::this_thread::get_id();
  if (auto ready = prepare(); !ready) return std::move(ready).error();
  if (auto done = run_before(); !done) return std::move(done).error();
  pass_log_lines();
  return std::move(left_by_before_);
}

core::Result<void> LocalRun::execute_after() {
  stop_.runner_ = std::this_thread::get_id();
  if (auto ready = prepare(); !ready) return std::move(ready).error();
  left_by_before_ = options_.left_by_before;
  share_left_by_before();
  run_after();
  pass_log_lines();
  if (notes_.empty()) return {};
  return core::Error{core::ErrorCode::kIo, notes_.front(), {}, {}};
}

core::Result<void> LocalRun::prepare() {
  schedule_ = std::make_unique<plan::Schedule>(script_, options_.seed);
  if (schedule_->count() == 0) {
    return core::Error{.code = core::ErrorCode::kInvalidInput,
                       .message = "the phases start no users: rate and duration make less than one",
                       .hint = "a rate of 0.1 needs ten seconds for its first user",
                       .offset = {}};
  }
  for (std::size_t i = 0; i < schedule_->phases().size(); ++i) {
    const auto& phase = schedule_->phases()[i];
    phases_.push_back({.name = script_.config.phases[i].name,
                       .index = i,
                       .start = phase.start,
                       .duration = phase.duration,
                       .written = script_.config.phases[i].written});
  }
  auto program = engine::compile(script_);
  if (!program) return std::move(program).error();
  program_ = std::move(*program);
  ids_ = engine::register_metrics(script_, registry_);
  auto tls = engine::make_tls(program_);
  if (!tls) return std::move(tls).error();
  context_.tls = std::move(*tls);

  context_.program = &program_;
  context_.schedule = schedule_.get();
  context_.registry = &registry_;
  context_.ids = &ids_;
  context_.seed = options_.seed;
  context_.dns_servers = options_.dns_servers;
  context_.idle = options_.idle;
  context_.active_users = &active_users_;
  context_.log_line = [this](std::string_view line) { return log_.push(line); };
  core::SymbolTable& symbols = *script_.symbols;
  for (const core::Member& variable : options_.shared_variables) {
    context_.shared.set(symbols.intern(variable.key), variable.value);
  }
  context_.shared.set(symbols.intern("target"), core::Value(script_.config.target));
  context_.shared.set(symbols.intern("$environment"), core::Value(script_.config.environment));
  for (const expr::Payload& payload : script_.config.payloads) {
    if (payload.options().load_all) payload.assign(0, context_.shared);
  }
  for (const script::Variable& variable : script_.config.variables) {
    context_.shared.set(variable.name, variable.value);
  }
  return {};
}

// Runs a flow once, by one user on a worker of its own that records for nobody. The text says why
// the user failed; empty: it did not.
core::Result<std::string> LocalRun::run_lone_flow(const engine::FlowProgram& flow,
                                                  std::uint32_t index, bool keeps_variables) {
  context_.run_start = clock_.now();
  context_.wall_offset =
      clock_.wall_now().time_since_epoch() - context_.run_start.time_since_epoch();
  const auto pool = static_cast<std::uint32_t>(script_.config.http.pool > 0 ? 1 : 0);
  std::unique_ptr<engine::HookProcess> processor;
  if (!program_.hook_points.empty()) {
    auto started = engine::HookProcess::start(program_, context_.shared,
                                              {.run_id = options_.run_id, .keeps_all = true});
    if (!started) return std::move(started).error();
    processor = std::move(*started);
    if (auto ready = processor->await_ready(); !ready) return std::move(ready).error();
    context_.run_start = clock_.now();
  }
  auto worker = engine::Worker::make(
      context_, {.index = index, .pool_share = pool, .only = &flow, .hooks = processor.get()});
  if (!worker) return std::move(worker).error();
  engine::Worker& lone = **worker;
  std::thread thread([&lone] { lone.run(); });
  // A stop ends `before` at once. `after` cleans up, so it may still run after one, but not for
  // long: the report is waiting.
  core::TimePoint latest = core::TimePoint::max();
  while (!lone.is_done()) {
    if (stop_.is_requested() && latest == core::TimePoint::max()) {
      latest = clock_.now() + (keeps_variables ? core::Duration::zero() : kAfterLimit);
    }
    if (clock_.now() >= latest) lone.request_stop();
    pass_log_lines();
    lone.recorder().take_sealed([](const metrics::Recorder::Sealed&) {});
    std::this_thread::sleep_for(kWatchInterval);
  }
  thread.join();
  if (keeps_variables) keep_variables(lone);
  return lone.failure();
}

// As in the reference, config.variables win over what `before` leaves.
void LocalRun::keep_variables(const engine::Worker& lone) {
  const auto& declared = script_.config.variables;
  for (const auto& [name, value] : lone.final_variables()) {
    const bool is_declared =
        std::any_of(declared.begin(), declared.end(),
                    [name = name](const script::Variable& v) { return v.name == name; });
    if (!is_declared) left_by_before_.push_back({std::string(script_.symbols->name(name)), value});
  }
  // What functions left without the script naming it.
  if (!lone.other_variables().is_object()) return;
  for (const core::Member& other : lone.other_variables().as_object())
    left_by_before_.push_back(other);
}

// No worker reads the names yet.
void LocalRun::share_left_by_before() {
  for (const core::Member& variable : left_by_before_)
    context_.shared.set(script_.symbols->intern(variable.key), variable.value);
}

core::Result<void> LocalRun::run_before() {
  if (script_.before.empty()) return {};
  auto failure = run_lone_flow(program_.before, 0, true);
  if (!failure) return std::move(failure).error();
  if (failure->empty()) return {};
  return core::Error{.code = core::ErrorCode::kIo,
                     .message = "the `before` flow failed: " + *failure,
                     .hint = "no load was started",
                     .offset = {}};
}

void LocalRun::run_after() {
  if (script_.after.empty()) return;
  auto failure = run_lone_flow(program_.after, 1, false);
  if (!failure)
    notes_.push_back("The `after` flow could not run: " + failure.error().message + ".");
  else if (!failure->empty())
    notes_.push_back("The `after` flow failed: " + *failure + ".");
}

// Never more workers than arrivals or than pooled connections: an idle worker costs, one without a
// connection could not fire.
std::uint32_t LocalRun::worker_count() const {
  std::int64_t count = options_.workers > 0 ? options_.workers : usable_processors();
  count = std::min(count, std::max<std::int64_t>(1, schedule_->count()));
  if (script_.config.http.pool > 0) count = std::min(count, script_.config.http.pool);
  return static_cast<std::uint32_t>(count);
}

// All of them load at the same time; nothing is fired before the last is ready.
core::Result<void> LocalRun::start_processors(std::uint32_t count) {
  if (program_.hook_points.empty()) return {};
  for (std::uint32_t k = 0; k < count; ++k) {
    auto started = engine::HookProcess::start(
        program_, context_.shared,
        {.worker_index = k, .worker_count = count, .run_id = options_.run_id});
    if (!started) return std::move(started).error();
    processors_.push_back(std::move(*started));
  }
  for (const auto& processor : processors_) {
    if (auto ready = processor->await_ready(); !ready) return std::move(ready).error();
  }
  return {};
}

core::Result<void> LocalRun::start_workers() {
  const std::uint32_t count = worker_count();
  if (auto started = start_processors(count); !started) return std::move(started).error();
  context_.run_start = clock_.now() + kHeadStart;
  wall_start_ = clock_.wall_now() + kHeadStart;
  context_.wall_offset = wall_start_.time_since_epoch() - context_.run_start.time_since_epoch();
  std::vector<metrics::Recorder*> recorders;
  const auto pool =
      static_cast<std::uint32_t>(std::min<std::int64_t>(script_.config.http.pool, 1'000'000));
  for (std::uint32_t k = 0; k < count; ++k) {
    const std::uint32_t share = pool / count + (k < pool % count ? 1 : 0);
    auto worker = engine::Worker::make(
        context_, {.index = k,
                   .stripe = {k, count},
                   .pool_share = share,
                   .hooks = processors_.empty() ? nullptr : processors_[k].get()});
    if (!worker) return std::move(worker).error();
    recorders.push_back(&(*worker)->recorder());
    workers_.push_back(std::move(*worker));
  }
  collector_ = std::make_unique<metrics::Collector>(registry_, std::move(recorders), wall_start_);
  for (const auto& worker : workers_) threads_.emplace_back([&worker = *worker] { worker.run(); });
  return {};
}

bool LocalRun::all_done() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->is_done(); });
}

void LocalRun::stop_workers() {
  stopped_ = true;
  for (const auto& worker : workers_) worker->request_stop();
}

void LocalRun::stop_at_breach(core::Duration elapsed) {
  // A share of the users says nothing of the whole.
  if (stopped_ || !options_.judges || options_.flows == RunOptions::Flows::kUsers) return;
  const auto breach = report::find_breach(script_.config.ensure, collector_->total(), elapsed);
  if (!breach) return;
  notes_.push_back("The run was ended early, after " + std::to_string(elapsed / core::kSecond) +
                   " s: " + breach->text + " did not hold (measured: " + breach->measured + ").");
  if (events_.on_breach) events_.on_breach(*breach);
  stop_workers();
}

void LocalRun::watch() {
  core::TimePoint next_collect = context_.run_start + core::kSecond;
  core::TimePoint next_frame = context_.run_start;
  core::TimePoint next_part = context_.run_start + options_.part_interval;
  while (!all_done()) {
    std::this_thread::sleep_for(kWatchInterval);
    const core::TimePoint now = clock_.now();
    const core::Duration elapsed = now - context_.run_start;
    if (stop_.is_requested() && !stopped_) {
      if (events_.on_stopping) events_.on_stopping();
      stop_workers();
    }
    if (!stopped_) announce_phases(elapsed);
    pass_log_lines();
    if (stop_.broken_) save_and_wait();
    if (now >= next_collect) {
      collector_->collect();
      announce_periods(false);
      stop_at_breach(elapsed);
      next_collect += std::max<core::Duration>(core::kSecond, now - next_collect);
      if (options_.part_interval > core::Duration::zero() && now >= next_part) {
        hand_out_part(false);
        next_part = now + options_.part_interval;
      }
    }
    if (options_.live_interval > core::Duration::zero() && now >= next_frame) {
      draw_frame(elapsed);
      next_frame = now + options_.live_interval;
    }
  }
}

// The workers cannot be trusted any more, so they are not waited for: the thread that broke the
// invariant ends the process once the result is saved.
void LocalRun::save_and_wait() {
  collector_->collect();
  elapsed_ = clock_.now() - context_.run_start;
  metrics::RunDocument document = make_document();
  document.ending = metrics::Ending::kIncomplete;
  document.notes.push_back(
      "The run broke off with an internal error; this is what was measured until then.");
  if (events_.on_broken) events_.on_broken(document);
  stop_.saved_ = true;
  for (;;) std::this_thread::sleep_for(core::kSecond);
}

void LocalRun::announce_phases(core::Duration elapsed) {
  for (;;) {
    const bool open = phases_started_ > phases_completed_;
    if (open) {
      const metrics::PhaseInfo& phase = phases_[phases_completed_];
      if (elapsed < phase.start + phase.duration) return;
      ++phases_completed_;
      if (events_.on_phase_completed && !stopped_) events_.on_phase_completed(phase);
    } else {
      if (phases_started_ == phases_.size() || elapsed < phases_[phases_started_].start) return;
      const metrics::PhaseInfo& phase = phases_[phases_started_++];
      if (events_.on_phase_started && !stopped_) events_.on_phase_started(phase);
    }
  }
}

// The ten-second slice of the wall clock in which a second of the run begins.
std::int64_t LocalRun::slice_of(std::int64_t second) const {
  const auto wall =
      std::chrono::floor<std::chrono::seconds>(wall_start_ + std::chrono::seconds(second));
  return wall.time_since_epoch().count() / kSliceSeconds;
}

void LocalRun::announce_periods(bool final) {
  const std::int64_t newest =
      final ? elapsed_ / core::kSecond : collector_->newest_complete_second();
  while (next_period_second_ <= newest) {
    const std::int64_t slice = slice_of(next_period_second_);
    std::int64_t end = next_period_second_;
    while (slice_of(end) == slice) ++end;
    if (end - 1 > newest && !final) return;
    const metrics::Snapshot snapshot = collector_->between(next_period_second_, end);
    next_period_second_ = end;
    const core::WallTime wall_end(std::chrono::seconds((slice + 1) * kSliceSeconds));
    if (events_.on_period) events_.on_period(snapshot, wall_end);
  }
}

void LocalRun::draw_frame(core::Duration elapsed) {
  if (!events_.on_frame) return;
  report::LiveFrame frame;
  frame.elapsed = std::max(core::Duration::zero(), elapsed);
  frame.planned = schedule_->duration();
  frame.draining = elapsed >= schedule_->duration();
  if (phases_completed_ < phases_.size()) {
    const metrics::PhaseInfo& phase = phases_[phases_completed_];
    frame.phase = phase.name.empty() ? std::to_string(phase.index) : phase.name;
  }
  for (const auto& worker : workers_) frame.users_active += worker->active_now();
  frame.total = collector_->total();
  frame.arrivals_done = frame.total.counter("vusers.created") +
                        frame.total.counter("vusers.skipped") +
                        frame.total.counter("slsart.arrivals_missed");
  frame.arrivals_planned = static_cast<std::uint64_t>(schedule_->users());
  const std::int64_t newest = collector_->newest_complete_second();
  if (newest >= 0) frame.last_second = collector_->between(newest, newest + 1);
  events_.on_frame(frame);
}

// Seconds that a worker has not sealed wait for the next part.
void LocalRun::hand_out_part(bool is_last) {
  if (!events_.on_part) return;
  metrics::RunDocument part = describe();
  part.elapsed = is_last ? elapsed_ : clock_.now() - context_.run_start;
  if (is_last && options_.judges)
    part.checks = report::judge_ensure(script_.config.ensure, collector_->total());
  for (metrics::WorkerInfo& worker : part.workers) worker.elapsed = part.elapsed;
  const std::int64_t end = collector_->newest_complete_second() + 1;
  part.series = collector_->windows(next_part_second_, end);
  next_part_second_ = std::max(next_part_second_, end);
  events_.on_part(part, is_last);
}

void LocalRun::pass_log_lines() {
  for (const std::string& line : log_.take()) {
    if (events_.on_log_line) events_.on_log_line(line);
  }
}

// Everything but the measurements.
metrics::RunDocument LocalRun::describe() const {
  metrics::RunDocument document;
  document.run_id = options_.run_id;
  document.script_name = script_.name;
  document.target = core::without_credentials(script_.config.target);
  document.seed = options_.seed;
  document.dialect = script_.dialect.name;
  document.version = options_.version;
  document.started = wall_start_;
  document.elapsed = elapsed_;
  document.ending = stopped_ ? metrics::Ending::kStopped : metrics::Ending::kCompleted;
  document.interrupted = stopped_ && stop_.is_requested();
  document.arrivals_planned = static_cast<std::uint64_t>(schedule_->users());
  document.phases = phases_;
  const bool is_over = all_done();  // before, their CPU time is not to be read
  for (std::uint32_t k = 0; k < workers_.size(); ++k) {
    document.workers.push_back({.index = k,
                                .cpu = is_over ? workers_[k]->cpu_time() : core::Duration{},
                                .elapsed = elapsed_,
                                .arrivals_missed = workers_[k]->arrivals_missed()});
  }
  return document;
}

metrics::RunDocument LocalRun::make_document() {
  metrics::RunDocument document = describe();
  document.total = collector_->total();
  document.series = collector_->series();
  if (options_.judges) {
    document.checks = report::judge_ensure(script_.config.ensure, document.total);
  } else if (!script_.config.ensure.conditions.empty()) {
    notes_.push_back("The conditions of `ensure` were not judged.");
  }
  document.notes = std::move(notes_);
  return document;
}

core::Diagnostics check_processor(const script::Script& script) {
  return engine::check_processor(script);
}

core::Result<metrics::RunDocument> execute(const script::Script& script, const RunOptions& options,
                                           const RunEvents& events, const StopSource& stop) {
  return LocalRun(script, options, events, stop).execute();
}

core::Result<std::vector<core::Member>> run_before(const script::Script& script,
                                                   const RunOptions& options,
                                                   const RunEvents& events,
                                                   const StopSource& stop) {
  if (script.before.empty()) return std::vector<core::Member>{};
  return LocalRun(script, options, events, stop).execute_before();
}

core::Result<void> run_after(const script::Script& script, const RunOptions& options,
                             const RunEvents& events, const StopSource& stop) {
  if (script.after.empty()) return {};
  return LocalRun(script, options, events, stop).execute_after();
}

}  // namespace slsart::run
