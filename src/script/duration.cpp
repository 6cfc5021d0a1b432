#include "script/duration.h"

#include <array>
#include <string>

#include "core/text.h"
#include "script/detail/decimal.h"

namespace slsart::script {
namespace {

struct Unit {
  std::string_view names;  // separated by blanks
  core::Duration length;
};

constexpr core::Duration kDay = std::chrono::hours(24);

// https://www.npmjs.com/package/ms
constexpr std::array kUnits{
    Unit{"ms msec msecs millisecond milliseconds", core::kMillisecond},
    Unit{"s sec secs second seconds", core::kSecond},
    Unit{"m min mins minute minutes", std::chrono::minutes(1)},
    Unit{"h hr hrs hour hours", std::chrono::hours(1)},
    Unit{"d day days", kDay},
    Unit{"w week weeks", 7 * kDay},
    Unit{"y yr yrs year years", 365 * kDay + std::chrono::hours(6)},
};

const Unit* find_unit(std::string_view name) {
  const std::string lower = core::to_lower(name);
  for (const Unit& unit : kUnits) {
    for (const std::string_view known : core::split(unit.names, ' ')) {
      if (known == lower) return &unit;
    }
  }
  return nullptr;
}

core::Error not_a_duration(std::string message) {
  return {.code = core::ErrorCode::kInvalidInput,
          .message = std::move(message),
          .hint = "write seconds, or a text such as \"500ms\", \"20s\", \"1.5h\" or \"1m 30s\"",
          .offset = {}};
}

core::Error too_long() {
  core::Error error = not_a_duration("a duration cannot be longer than 10 years");
  error.code = core::ErrorCode::kLimit;
  return error;
}

// `nano` billionths of `unit`.
core::Result<core::Duration> times(std::int64_t nano, core::Duration unit) {
  // Units are whole milliseconds and billionths of one second are nanoseconds, hence the two steps.
  const std::int64_t milliseconds = unit / core::kMillisecond;
  if (milliseconds == 1) return core::Duration(nano / 1000);
  const std::int64_t seconds = milliseconds / 1000;
  if (nano > kLongestDuration.count() / seconds) return too_long();
  return core::Duration(nano * seconds);
}

bool is_number_char(char c) {
  return (c >= '0' && c <= '9') || c == '.';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// One "1.5 h" off the front of `text`.
core::Result<core::Duration> take_part(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_number_char(text[end])) ++end;
  const auto nano = detail::parse_nano(text.substr(0, end));
  const std::string_view rest = core::trim(text.substr(end));
  std::size_t letters = 0;
  while (letters < rest.size() && is_letter(rest[letters])) ++letters;
  const Unit* const unit = find_unit(rest.substr(0, letters));
  if (!nano || !unit) return not_a_duration("\"" + std::string(text) + "\" is not a duration");
  text = core::trim(rest.substr(letters));
  return times(*nano, unit->length);
}

core::Result<core::Duration> parse_with(std::string_view text, core::Duration bare_unit) {
  text = core::trim(text);
  if (text.starts_with('-') && text.size() > 1 && is_number_char(text[1])) {
    return not_a_duration("a duration cannot be negative");
  }
  if (const auto nano = detail::parse_nano(text)) {
    const core::Result<core::Duration> result = times(*nano, bare_unit);
    return result && *result > kLongestDuration ? too_long() : result;
  }
  if (is_number_char(text.empty() ? ' ' : text[0]) && core::parse_number(text)) return too_long();
  const std::string_view whole = text;
  core::Duration sum{};
  do {
    const core::Result<core::Duration> part = take_part(text);
    if (!part) {
      if (part.error().code == core::ErrorCode::kLimit) return part;
      return not_a_duration("\"" + std::string(whole) + "\" is not a duration");
    }
    sum += *part;
    if (sum > kLongestDuration) return too_long();
  } while (!text.empty());
  return sum;
}

}  // namespace

core::Result<core::Duration> parse_duration(std::string_view text) {
  return parse_with(text, core::kSecond);
}

core::Result<core::Duration> parse_think(std::string_view text, const Dialect& dialect) {
  const std::string_view number = core::trim(text);
  const bool fraction = number.find('.') != std::string_view::npos;
  const bool milliseconds = fraction && dialect.think_fraction == BareFraction::kMilliseconds;
  return parse_with(number, milliseconds ? core::kMillisecond : core::kSecond);
}

}  // namespace slsart::script
