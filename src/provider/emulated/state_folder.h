#pragma once

#include <string>

#include "core/result.h"

namespace slsart::provider::emulated {

// Where a deployment of the emulated provider keeps everything:
// "${XDG_STATE_HOME:-$HOME/.local/state}/slsart/emulated/<service>-<stage>". Not made here. Errors:
// kInvalidInput, names that are no names (letters, digits, "-", "_", at most 128 together), or
// neither variable is set.
core::Result<std::string> state_folder(const std::string& service, const std::string& stage);

}  // namespace slsart::provider::emulated
