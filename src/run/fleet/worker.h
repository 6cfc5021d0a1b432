#pragma once

#include <string>

#include "core/result.h"
#include "run/fleet/envelope.h"
#include "run/fleet/executor.h"

namespace slsart::run::fleet {

// Does what an envelope of the kinds chunk, before and after asks for, on this executor: looks at
// token, stop mark and not-after, claims its part, waits for the planned start, fires, stores what
// it measures. Nothing is fired unless the store said so: when it cannot be reached, when the part
// is somebody else's, after a stop or too late, nothing is. Blocks. The answer is for the log:
//
//   {"slsart":{"part":"00000003","ending":"completed","parts":13}}
//   {"slsart":{"part":"00000003","refused":"it is claimed by another executor"}}
//
// Errors: the store or the script failed this executor; final/<part> says so too if it could be
// written.
core::Result<std::string> work_on(const Envelope& envelope, const Invocation& invocation,
                                  const Surroundings& surroundings);

}  // namespace slsart::run::fleet
