#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace slsart::script::detail {

// A decimal number as exact billionths: "0.1" is 100'000'000, "1e-3" 1'000'000. Digits behind the
// ninth place are rounded to nearest. Nothing for what is not a number, or beyond ± 9.2e9.
std::optional<std::int64_t> parse_nano(std::string_view text);

}  // namespace slsart::script::detail
