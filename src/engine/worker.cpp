// Hot path: see architecture §9
#include "engine/worker.h"

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <deque>

#include "core/check.h"
#include "engine/flow/runner.h"
#include "engine/hooks/hook_caller.h"
#include "engine/hooks/processor.h"
#include "engine/http/http_engine.h"
#include "hooks/node_process.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/tls_context.h"
#include "protocol/connection_pool.h"

namespace slsart::engine {
namespace {

// Connections per origin where all users share them and no `pool` says how many.
constexpr std::uint32_t kSharedWithoutLimit = 100'000;

// Arrivals started in one turn of the loop before others get theirs.
constexpr int kArrivalsPerTurn = 64;

// Branches of a `parallel` that a user's slot keeps for its next user.
constexpr std::size_t kBranchesKept = 8;

// Users of a phase with a requestRate and without maxVusers, in one worker.
constexpr std::size_t kMostUsersForTurns = 10'000;

// The user of a `before` or `after` flow is no arrival; its random values come from a stream that
// no arrival uses.
constexpr std::uint64_t kLoneUser = ~std::uint64_t{0};

std::string make_uuid(core::Rng& rng) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";  // RFC 9562 §5.4
  for (char& c : text) {
    if (c == 'x') c = kHex[rng.below(16)];
    if (c == 'y') c = kHex[8 + rng.below(4)];
  }
  return text;
}

// As far as the script tells; a redirect or a template may still lead there.
bool uses_https(const Program& program) {
  const auto is_https = [](std::string_view url) { return url.starts_with("https:"); };
  return is_https(program.script->config.target) ||
         std::any_of(program.requests.begin(), program.requests.end(),
                     [&](const auto& request) { return is_https(request->step().url.source()); });
}

core::Duration thread_cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + core::Duration(time.tv_nsec);
}

bool any_limit(const script::Script& script) {
  return std::any_of(script.config.phases.begin(), script.config.phases.end(),
                     [](const script::Phase& phase) { return phase.max_vusers.has_value(); });
}

}  // namespace

core::Result<std::shared_ptr<net::TlsContext>> make_tls(const Program& program) {
  const script::TlsConfig& config = program.script->config.tls;
  auto tls = net::TlsContext::make({.verify_peer = config.reject_unauthorized,
                                    .ca = config.ca,
                                    .certificate = config.cert,
                                    .key = config.key,
                                    .pkcs12 = config.pfx,
                                    .passphrase = config.passphrase,
                                    .server_name = config.server_name});
  if (!tls) return std::move(tls).error();
  if (uses_https(program)) {
    if (auto ready = (*tls)->prepare(); !ready) return std::move(ready).error();
  }
  return std::shared_ptr<net::TlsContext>(std::move(*tls));
}

struct Worker::State final : FlowHost {
  State(const RunContext& run, const WorkerTask& what)
      : context(run),
        task(what),
        script(*run.program->script),
        ids(*run.ids),
        recorder(*run.registry, run.run_start),
        cursor(*run.schedule, what.stripe),
        counts_users(any_limit(*run.program->script)),
        first_without_row(script.config.first_without_row(expr::AtEnd::kSkip).value_or(INT64_MAX)) {
  }

  // -- life of the worker
  core::Result<void> connect_hooks();
  void run_loop();
  void set_going();
  void on_stop();
  bool keep_in_flight(VirtualUser& user);
  void end_if_over();
  void on_second();
  void take_pool_counters();

  // -- arrivals
  void fire_arrivals();
  void start_arrival(core::TimePoint now, core::TimePoint due);
  bool has_room_for_user();
  VirtualUser& begin_user(core::TimePoint now, core::TimePoint due, bool takes_turns);
  void give_turn(core::TimePoint now, core::TimePoint due);
  void end_turns();
  bool wait_for_turn(VirtualUser& user) override;
  VirtualUser& take_user(const FlowProgram& program, std::uint64_t arrival);
  void give_variables(VirtualUser& user);
  void count_failed_scenario(const FlowProgram& program);
  void start_lone_user();

  // -- FlowHost
  void event_begins() override { recorder.advance(loop->now()); }
  expr::Scope scope_of(const VirtualUser& user, core::Rng& rng) const override {
    return {.user = &user.variables, .shared = &context.shared, .rng = &rng};
  }
  void log_line(std::string_view text) override {
    if (context.log_line && !context.log_line(text)) recorder.count(ids.log_lines_dropped);
  }
  void user_ended(VirtualUser& user, UserEnd end, std::string_view reason) override;
  bool phases_over() const override {
    return loop->now() >= context.run_start + context.schedule->duration();
  }

