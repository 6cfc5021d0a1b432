#include "run/fleet/bare_event.h"

namespace slsart::run::fleet {

core::Result<std::string> run_bare_event(const core::Value&, const Invocation&,
                                         const Surroundings&) {
  return core::Error{core::ErrorCode::kUnsupported, "bare events are not run yet", {}, {}};
}

}  // namespace slsart::run::fleet
