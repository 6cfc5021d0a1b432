#pragma once

#include <string>

#include "core/result.h"
#include "run/fleet/envelope.h"
#include "run/fleet/executor.h"
#include "run/fleet/store_clock.h"

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

// Why a part must not be begun, before it is claimed; empty: nothing speaks against it. The store is
// asked first, because its answer also sets the clock right. Errors: kIo, nobody knows.
core::Result<std::string> reason_to_refuse(const Envelope& envelope, Store& store,
                                           StoreClock& clock);

}  // namespace slsart::run::fleet
