#pragma once

#include <string_view>

#include "core/value.h"

namespace slsart::script::detail {

// What a plain scalar means by the core schema of YAML 1.2 (§10.3.2):
//
//   null Null NULL ~ and nothing          null
//   true True TRUE, false False FALSE     bool
//   12 -3 +7 012 0o14 0xC                 integer (012 is 12); above 64 bits a number
//   1.5 .5 1. 1e3 .inf -.Inf .nan         number
//   everything else (yes, no, 2024-01-01) text
core::Value plain_scalar(std::string_view text);

}  // namespace slsart::script::detail
