#pragma once

#include <span>
#include <vector>

#include "core/value.h"
#include "expr/capture/json_path.h"

namespace slsart::expr::capture {

// What the steps find in a document, in its order. `budget` bounds the values that may be looked
// at; when it is used up the answer is empty.
std::vector<core::Value> walk_json(const core::Value& document, std::span<const JsonStep> steps,
                                   std::size_t budget);

}  // namespace slsart::expr::capture
