#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/time.h"

namespace slsart::report {

// Text from scripts and servers made safe for a terminal: control characters (also the C1 ones),
// line ends and bytes that are not UTF-8 become '?'.
std::string printable(std::string_view text);

// Columns a text takes when every character takes one. Requires: printable.
std::size_t columns_of(std::string_view text);

// At most `columns` of it; what is cut ends in "...". Requires: printable.
std::string fitted(std::string_view text, std::size_t columns);

// "03:43:20(+0000)": the local time and its offset from UTC.
std::string clock_text(core::WallTime time);
// "2026-11-22T03:47:50.414Z".
std::string iso_text(core::WallTime time);
// "1 hour, 1 minute, 5 seconds"; "0 seconds".
std::string words(core::Duration duration);

// A number with so many decimals: "0.1".
std::string fixed(double value, int decimals);
// A number as JavaScript writes it: "5.8", "4".
std::string plain(double value);

}  // namespace slsart::report
