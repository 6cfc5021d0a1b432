#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace slsart::engine {

// What beforeRequest hooks made different from the script; final values without slots.
struct RequestEdits {
  using Pair = std::pair<std::string, std::string>;
  std::optional<std::string> url;
  std::optional<std::vector<Pair>> query;  // in the place of the step's
  std::optional<std::string> method;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;  // nothing: none of it
  bool has_body = false;            // `body` is sent in the place of the step's
  std::optional<std::string> body;  // nothing: the request carries none
  std::string content_type;         // of the body, unless a header says otherwise
  std::optional<std::vector<Pair>> cookies;
  std::optional<std::vector<std::string>> credentials;  // user and password, or neither
  std::optional<core::Duration> timeout;
  std::optional<bool> follow_redirect;

  bool names(std::string_view header) const;  // in lower case
};

// False for text with a line end or NUL: it would let a captured text write headers of its own.
bool is_header_value(std::string_view text);
core::Error invalid_header_value();
// The names that RFC 9110 §5.1 allows.
bool is_header_name(std::string_view name);

}  // namespace slsart::engine
