#pragma once

#include <string>

#include "core/result.h"
#include "core/value.h"
#include "run/fleet/executor.h"

namespace slsart::run::fleet {

// An event that is a script: the schedule's {">>":"script.yml","mode":"monitoring"}, or what an old
// client sends. It is merged with the file of its ">>", planned and run here; its answer is what
// the original's would have been. What needs several executors is driven from here
// (bare_event.cpp). Errors: the script is wrong; the run failed.
core::Result<std::string> run_bare_event(const core::Value& event, const Invocation& invocation,
                                         const Surroundings& surroundings);

}  // namespace slsart::run::fleet