  const RunContext& context;
  WorkerTask task;
  const script::Script& script;
  const MetricIds& ids;
  metrics::Recorder recorder;
  std::unique_ptr<net::Loop> loop;
  std::unique_ptr<net::Resolver> resolver;
  std::unique_ptr<protocol::ConnectionPool> pool;
  std::unique_ptr<HttpEngine> http;
  std::unique_ptr<FlowRunner> runner;
  std::unique_ptr<HookCaller> hooks;  // null: the program calls no functions
  plan::ArrivalCursor cursor;
  bool counts_users;
  std::int64_t first_without_row;  // arrivals from this one on are skipped

  std::deque<VirtualUser> users;  // all ever made; addresses stay
  std::vector<VirtualUser*> free_users;
  std::vector<VirtualUser*> active;  // VirtualUser::slot is the position here
  std::deque<VirtualUser*> line;     // users and branches that wait for their turn
  bool stopping = false;
  std::uint64_t opened_before = 0;
  std::int64_t seconds_ticked = 0;
  net::Timer arrival_timer{[](void* self) { static_cast<State*>(self)->fire_arrivals(); }, this};
  net::Timer second_timer{[](void* self) { static_cast<State*>(self)->on_second(); }, this};
  net::Timer turns_timer{[](void* self) { static_cast<State*>(self)->end_turns(); }, this};
  net::Timer stop_timer{[](void* self) { static_cast<State*>(self)->on_stop(); }, this};

  expr::Variables final_variables;
  core::Value other_variables;
  std::string failure;
  core::Duration cpu{};
  std::atomic<std::uint64_t> missed{0};
  std::atomic<bool> stop_requested{false};
  std::atomic<std::uint64_t> active_count{0};
  std::atomic<bool> done{false};
};

Worker::Worker() = default;

// The process lives longer than the loop that drives it, also when the worker never ran.
Worker::~Worker() {
  if (state_ && state_->hooks) state_->task.hooks->node().detach();
}

core::Result<std::unique_ptr<Worker>> Worker::make(const RunContext& context,
                                                   const WorkerTask& task) {
  std::unique_ptr<Worker> worker(new Worker);
  worker->state_ = std::make_unique<State>(context, task);
  State& state = *worker->state_;
  auto loop = net::Loop::make(context.idle == Idle::kSpin ? net::Idle::kSpin : net::Idle::kSleep);
  if (!loop) return std::move(loop).error();
  state.loop = std::move(*loop);
  auto resolver = net::Resolver::make(*state.loop, {.servers = context.dns_servers});
  if (!resolver) return std::move(resolver).error();
  state.resolver = std::move(*resolver);
  const script::HttpConfig& http = state.script.config.http;
  auto local = net::LocalAddresses::make(http.local_addresses);
  if (!local) return std::move(local).error();
  const bool is_shared = http.connections == script::Connections::kShared;
  const std::uint32_t shared =
      task.pool_share == 0 && is_shared ? kSharedWithoutLimit : task.pool_share;
  const auto per_user = static_cast<std::uint32_t>(std::max<std::int64_t>(1, http.max_sockets));
  state.pool = std::make_unique<protocol::ConnectionPool>(
      *state.loop, *state.resolver, *context.tls,
      protocol::PoolOptions{.shared = shared,
                            .per_user_limit = per_user,
                            .local = *std::move(local),
                            .new_each_time = http.connections == script::Connections::kPerRequest});
  state.http = std::make_unique<HttpEngine>(HttpEngine::Parts{.loop = *state.loop,
                                                              .pool = *state.pool,
                                                              .recorder = state.recorder,
                                                              .ids = state.ids,
                                                              .script = state.script,
                                                              .host = state,
                                                              .seed = context.seed,
                                                              .wall_offset = context.wall_offset});
  state.runner =
      std::make_unique<FlowRunner>(*state.loop, *state.http, state, state.script, context.seed);
  state.http->set_runner(*state.runner);
  if (task.hooks != nullptr) {
    if (auto connected = state.connect_hooks(); !connected) return std::move(connected).error();
  }
  state.loop->set_on_wake(
      [](void* self) {
        auto* waking = static_cast<State*>(self);
        if (waking->stop_requested) waking->on_stop();
      },
      &state);
  return worker;
}

