#include "script/detail/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "core/text.h"

namespace slsart::script::detail {
namespace {

bool is_one_of(std::string_view text, std::string_view a, std::string_view b, std::string_view c) {
  return text == a || text == b || text == c;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<core::Value> special(std::string_view text) {
  if (text.empty() || text == "~" || is_one_of(text, "null", "Null", "NULL")) {
    return core::Value(core::Value::Null{});
  }
  if (is_one_of(text, "true", "True", "TRUE")) return core::Value(true);
  if (is_one_of(text, "false", "False", "FALSE")) return core::Value(false);
  if (is_one_of(text, ".nan", ".NaN", ".NAN")) {
    return core::Value(std::numeric_limits<double>::quiet_NaN());
  }
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (is_one_of(text, ".inf", ".Inf", ".INF")) {
    const double infinity = std::numeric_limits<double>::infinity();
    return core::Value(negative ? -infinity : infinity);
  }
  return std::nullopt;
}

// 0o14 and 0xC, which the core schema knows without sign only.
std::optional<core::Value> prefixed_integer(std::string_view text) {
  if (text.size() < 3 || text[0] != '0' || (text[1] != 'o' && text[1] != 'x')) return std::nullopt;
  const int base = text[1] == 'o' ? 8 : 16;
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, failure] = std::from_chars(text.data() + 2, end, value, base);
  if (failure != std::errc() || stopped != end || text[2] == '-') return std::nullopt;
  return core::Value(value);
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_decimal(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - from;
  };
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const std::size_t whole = digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0 && whole == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

}  // namespace

core::Value plain_scalar(std::string_view text) {
  if (std::optional<core::Value> found = special(text)) return *std::move(found);
  if (std::optional<core::Value> found = prefixed_integer(text)) return *std::move(found);
  if (!is_decimal(text)) return text;
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  if (const auto integer = core::parse_integer(digits)) return *integer;
  double number = 0;
  // from_chars takes "1." and ".5" as the schema does; out of range it leaves the value untouched.
  const auto [stopped, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure == std::errc::result_out_of_range) return text;
  if (failure != std::errc() || stopped != digits.data() + digits.size()) return text;
  return number;
}

}  // namespace slsart::script::detail
