#include "run/fleet/executor.h"

#include "core/value.h"
#include "run/fleet/bare_event.h"
#include "run/fleet/driver.h"
#include "run/fleet/envelope.h"
#include "run/fleet/worker.h"

namespace slsart::run::fleet {

core::Result<std::string> handle_event(std::string_view event, const Invocation& invocation,
                                       const Surroundings& surroundings) {
  const auto value = core::parse_json(event);
  if (!value) return core::Error(value.error()).within("reading the event");
  if (!is_envelope(*value)) return run_bare_event(*value, invocation, surroundings);
  const auto envelope = parse_envelope(*value);
  if (!envelope) return envelope.error();
  if (envelope->kind == Envelope::Kind::kDrive)
    return drive_in_executor(*envelope, invocation, surroundings);
  return work_on(*envelope, invocation, surroundings);
}

}  // namespace slsart::run::fleet
