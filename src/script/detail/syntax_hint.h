#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/span.h"
#include "script/detail/source_text.h"

namespace slsart::script::detail {

struct SyntaxFault {
  core::Span span;
  std::string message;
  std::string hint;
};

// The YAML library stopped at byte `offset` with `complaint`. Looks at the text around that place
// for the usual slips (a quote that is not closed, a tab, a line that is indented too deep, `{{`
// without quotes) and says it in words that help; otherwise hands on the complaint.
SyntaxFault explain_syntax(const Places& places, std::size_t offset, std::string_view complaint);

}  // namespace slsart::script::detail
