#pragma once

#include <span>

#include "expr/functions.h"

namespace slsart::expr {

// Made-up people, places and texts under the names that artillery-plugin-fake-data gives to faker's
// functions ($internetEmail), and its older words for them ($randEmail). Drawn from the step's
// random stream, so the same seed gives every user the same data. Words are this project's own.
std::span<const Function> fake_functions();

}  // namespace slsart::expr
