#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/result.h"
#include "core/span.h"
#include "core/time.h"
#include "core/value.h"
#include "engine/worker.h"
#include "metrics/document.h"
#include "report/live_view.h"
#include "script/script.h"

namespace slsart::run {

// Asks a run to end. Any thread; request() may be called from a signal handler.
class StopSource {
 public:
  void request() { requested_.store(true, std::memory_order_relaxed); }
  bool is_requested() const { return requested_.load(std::memory_order_relaxed); }

  // For the handler of broken invariants (core/check.h), on the thread that broke one: has the run
  // save what was measured by RunEvents::on_broken and waits for it, at most three seconds. Returns
  // at once on the thread that called execute(): nobody is left to save then.
  void save_before_abort();

 private:
  friend class LocalRun;
  std::atomic<bool> requested_{false};
  mutable std::atomic<bool> broken_{false};
  mutable std::atomic<bool> saved_{false};
  mutable std::atomic<std::thread::id> runner_{};
};

struct RunOptions {
  std::uint32_t workers = 0;  // threads; 0: one per processor that this process may use
  std::uint64_t seed = 0;
  engine::Idle idle = engine::Idle::kSleep;
  std::string dns_servers;  // "127.0.0.1:5353"; empty: the system's
  std::string run_id;
  std::string version;
  // Variables that every user sees besides the script's: $processEnvironment, $dirname, ...
  std::vector<core::Member> shared_variables;
  core::Duration live_interval{};  // how often on_frame is called; 0: never
  bool judges = true;              // whether the script's `ensure` is looked at
  // Which of the script's flows are run: all, or only those of the users because somebody else runs
  // `before` and `after`.
  enum class Flows { kAll, kUsers };
  Flows flows = Flows::kAll;
  // With kUsers: what `before` left (run_before()); every user sees it.
  std::vector<core::Member> left_by_before;
  core::Duration part_interval{};  // how often on_part is called; 0: never
};

// What happens while a run goes on. All are called from the thread that called execute(); any may
// be empty.
struct RunEvents {
  std::function<void(const metrics::PhaseInfo&)> on_phase_started;
  std::function<void(const metrics::PhaseInfo&)> on_phase_completed;
  // A slice of ten seconds of the wall clock is over; `end` is its end.
  std::function<void(const metrics::Snapshot&, core::WallTime end)> on_period;
  std::function<void(const report::LiveFrame&)> on_frame;
  // What was measured since the last call, in whole seconds, and everything else as it stands; the
  // last one holds the rest. Without total and without notes of the run's end, for
  // metrics::encode_document().
  std::function<void(const metrics::RunDocument&, bool is_last)> on_part;
  std::function<void(std::string_view)> on_log_line;
  // A stop was asked for: requests in flight get a moment, then the run is over.
  std::function<void()> on_stopping;
  // The same because a condition of `ensure` that is to end the run does not hold.
  std::function<void(const metrics::Check&)> on_breach;
  // An invariant broke and the process is about to abort; the document holds what was measured.
  std::function<void(const metrics::RunDocument&)> on_broken;
};

// Fires a script from this process and returns what came of it, judged by the script's `ensure`.
// Blocks until the users have ended, `stop` asks for the end or a condition of `ensure` ends it;
// the document of a stopped run is complete for what ran. Errors: nothing to fire, TLS files,
// descriptors, a failed `before` flow. No load was started then, but for `before`.
core::Result<metrics::RunDocument> execute(const script::Script& script, const RunOptions& options,
                                           const RunEvents& events, const StopSource& stop);

// Runs the script's `before` flow alone and returns the variables it left. Errors: as execute(),
// and that the flow failed. Nothing to run is no error.
core::Result<std::vector<core::Member>> run_before(const script::Script& script,
                                                   const RunOptions& options,
                                                   const RunEvents& events, const StopSource& stop);
// Runs the script's `after` flow alone, with what `before` left; on a stop it still may take half a
// second. Errors: the same.
core::Result<void> run_after(const script::Script& script, const RunOptions& options,
                             const RunEvents& events, const StopSource& stop);

// Asks the runtime of the script's processor for its functions: what the script gets wrong about
// it. Nothing when it has none. Starts Node for a moment.
core::Diagnostics check_processor(const script::Script& script);

// The number of processors this process may use: affinity, and the CPU quota of its control group.
std::uint32_t usable_processors();

}  // namespace slsart::run