core::Result<void> Worker::State::connect_hooks() {
  hooks =
      std::make_unique<HookCaller>(HookCaller::Parts{.loop = *loop,
                                                     .runtime = task.hooks->node(),
                                                     .recorder = recorder,
                                                     .host = *this,
                                                     .program = *context.program,
                                                     .seed = context.seed,
                                                     .wall_offset = context.wall_offset,
                                                     .limit = script.config.processor->call_limit});
  hooks->set_listeners(*runner, http.get());
  runner->set_hooks(*hooks);
  http->set_hooks(*hooks);
  loop->set_before_wait(
      [](void* runtime) { static_cast<slsart::hooks::NodeProcess*>(runtime)->flush(); },
      &task.hooks->node());
  return task.hooks->node().attach(*loop, *hooks);
}

void Worker::run() {
  state_->run_loop();
}

void Worker::State::run_loop() {
  loop->refresh();
  set_going();
  if (stop_requested) on_stop();
  loop->run();
  for (VirtualUser* user : active)
    user->each_walk([this](VirtualUser& walk) { http->abandon(walk); });
  if (hooks) task.hooks->node().detach();
  take_pool_counters();
  recorder.finish();
  cpu = thread_cpu_time();
  done = true;
}

void Worker::State::set_going() {
  if (task.only != nullptr) return start_lone_user();
  loop->arm(second_timer, context.run_start + core::kSecond);
  if (cursor.at_end()) {
    // Nothing to fire: the thread still waits out nothing and ends at once.
    loop->stop();
    return;
  }
  loop->arm(arrival_timer, context.run_start + cursor.due());
}

void Worker::State::on_second() {
  recorder.advance(loop->now());
  recorder.record(ids.loop_lag, loop->take_worst_lag());
  take_pool_counters();
  // The next full second; ticks that a stall made us miss are left out.
  const auto since_start = loop->now() - context.run_start;
  seconds_ticked = std::max(seconds_ticked + 1, since_start / core::kSecond);
  loop->arm(second_timer, context.run_start + (seconds_ticked + 1) * core::kSecond);
}

void Worker::State::take_pool_counters() {
  const std::uint64_t opened = pool->counters().opened;
  if (opened == opened_before) return;
  recorder.advance(loop->now());
  recorder.count(ids.connections_opened, opened - opened_before);
  opened_before = opened;
}

// First call: users that think or wait for a connection end, requests in flight get their grace.
// Second call, by the timer: the rest is given up.
void Worker::State::on_stop() {
  recorder.advance(loop->now());
  const bool first = !stopping;
  if (!first && stop_timer.is_armed()) return;
  stopping = true;
  runner->stop();
  loop->cancel(arrival_timer);
  const std::vector<VirtualUser*> present = active;
  for (VirtualUser* user : present) {
    if (first && keep_in_flight(*user)) continue;
    user_ended(*user, UserEnd::kUnfinished, {});
  }
  if (first) loop->arm(stop_timer, loop->now() + kStopGrace);
  end_if_over();
}

// Gives up what the user has not sent yet: a request that waits for a connection would only now
// become load. False: nothing is in flight.
bool Worker::State::keep_in_flight(VirtualUser& user) {
  const auto is_in_flight = [](const VirtualUser& walk) {
    const bool is_sent = walk.visit != nullptr && walk.visit->times.first_sent != core::TimePoint{};
    return is_sent || walk.hook_call != 0;
  };
  bool any = false;
  user.each_walk([&](const VirtualUser& walk) { any |= is_in_flight(walk); });
  if (!any) return false;
  user.each_walk([&](VirtualUser& walk) {
    if (is_in_flight(walk)) return;
    http->abandon(walk);
    loop->cancel(walk.timer);
  });
  return true;
}

void Worker::State::end_if_over() {
  const bool more = !stopping && task.only == nullptr && !cursor.at_end();
  if (!more && active.empty()) loop->stop();
}

