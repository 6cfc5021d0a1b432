#include "engine/http/request_edits.h"

#include <algorithm>

namespace slsart::engine {

bool RequestEdits::names(std::string_view header) const {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& edited) { return edited.first == header; });
}

// A header value must not end its line: that would let a captured text write headers of its own.
bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

core::Error invalid_header_value() {
  return core::Error{.code = core::ErrorCode::kInvalidInput,
                     .message = "ERR_INVALID_CHAR",
                     .hint = {},
                     .offset = {}};
}

bool is_header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c > ' ' && c < 0x7f &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
  });
}

}  // namespace slsart::engine
