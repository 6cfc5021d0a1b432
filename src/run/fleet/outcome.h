#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"
#include "run/fleet/fleet.h"
#include "run/fleet/stored_plan.h"

namespace slsart::run::fleet {

// The object runs/<run>/end: how the run ended, beside its result.
//
//   {"ending":"completed","at":ms,"reported":40,"duplicates":0,"analysis":{…}}
//
// Of a run whose prologue failed {"ending":"failed","at":ms,"failure":"…"}.
std::string end_of(const Outcome& outcome, core::WallTime now);
// The outcome from that and the object runs/<run>/result. Errors: kInvalidInput.
core::Result<Outcome> read_end(const StoredPlan& plan, std::string_view end,
                               std::string_view result);

}  // namespace slsart::run::fleet
