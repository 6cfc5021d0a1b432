#pragma once

#include "plan/schedule.h"
#include "plan/split.h"
#include "script/script.h"

namespace slsart::plan {

// Acceptance and monitoring: load() has made the phases `size` times a pause and one arrival of
// each scenario, so that arrival i of the run walks scenario i mod n. Chunk k of n is stripe k,
// with scenario k fixed. One window, whatever its length: samples are few.
Window sampling_window(const script::Script& script, const Schedule& schedule);

}  // namespace slsart::plan
