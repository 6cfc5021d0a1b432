#pragma once

#include "script/detail/node.h"
#include "script/detail/report.h"
#include "script/detail/schema_table.h"

namespace slsart::script::detail {

// Holds a merged script against the tables, says everything that is wrong with it, and marks the
// values that are (Node::refused), so that what is built from the rest says nothing twice.
void validate(Node& script, Report& report);

// The same for one value, which stands behind a key of that type.
void validate_value(const Type& type, Node& value, Report& report);

}  // namespace slsart::script::detail
