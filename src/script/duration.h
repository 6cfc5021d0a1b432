#pragma once

#include <string_view>

#include "core/result.h"
#include "core/time.h"
#include "script/dialect.h"

namespace slsart::script {

inline constexpr core::Duration kLongestDuration = std::chrono::hours(24 * 3660);  // ten years

// A length of time as scripts write it. A bare number means seconds; units are those of the npm
// package "ms" (ms s m h d w y and their longer names, any case); parts may be added up.
//
//   20  0.5  "20s"  "500ms"  "1.5h"  "2 days"  "1m 30s"
//
// Exact to the nanosecond. Errors: not a duration, negative, longer than kLongestDuration.
core::Result<core::Duration> parse_duration(std::string_view text);

// The same for `think`, where a bare fraction is what the dialect says it is.
core::Result<core::Duration> parse_think(std::string_view text, const Dialect& dialect);

}  // namespace slsart::script
