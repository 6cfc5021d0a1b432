#include "run/fleet/executor.h"

namespace slsart::run::fleet {

core::Result<std::string> handle_event(std::string_view, const Invocation&, const Surroundings&) {
  return core::Error{core::ErrorCode::kUnsupported, "executors cannot do anything yet", {}, {}};
}

}  // namespace slsart::run::fleet
