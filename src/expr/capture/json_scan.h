#pragma once

#include <span>
#include <string_view>

#include "core/value.h"
#include "expr/capture/json_path.h"

namespace slsart::expr::capture {

// The value a definite path leads to, found by reading the text once; nothing is built or allocated
// but that value. The whole text is checked, so broken JSON gives undefined as it does with
// core::parse_json. Of equal names the last counts. Requires: steps of kinds kName and kIndex, no
// descendants.
core::Value scan_json(std::string_view text, std::span<const JsonStep> steps);

// What such a path leads to, without making it.
enum class JsonKind { kNoJson, kAbsent, kObject, kList, kOther };
JsonKind kind_at(std::string_view text, std::span<const JsonStep> steps);

}  // namespace slsart::expr::capture
