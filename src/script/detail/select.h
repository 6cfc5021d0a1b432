#pragma once

#include "script/detail/report.h"
#include "script/load.h"
#include "script/script.h"

namespace slsart::script::detail {

// What of a script is run: --scenario-name keeps the one scenario it names, --solo makes the load
// one user, scenarios of weight 0 go. Errors: no or several such scenarios, no scenario left.
void select(Script& script, const LoadOptions& options, Report& report);

}  // namespace slsart::script::detail
