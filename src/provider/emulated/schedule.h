#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace slsart::provider::emulated {

// A schedule expression of EventBridge: "rate(5 minutes)" (minute, hour, day; singular for 1) or
// "cron(minutes hours day-of-month month day-of-week year)" in UTC: numbers, names (JAN, MON), "*",
// "?", lists, ranges, steps; one of the two days is "?". L, W and # are refused.
class Schedule {
 public:
  // Errors: kInvalidInput, kUnsupported, with what is wrong.
  static core::Result<Schedule> parse(std::string_view text);

  // The first time after `last` at which it is due, of a cron at a whole minute; nothing: never
  // again. `minute` is how long a minute of a rate is.
  std::optional<core::WallTime> next(core::WallTime last,
                                     core::Duration minute = std::chrono::minutes(1)) const;

 private:
  struct Cron {
    std::bitset<60> minutes;
    std::bitset<24> hours;
    std::bitset<32> days;     // of the month, from 1
    std::bitset<13> months;   // from 1
    std::bitset<8> weekdays;  // from 1, Sunday
    std::bitset<230> years;   // from 1970
  };
  static core::Result<Schedule> parse_rate(std::string_view inner);
  static core::Result<Schedule> parse_cron(std::string_view inner);

  std::int64_t minutes_ = 0;  // of a rate; 0: it is a cron
  Cron cron_;
};

}  // namespace slsart::provider::emulated
