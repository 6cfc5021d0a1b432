#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/value.h"

namespace slsart::expr {
struct HeaderView;
}

namespace slsart::expr::capture {

// The value of a response header.
class Header {
 public:
  // Errors: kInvalidInput with the offset of a character that no header name has (RFC 9110 §5.1).
  static core::Result<Header> parse(std::string_view name);
  // Undefined if there is none of that name; of several the values joined by ", ".
  core::Value find(std::span<const HeaderView> headers) const;

 private:
  std::string name_;  // lower case
};

}  // namespace slsart::expr::capture