void Worker::State::fire_arrivals() {
  core::TimePoint now = loop->now();
  for (int started = 0; !cursor.at_end() && !stopping; cursor.next()) {
    const core::TimePoint due = context.run_start + cursor.due();
    if (due > now) break;
    recorder.advance(now);
    if (now - due > kMaxLateness) {
      recorder.count(ids.missed);
      missed.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    start_arrival(now, due);
    if (++started == kArrivalsPerTurn) {
      cursor.next();
      break;
    }
    now = loop->refresh();
  }
  if (cursor.at_end()) return end_if_over();
  // A due time in the past is handled in the next pass, after the sockets had their turn.
  if (!stopping) loop->arm(arrival_timer, context.run_start + cursor.due());
}

void Worker::State::start_arrival(core::TimePoint now, core::TimePoint due) {
  if (cursor.index() >= first_without_row) return recorder.count(ids.skipped);
  if (script.config.phases[cursor.phase()].paces_requests) return give_turn(now, due);
  if (!has_room_for_user()) return recorder.count(ids.skipped);
  runner->resume(begin_user(now, due, false));
}

// Counts the user in, unless the phase's maxVusers are under way.
bool Worker::State::has_room_for_user() {
  if (!counts_users) return true;
  const auto& limit = script.config.phases[cursor.phase()].max_vusers;
  const std::int64_t before = context.active_users->fetch_add(1, std::memory_order_relaxed);
  if (!limit || before < *limit) return true;
  context.active_users->fetch_sub(1, std::memory_order_relaxed);
  return false;
}

// A request of a phase with a requestRate is due: the user that has waited longest sends it, a new
// one if nobody waits. One that does something else first takes a later turn.
void Worker::State::give_turn(core::TimePoint now, core::TimePoint due) {
  if (line.empty() && active.size() < kMostUsersForTurns && has_room_for_user())
    runner->resume(begin_user(now, due, true));
  if (line.empty()) return recorder.count(ids.requests_missed);
  VirtualUser& walk = *line.front();
  line.pop_front();
  VirtualUser& user = walk.root();
  user.due = due;
  user.sent_first_request = false;
  user.saw_first_answer = false;
  recorder.record(ids.start_delay, now - due);
  runner->resume(walk);
}

bool Worker::State::wait_for_turn(VirtualUser& user) {
  const core::TimePoint end = user.root().turns_end;
  if (loop->now() >= end) return false;
  line.push_back(&user);
  if (!turns_timer.is_armed()) loop->arm(turns_timer, end);
  return true;
}

// Users that wait when their phase is over are done.
void Worker::State::end_turns() {
  recorder.advance(loop->now());
  while (!line.empty() && line.front()->root().turns_end <= loop->now())
    user_ended(line.front()->root(), UserEnd::kCompleted, {});
  if (!line.empty()) loop->arm(turns_timer, line.front()->root().turns_end);
}

VirtualUser& Worker::State::begin_user(core::TimePoint now, core::TimePoint due, bool takes_turns) {
  const auto arrival = static_cast<std::uint64_t>(cursor.index());
  core::Rng rng = core::make_rng(context.seed, arrival, core::Purpose::kScenario);
  const auto& table = context.program->scenario_table;
  const std::uint32_t scenario = table[rng.below(table.size())];
  VirtualUser& user = take_user(context.program->scenarios[scenario], arrival);
  user.due = due;
  user.started = now;
  recorder.count(ids.created);
  recorder.count(ids.created_by_scenario[scenario]);
  user.takes_turns = takes_turns;
  if (takes_turns) {
    const plan::Schedule::Phase& phase = context.schedule->phases()[cursor.phase()];
    user.turns_end = context.run_start + phase.start + phase.duration;
  } else {
    recorder.record(ids.start_delay, now - due);
  }
  give_variables(user);
  return user;
}

VirtualUser& Worker::State::take_user(const FlowProgram& program, std::uint64_t arrival) {
  if (free_users.empty()) {
    free_users.push_back(&users.emplace_back(*runner, &FlowRunner::on_timer));
    free_users.reserve(users.size());
  }
  VirtualUser& user = *free_users.back();
  free_users.pop_back();
  user.program = &program;
  user.pc = 0;
  user.arrival = arrival;
  user.sent_first_request = false;
  user.saw_first_answer = false;
  user.takes_turns = false;
  user.slot = static_cast<std::uint32_t>(active.size());
  active.push_back(&user);
  active_count.store(active.size(), std::memory_order_relaxed);
  return user;
}

void Worker::State::give_variables(VirtualUser& user) {
  const script::Config& config = script.config;
  for (std::size_t number = 0; number < config.payloads.size(); ++number) {
    const expr::Payload& payload = config.payloads[number];
    if (payload.options().load_all) continue;  // stands among the shared variables
    payload.assign(payload.row_of(user.arrival, context.seed, number), user.variables);
  }
  std::uint64_t detail = 0;
  for (const script::Variable& variable : config.variables) {
    ++detail;
    if (!variable.value.is_list() || variable.value.as_list().empty()) continue;
    core::Rng rng = core::make_rng(context.seed, user.arrival, core::Purpose::kVariables, detail);
    const auto& choices = variable.value.as_list();
    user.variables.set(variable.name, choices[rng.below(choices.size())]);
  }
  const BuiltInSymbols& built_in = context.program->built_in;
  if (built_in.uses_uuid) {
    core::Rng rng = core::make_rng(context.seed, user.arrival, core::Purpose::kVariables);
    user.variables.set(built_in.uuid, core::Value(make_uuid(rng)));
  }
  if (built_in.uses_arrival) {
    const core::Duration due = user.due - context.run_start;
    user.variables.set(built_in.arrival_index, core::Value(user.arrival));
    user.variables.set(built_in.arrival_due, core::Value(static_cast<std::int64_t>(due.count())));
    user.variables.set(built_in.worker_index, core::Value(static_cast<std::int64_t>(task.index)));
  }
}

void Worker::State::start_lone_user() {
  VirtualUser& user = take_user(*task.only, kLoneUser - task.index);
  user.due = loop->now();
  user.started = loop->now();
  recorder.advance(loop->now());
  give_variables(user);
  runner->resume(user);
}

void Worker::State::count_failed_scenario(const FlowProgram& program) {
  const auto& all = context.program->scenarios;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (&all[i] != &program) continue;
    const std::string& name = script.scenarios[i].name;
    recorder.count(recorder.late_counter("slsart.failed_by_name." +
                                         (name.empty() ? std::to_string(i) : name)));
  }
}

