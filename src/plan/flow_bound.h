#pragma once

#include "core/time.h"
#include "script/script.h"

namespace slsart::plan {

// How long a user may take after it arrived, as far as the script tells.
struct FlowBound {
  core::Duration duration{};  // of the longest scenario: its thinks, and one request that times out
  // False: something in a flow has no bound that the script tells (an endless loop, a think or a
  // count with a slot); `duration` then leaves it out.
  bool is_known = true;
};
FlowBound longest_flow(const script::Script& script);

}  // namespace slsart::plan
