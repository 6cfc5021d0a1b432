#pragma once

#include <string_view>

#include "engine/flow/program.h"
#include "engine/virtual_user.h"

namespace slsart::engine {

// What became of a step that was started.
enum class StepStart {
  kDone,     // over at once
  kWaiting,  // FlowRunner::step_done or step_failed will be called later
  kFailed,   // the step engine has counted why; the user is to end with `failure_reason()`
};

// The seam between flows and protocols: starts requests, gives them up, drops what a user has open.
// One per worker and protocol, on the worker's thread.
class StepEngine {
 public:
  virtual ~StepEngine() = default;
  virtual StepStart start(VirtualUser& user, const RequestOp& op) = 0;
  // Why the last start() failed, as counted. Valid until the next start().
  virtual std::string_view failure_reason() const = 0;
  // Gives up the request under way, if there is one; nothing is called back.
  virtual void abandon(VirtualUser& user) = 0;
  // The user is over: closes its connections.
  virtual void release(VirtualUser& user) = 0;
};

}  // namespace slsart::engine
