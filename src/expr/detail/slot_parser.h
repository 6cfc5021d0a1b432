#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "expr/detail/path.h"
#include "expr/functions.h"

namespace slsart::expr::detail {

// What stands between the braces of `{{ ... }}`.
struct SlotText {
  const Function* function = nullptr;  // a call of it, else a path
  std::vector<core::Value> arguments;
  Path path;
  std::string_view literal;  // the path as written, without blanks around it
  std::size_t end = 0;       // the byte where the closing braces must be
};

// Reads the inside of a slot that begins at `begin`. Does not look at the closing braces.
// Errors: kInvalidInput or kNotFound (unknown function) with the offset in `text`.
core::Result<SlotText> parse_slot(std::string_view text, std::size_t begin, Letters letters);

}  // namespace slsart::expr::detail
