#pragma once

#include <string>

#include "core/value.h"

namespace slsart::script {

// The script language as a JSON Schema (draft 2020-12) that editors can use, made from the same
// table that validates.
core::Value json_schema();

// docs/script-reference.md, made from the same table.
std::string reference_manual();

}  // namespace slsart::script
