#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"
#include "engine/flow/program.h"
#include "engine/metric_ids.h"
#include "expr/variables.h"
#include "metrics/recorder.h"
#include "plan/schedule.h"

namespace slsart::net {
class TlsContext;
}

namespace slsart::engine {

class HookProcess;

// Arrivals that are later than this are not fired but counted as missed, so that a stall is never
// repaid with more load than was planned.
inline constexpr core::Duration kMaxLateness = std::chrono::seconds(1);
// How long exchanges in flight may go on after a stop.
inline constexpr core::Duration kStopGrace = std::chrono::seconds(1);

// How workers wait: asleep in the kernel, or spinning the last microseconds before an arrival is
// due (only sensible when a core is free for each).
enum class Idle { kSleep, kSpin };

// What all workers of a run share; read only, but for the two counters. Must outlive the workers.
struct RunContext {
  const Program* program = nullptr;
  const plan::Schedule* schedule = nullptr;
  const metrics::Registry* registry = nullptr;
  const MetricIds* ids = nullptr;
  std::shared_ptr<net::TlsContext> tls;  // shared: an incomplete type that only engine knows
  expr::Variables shared;                // what all users see: target, environment, constants
  std::uint64_t seed = 0;
  core::TimePoint run_start;     // arrivals are due relative to it
  core::Duration wall_offset{};  // wall clock minus steady clock
  std::string dns_servers;       // see net::Resolver::Options
  Idle idle = Idle::kSleep;
  // Called from any worker's thread with a line of a `log` step. Must not block.
  std::function<bool(std::string_view)> log_line;
  // Users under way in all workers; only counted when a phase has maxVusers.
  std::atomic<std::int64_t>* active_users = nullptr;
};

// Reads what config.tls names into a context. Errors: certificates and keys that cannot be read; no
// CA bundle on this machine although the target or a url of the script is https.
core::Result<std::shared_ptr<net::TlsContext>> make_tls(const Program& program);

// What a worker is to do with its context's schedule.
struct WorkerTask {
  std::uint32_t index = 0;  // of the worker
  plan::Stripe stripe;
  std::uint32_t pool_share = 0;       // of http.pool; 0: every user has its own connections
  const FlowProgram* only = nullptr;  // run this flow once instead of the schedule (before, after)
  HookProcess* hooks = nullptr;  // ready; needed where the program has hook points
};

// One thread, one loop: fires the arrivals of its stripe and walks its users. Made on any thread,
// run on one; request_stop(), active_now() and the recorder's take_sealed() may be called from
// others.
class Worker {
 public:
  static core::Result<std::unique_ptr<Worker>> make(const RunContext& context,
                                                    const WorkerTask& task);
  ~Worker();

  // Returns when all users have ended, or after a stop. Blocks.
  void run();
  // No user starts another request, thinking users end at once, exchanges in flight get kStopGrace.
  void request_stop();

  metrics::Recorder& recorder();
  std::uint64_t active_now() const;  // users under way, roughly
  bool is_done() const;
  std::uint64_t arrivals_missed() const;
  core::Duration cpu_time() const;  // valid after run()
  // Of a worker with `only`: the variables its user ended with, and why it failed (empty: it did
  // not).
  const expr::Variables& final_variables() const;
  const std::string& failure() const;
  // Variables of that user which the script does not name, left by functions.
  const core::Value& other_variables() const;

 private:
  Worker();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace slsart::engine