void Worker::State::user_ended(VirtualUser& user, UserEnd end, std::string_view reason) {
  switch (end) {
    case UserEnd::kCompleted:
      recorder.count(ids.completed);
      recorder.record(ids.session_length, loop->now() - user.started);
      break;
    case UserEnd::kFailed:
      recorder.count(ids.failed);
      recorder.count(recorder.late_counter("slsart.ended." + std::string(reason)));
      count_failed_scenario(*user.program);
      break;
    case UserEnd::kUnfinished:
      recorder.count(ids.unfinished);
      break;
  }
  if (task.only != nullptr) {
    final_variables = user.variables;
    if (hooks) other_variables = std::move(hooks->others());
    if (end == UserEnd::kFailed) failure = reason;
    if (end == UserEnd::kUnfinished) failure = "stopped";
  }
  user.each_walk([this](VirtualUser& walk) {
    http->abandon(walk);
    if (hooks) hooks->cancel(walk.hook_call);
    loop->cancel(walk.timer);
    walk.loops.clear();
  });
  http->release(user);
  if (hooks) hooks->forget(user);
  if (user.takes_turns)
    std::erase_if(line, [&](VirtualUser* walk) { return &walk->root() == &user; });
  user.each_walk([](VirtualUser& walk) { walk.program = nullptr; });
  if (user.branches.size() > kBranchesKept) user.branches.resize(kBranchesKept);
  user.variables.clear();
  if (user.jar) user.jar->clear();
  ++user.lives;
  active.back()->slot = user.slot;
  active[user.slot] = active.back();
  active.pop_back();
  active_count.store(active.size(), std::memory_order_relaxed);
  if (counts_users && task.only == nullptr)
    context.active_users->fetch_sub(1, std::memory_order_relaxed);
  free_users.push_back(&user);
  end_if_over();
}

void Worker::request_stop() {
  state_->stop_requested = true;
  state_->loop->wake();
}

metrics::Recorder& Worker::recorder() {
  return state_->recorder;
}
std::uint64_t Worker::active_now() const {
  return state_->active_count.load(std::memory_order_relaxed);
}
bool Worker::is_done() const {
  return state_->done;
}
std::uint64_t Worker::arrivals_missed() const {
  return state_->missed.load(std::memory_order_relaxed);
}
core::Duration Worker::cpu_time() const {
  return state_->cpu;
}
const expr::Variables& Worker::final_variables() const {
  return state_->final_variables;
}
const core::Value& Worker::other_variables() const {
  return state_->other_variables;
}
const std::string& Worker::failure() const {
  return state_->failure;
}

}  // namespace slsart::engine
