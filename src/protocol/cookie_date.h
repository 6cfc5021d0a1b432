#pragma once

#include <optional>
#include <string_view>

#include "core/time.h"

namespace slsart::protocol {

// A cookie's Expires as RFC 6265 §5.1.1 reads it: any order, any delimiters, two-digit years.
// "Wed, 09 Jun 2021 10:18:14 GMT". Always UTC. Times the clock cannot hold become its first or
// last.
std::optional<core::WallTime> parse_cookie_date(std::string_view text);

}  // namespace slsart::protocol
