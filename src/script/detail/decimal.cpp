#include "script/detail/decimal.h"

#include <algorithm>
#include <limits>
#include <string>

#include "core/text.h"

namespace slsart::script::detail {
namespace {

constexpr int kPlaces = 9;
constexpr std::int64_t kMostExponent = 1000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Digits {
  std::string digits;      // without the point
  std::int64_t point = 0;  // how many of them stand before it
};

// "12.5e1" as digits "125", point 3.
std::optional<Digits> split_digits(std::string_view text) {
  const std::size_t e = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, e);
  std::int64_t exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view written = text.substr(e + 1);
    if (written.starts_with('+')) written.remove_prefix(1);
    const auto value = core::parse_integer(written);
    if (!value || *value > kMostExponent || *value < -kMostExponent) return std::nullopt;
    exponent = *value;
  }
  Digits result;
  bool seen_point = false;
  for (const char c : mantissa) {
    if (c == '.' && !seen_point) {
      seen_point = true;
    } else if (is_digit(c)) {
      result.digits += c;
      if (!seen_point) ++result.point;
    } else {
      return std::nullopt;
    }
  }
  if (result.digits.empty()) return std::nullopt;
  result.point += exponent;
  return result;
}

}  // namespace

std::optional<std::int64_t> parse_nano(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::optional<Digits> number = split_digits(text);
  if (!number) return std::nullopt;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::int64_t wanted = number->point + kPlaces;  // digits that make whole billionths
  std::int64_t value = 0;
  for (std::int64_t i = 0; i < wanted; ++i) {
    const bool is_there = i < static_cast<std::int64_t>(number->digits.size());
    const int digit = is_there ? number->digits[static_cast<std::size_t>(i)] - '0' : 0;
    if (value > (kMost - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  const bool rounds_up = wanted >= 0 && wanted < static_cast<std::int64_t>(number->digits.size()) &&
                         number->digits[static_cast<std::size_t>(wanted)] >= '5';
  if (rounds_up && value < kMost) ++value;
  return negative ? -value : value;
}

}  // namespace slsart::script::detail
