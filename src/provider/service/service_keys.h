#pragma once

#include "core/span.h"
#include "script/yaml.h"

namespace slsart::provider::service {

// Tells every key of a service file that is not known (a warning with its path and the nearest
// known one, once each) or that has no meaning here (a note). `root` is a map.
void check_keys(const script::Node& root, core::Diagnostics& diagnostics);

}  // namespace slsart::provider::service
