#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/exit_code.h"
#include "core/result.h"
#include "core/time.h"
#include "core/value.h"
#include "metrics/document.h"
#include "plan/split.h"
#include "report/live_view.h"
#include "run/deployment.h"
#include "run/dispatcher.h"
#include "run/modes/mode.h"
#include "run/notifier.h"
#include "run/run.h"
#include "run/store.h"
#include "script/load.h"

// A run on executors elsewhere, from the side of whoever starts and watches it; architecture §6,
// "Distributed". Everything a run is lies in its store (docs/run-store.md), so whoever has the
// store can watch, stop, take over and report it.
namespace slsart::run::fleet {

// The seams a driver works over, borrowed.
struct Seams {
  Store& store;
  Dispatcher& dispatcher;
  Notifier* notifier = nullptr;        // null: alerts go nowhere, and the outcome says so
  const core::Clock* clock = nullptr;  // null: the system's
};

// What is to be run.
struct Order {
  const script::LoadOptions& load;  // with which the script was loaded; test_id is the run's id
  const script::Script& script;     // what came of it
  const plan::Plan& plan;           // and of that
  std::string token;                // of the deployment (DeploymentStatus::token)
  std::string version;              // of slsart
};

// Puts script, files and plan into the store; nothing is started. Errors: kIo of the store;
// kInvalidInput: an id that cannot be a key, or is taken; a file of the script that went away.
core::Result<void> submit(const Order& order, Store& store, const core::Clock& clock);

// What happens while a run is driven or watched. Called from the thread that drives.
struct DriveEvents {
  std::function<void(const report::LiveFrame&)> on_frame;
  std::function<void(std::string_view line)> on_line;  // what people should know at once
};

struct DriveOptions {
  core::Duration live_interval{};  // how often on_frame is called; 0: never
  // Also drives a run that another driver holds, once that one's lease has run out; else only
  // watches it.
  bool takes_over = true;
  // Hands the run to a function and returns before this (of a driver in an executor); nothing:
  // none.
  std::optional<core::TimePoint> hand_over_at;
  std::uint32_t generation = 0;  // of a driver in an executor: hand-overs before it
  core::Duration poll = std::chrono::milliseconds(500);
};

// What came of a run.
struct Outcome {
  metrics::RunDocument document;
  Mode mode = Mode::kPerformance;
  // In the sampling modes what the original answers: errors, reports, totals, errorMessage.
  std::optional<Analysis> analysis;
  std::uint32_t chunks = 0;
  std::uint32_t reported = 0;            // chunks whose measurements are complete
  std::uint32_t duplicates_refused = 0;  // executors that found their chunk claimed
  bool handed_over = false;  // the run goes on without us: the document is what there was
};

// The exit code of a run: kIncomplete before kVerdict before kEnsure.
core::ExitCode exit_code_of(const Outcome& outcome);

// Drives the run until its end and reports it: prologue, windows one after the other, epilogue.
// A run that is driven by somebody else is watched until it ends or its lease has run out (`wait`).
// `stop` sets the stop mark and waits for what comes of it. Errors: kNotFound, no such run; kIo,
// the store stays away; kInvalidInput, the prologue failed.
core::Result<Outcome> drive(const std::string& run_id, const Seams& seams,
                            const DriveOptions& options, const DriveEvents& events,
                            const StopSource& stop);

// Has a function drive the run, which hands over to its successor before its time is over
// (`--detach`).
core::Result<void> detach(const std::string& run_id, const Seams& seams);

// What the store alone says of a run.
struct RunStatus {
  std::string run_id;
  std::string script;
  std::string target;
  Mode mode = Mode::kPerformance;
  core::WallTime submitted{};
  std::optional<core::WallTime> started;  // second 0; nothing: not yet
  core::Duration duration{};
  std::uint32_t chunks = 0;
  std::uint32_t dispatched = 0;  // handed to the provider
  std::uint32_t claimed = 0;
  std::uint32_t finished = 0;
  bool stop_asked = false;
  bool is_driven = false;  // somebody holds the lease
  std::optional<metrics::Ending> ended;
};

// The runs in the store, newest first, at most `limit`. Errors: kIo.
core::Result<std::vector<std::string>> list_runs(Store& store, std::size_t limit = 50);
// Errors: kNotFound, no such run; kIo.
core::Result<RunStatus> status(const std::string& run_id, Store& store);
// The report of a run from the store alone, also while it goes on or when its driver is gone.
core::Result<Outcome> read_outcome(const std::string& run_id, Store& store);

struct StopOptions {
  bool keeps_fence = false;                            // kill: the deployment goes anyway
  core::Duration patience = std::chrono::seconds(30);  // until no executor is active
};
// Sets the stop mark of these runs (of all that have not ended, when the list is empty), fences new
// starts, waits until no chunk is active, and lifts the fence. Returns the runs that were stopped.
// What cannot be reached is told by `line`; the fence is lifted nevertheless. Errors: kIo.
core::Result<std::vector<std::string>> stop_runs(const std::vector<std::string>& runs,
                                                 const Seams& seams, Deployment& deployment,
                                                 const DeploymentSpec& spec,
                                                 const StopOptions& options,
                                                 const std::function<void(std::string_view)>& line);

}  // namespace slsart::run::fleet
