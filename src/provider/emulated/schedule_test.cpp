#include "provider/emulated/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "provider/emulated/log_file.h"

namespace slsart::provider::emulated {
namespace {

std::string next(const char* schedule, const char* last) {
  core::WallTime time{};
  EXPECT_TRUE(parse_iso_time(std::string(last) + ":00.000Z", time));
  const auto parsed = Schedule::parse(schedule);
  if (!parsed) return parsed.error().message;
  const auto due = parsed->next(time);
  return due ? to_iso_time(*due).substr(0, 16) : "never";
}

TEST(Schedule, TellsWhenItIsDueNext) {
  struct Case {
    const char* schedule;
    const char* last;
    const char* next;
  };
  for (const Case& row : std::vector<Case>{
           {"rate(1 minute)", "2026-11-22T13:30", "2026-11-22T13:31"},
           {"rate(5 minutes)", "2026-11-22T13:58", "2026-11-22T14:03"},
           {"rate(1 hour)", "2026-11-22T13:30", "2026-11-22T14:30"},
           {"rate(2 days)", "2026-11-22T13:30", "2026-11-24T13:30"},
           {"cron(0 12 * * ? *)", "2026-11-22T13:30", "2026-11-23T12:00"},
           {"cron(0 12 * * ? *)", "2026-11-22T12:00", "2026-11-23T12:00"},
           {"cron(0/15 * * * ? *)", "2026-11-22T13:31", "2026-11-22T13:45"},
           {"cron(5,10 8-9 * * ? *)", "2026-11-22T09:10", "2026-11-23T08:05"},
           {"cron(0 18 ? * MON-FRI *)", "2026-11-20T18:00", "2026-11-23T18:00"},  // a Friday
           {"cron(0 0 29 2 ? *)", "2026-11-22T13:30", "2028-02-29T00:00"},
           {"cron(0 0 1 JAN ? 2030)", "2026-11-22T13:30", "2030-01-01T00:00"},
           {"cron(0 0 1 1 ? 2020)", "2026-11-22T13:30", "never"},
           {"cron(0 0 31 2 ? *)", "2026-11-22T13:30", "never"}}) {
    EXPECT_EQ(next(row.schedule, row.last), row.next) << row.schedule;
  }
}

TEST(Schedule, WrongOnesAreRefused) {
  for (const char* text :
       {"", "rate", "rate()", "rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)",
        "rate(1 second)", "rate(1.5 hours)", "rate(-1 minutes)", "cron(* * * * *)",
        "cron(60 * * * ? *)", "cron(* * * * * *)", "cron(* * ? * ? *)", "cron(5-1 * * * ? *)",
        "cron(*/0 * * * ? *)", "cron(x * * * ? *)", "cron(* * L * ? *)", "cron(* * ? * 2#1 *)",
        "every minute"}) {
    EXPECT_FALSE(Schedule::parse(text)) << text;
  }
}

TEST(Schedule, TestsMayHaveShorterMinutes) {
  const auto schedule = Schedule::parse("rate(2 minutes)");
  const core::WallTime start{std::chrono::seconds(1'700'000'000)};
  EXPECT_EQ(schedule->next(start, std::chrono::milliseconds(100)),
            start + std::chrono::milliseconds(200));
}

}  // namespace
}  // namespace slsart::provider::emulated
