#pragma once

#include "script/detail/node.h"

namespace slsart::script::detail {

enum class Lists {
  kByIndex,   // element by element; what is left of the longer list stays (further files,
              // environments)
  kReplaced,  // as a whole (--overrides)
};

// Merges `over` into `base`: maps key by key, lists as `lists` says, anything else is replaced.
// What is taken from `over` keeps its spans.
void merge_into(Node& base, const Node& over, Lists lists);

}  // namespace slsart::script::detail
