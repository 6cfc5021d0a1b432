#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"
#include "run/dispatcher.h"
#include "run/notifier.h"
#include "run/store.h"

namespace slsart::run::fleet {

// What an executor has around it: made once by whoever starts the process, used by one invocation
// after the other. Nothing of it is owned; null: not there, and an event that needs it fails.
struct Surroundings {
  Store* store = nullptr;
  Dispatcher* dispatcher = nullptr;
  Notifier* notifier = nullptr;
  const core::Clock* clock = nullptr;  // null: the system's
  std::string token;                   // of the deployment this executor belongs to
  std::string directory = ".";         // the files that were deployed: scripts, node_modules
  std::string scratch = "/tmp";  // may be written to; kept between invocations of a warm executor
  std::string version;           // of slsart
  // Lines for the executor's log; may be called from any thread.
  std::function<void(std::string_view line)> log;
};

// One invocation, as the runtime tells it.
struct Invocation {
  std::string request_id;
  std::string function;        // the deployed name
  core::Duration remaining{};  // until the executor is killed, when handle_event() is called
};

// The one entrance of an executor: takes the event's JSON text, answers with JSON text. An event
// with a member "slsart" is an envelope (envelope.h): a chunk of a run, its prologue or epilogue,
// or a driver. Anything else is a bare event, a script (bare_event.h). Blocks until the work is
// done or shortly before the time is over. One thread.
//
// Errors are the invocation's failures, for the runtime to report as such; the message is for
// people. A chunk that was refused (another deployment's token, too late, claimed by another, a
// stop) is an answer, not an error, so that nobody repeats it: {"slsart":{"refused":"..."}}.
core::Result<std::string> handle_event(std::string_view event, const Invocation& invocation,
                                       const Surroundings& surroundings);

}  // namespace slsart::run::fleet
