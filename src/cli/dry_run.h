#pragma once

#include <cstdint>

#include "core/exit_code.h"
#include "script/script.h"

namespace slsart::cli {

// Prints what a run of the script would do: phases with their users, scenarios with their shares,
// workers. Sends nothing. `workers` 0: as many as there are processors.
core::ExitCode print_plan(const script::Script& script, std::uint64_t seed, std::uint32_t workers);

}  // namespace slsart::cli
