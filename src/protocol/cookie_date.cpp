#include "protocol/cookie_date.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace slsart::protocol {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// RFC 6265 §5.1.1: %x09 / %x20-2F / %x3B-40 / %x5B-60 / %x7B-7E.
bool is_delimiter(char c) {
  return c == '\t' || (c >= 0x20 && c <= 0x2f) || (c >= 0x3b && c <= 0x40) ||
         (c >= 0x5b && c <= 0x60) || (c >= 0x7b && c <= 0x7e);
}

// A number of `least` to `most` digits at the front of `text`, which is shortened; what follows
// must not be a digit.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t digits = 0;
  int value = 0;
  while (digits < text.size() && is_digit(text[digits])) {
    if (digits == most) return std::nullopt;
    value = value * 10 + (text[digits++] - '0');
  }
  if (digits < least) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

struct Parts {
  std::optional<std::array<int, 3>> time;
  std::optional<int> day;
  std::optional<int> month;
  std::optional<int> year;
};

std::optional<std::array<int, 3>> parse_time(std::string_view token) {
  std::array<int, 3> time{};
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0) {
      if (!token.starts_with(':')) return std::nullopt;
      token.remove_prefix(1);
    }
    const auto number = take_number(token, 1, 2);
    if (!number) return std::nullopt;
    time[i] = *number;
  }
  return time;
}

std::optional<int> parse_month(std::string_view token) {
  constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (token.size() < 3) return std::nullopt;
  const std::string name = core::to_lower(token.substr(0, 3));
  for (std::size_t month = 0; month < 12; ++month) {
    if (kMonths.substr(month * 3, 3) == name) return static_cast<int>(month) + 1;
  }
  return std::nullopt;
}

std::optional<int> parse_number(std::string_view token, std::size_t least, std::size_t most) {
  return take_number(token, least, most);
}

void read_token(std::string_view token, Parts& parts) {
  if (!parts.time && (parts.time = parse_time(token))) return;
  if (!parts.day && (parts.day = parse_number(token, 1, 2))) return;
  if (!parts.month && (parts.month = parse_month(token))) return;
  if (!parts.year) parts.year = parse_number(token, 2, 4);
}

}  // namespace

std::optional<core::WallTime> parse_cookie_date(std::string_view text) {
  Parts parts;
  while (!text.empty()) {
    const auto* end = std::find_if(text.begin(), text.end(), is_delimiter);
    const auto length = static_cast<std::size_t>(end - text.begin());
    if (length > 0) read_token(text.substr(0, length), parts);
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  if (!parts.time || !parts.day || !parts.month || !parts.year) return std::nullopt;
  int year = *parts.year;
  if (year >= 70 && year <= 99) year += 1900;
  if (year >= 0 && year <= 69) year += 2000;
  const auto [hour, minute, second] = *parts.time;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(*parts.month)),
                                         std::chrono::day(static_cast<unsigned>(*parts.day))};
  if (year < 1601 || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::chrono::sys_seconds moment = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                                          std::chrono::minutes(minute) +
                                          std::chrono::seconds(second);
  using std::chrono::floor;
  using std::chrono::seconds;
  const auto first = std::chrono::ceil<seconds>(core::WallTime::min());
  const auto last = floor<seconds>(core::WallTime::max());
  if (moment < first) return core::WallTime::min();
  if (moment > last) return core::WallTime::max();
  return core::WallTime(moment);
}

}  // namespace slsart::protocol
