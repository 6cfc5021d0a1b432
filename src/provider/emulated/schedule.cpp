#include "provider/emulated/schedule.h"

#include <array>
#include <string>
#include <vector>

#include "core/text.h"

namespace slsart::provider::emulated {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

core::Error refuse(std::string_view what, const std::string& why) {
  return {core::ErrorCode::kInvalidInput, "the schedule \"" + std::string(what) + "\": " + why,
          "\"rate(1 minute)\" or \"cron(0 12 * * ? *)\""};
}

// What the values of one field of a cron may be.
struct Field {
  const char* name;
  std::int64_t least;
  std::int64_t most;
  std::vector<std::string_view> names;  // of the values from `least` on
};

std::optional<std::int64_t> value_of(std::string_view text, const Field& field) {
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (core::equals_ignoring_case(text, field.names[i])) {
      return field.least + static_cast<std::int64_t>(i);
    }
  }
  const auto number = core::parse_integer(text);
  if (!number || *number < field.least || *number > field.most) return std::nullopt;
  return number;
}

// "*", "5", "1-5", "*/10", "1-30/2", each of a list.
template <std::size_t N>
bool read_field(std::string_view text, const Field& field, std::bitset<N>& set,
                std::int64_t offset = 0) {
  for (std::string_view part : core::split(text, ',')) {
    std::int64_t step = 1;
    const std::size_t slash = part.find('/');
    if (slash != std::string_view::npos) {
      const auto number = core::parse_integer(part.substr(slash + 1));
      if (!number || *number < 1) return false;
      step = *number;
      part = part.substr(0, slash);
    }
    std::int64_t first = field.least;
    std::int64_t last = field.most;
    if (part != "*" && part != "?") {
      const std::size_t dash = part.find('-');
      const auto from = value_of(part.substr(0, dash), field);
      if (!from) return false;
      first = *from;
      if (dash != std::string_view::npos) {
        const auto to = value_of(part.substr(dash + 1), field);
        if (!to || *to < first) return false;
        last = *to;
      } else if (slash == std::string_view::npos) {
        last = first;
      }
    }
    for (std::int64_t value = first; value <= last; value += step) {
      set.set(static_cast<std::size_t>(value - offset));
    }
  }
  return true;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : core::split(text, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

}  // namespace

core::Result<Schedule> Schedule::parse(std::string_view text) {
  const std::string_view trimmed = core::trim(text);
  if (trimmed.starts_with("rate(") && trimmed.ends_with(')')) {
    return parse_rate(trimmed.substr(5, trimmed.size() - 6));
  }
  if (trimmed.starts_with("cron(") && trimmed.ends_with(')')) {
    return parse_cron(trimmed.substr(5, trimmed.size() - 6));
  }
  return refuse(text, "it is neither a rate nor a cron");
}

core::Result<Schedule> Schedule::parse_rate(std::string_view inner) {
  const auto words = words_of(inner);
  const auto count = words.size() == 2 ? core::parse_integer(words[0]) : std::nullopt;
  if (!count || *count < 1 || *count > 1'000'000) {
    return refuse(inner, "a rate is a whole number and a unit");
  }
  std::string unit(words[1]);
  const bool is_plural = unit.ends_with('s');
  if (is_plural != (*count != 1)) {
    return refuse(inner, *count == 1 ? "the unit of 1 is singular" : "the unit is plural");
  }
  if (is_plural) unit.pop_back();
  Schedule schedule;
  if (unit == "minute") schedule.minutes_ = *count;
  if (unit == "hour") schedule.minutes_ = *count * 60;
  if (unit == "day") schedule.minutes_ = *count * 60 * 24;
  if (schedule.minutes_ == 0) return refuse(inner, "units are minutes, hours and days");
  return schedule;
}

core::Result<Schedule> Schedule::parse_cron(std::string_view inner) {
  const auto words = words_of(inner);
  if (words.size() != 6) return refuse(inner, "a cron has six fields");
  if (inner.find_first_of("LW#") != std::string_view::npos &&
      (words[2].find_first_of("LW") != std::string_view::npos ||
       words[4].find_first_of("L#") != std::string_view::npos)) {
    return core::Error{core::ErrorCode::kUnsupported, "the schedule \"" + std::string(inner) +
                                                          "\": L, W and # are not known here"};
  }
  if ((words[2] == "?") == (words[4] == "?")) {
    return refuse(inner, "one of day-of-month and day-of-week is \"?\"");
  }
  const Field months{
      "month",
      1,
      12,
      {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}};
  const Field weekdays{"day-of-week", 1, 7, {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}};
  Schedule schedule;
  Cron& cron = schedule.cron_;
  if (!read_field(words[0], {"minutes", 0, 59, {}}, cron.minutes)) return refuse(inner, "minutes");
  if (!read_field(words[1], {"hours", 0, 23, {}}, cron.hours)) return refuse(inner, "hours");
  if (!read_field(words[2], {"day", 1, 31, {}}, cron.days)) return refuse(inner, "day-of-month");
  if (!read_field(words[3], months, cron.months)) return refuse(inner, "month");
  if (!read_field(words[4], weekdays, cron.weekdays)) return refuse(inner, "day-of-week");
  if (!read_field(words[5], {"year", 1970, 2199, {}}, cron.years, 1970))
    return refuse(inner, "year");
  return schedule;
}

std::optional<core::WallTime> Schedule::next(core::WallTime last, core::Duration minute) const {
  if (minutes_ > 0) return last + minutes_ * minute;
  auto time = std::chrono::floor<std::chrono::minutes>(last) + std::chrono::minutes(1);
  // At most one step for each day of eight years (the longest way to a 29 February), and one for
  // each hour and minute of a day.
  for (int step = 0; step < 8 * 366 + 24 + 60; ++step) {
    const sys_days day = std::chrono::floor<days>(time);
    const std::chrono::year_month_day date(day);
    const int year = static_cast<int>(date.year()) - 1970;
    const std::size_t weekday = std::chrono::weekday(day).c_encoding() + 1;
    const bool is_day =
        year >= 0 && year < 230 && cron_.years.test(static_cast<std::size_t>(year)) &&
        cron_.months.test(static_cast<unsigned>(date.month())) &&
        cron_.days.test(static_cast<unsigned>(date.day())) && cron_.weekdays.test(weekday);
    const auto hour = std::chrono::floor<std::chrono::hours>(time);
    const auto hour_of_day = static_cast<std::size_t>((hour - day) / std::chrono::hours(1));
    if (!is_day) {
      time = day + days(1);
    } else if (!cron_.hours.test(hour_of_day)) {
      time = hour + std::chrono::hours(1);
    } else if (!cron_.minutes.test(
                   static_cast<std::size_t>((time - hour) / std::chrono::minutes(1)))) {
      time += std::chrono::minutes(1);
    } else {
      return core::WallTime(time);
    }
  }
  return std::nullopt;
}

}  // namespace slsart::provider::emulated
