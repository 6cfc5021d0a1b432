#include "provider/emulated/log_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "core/text.h"

namespace slsart::provider::emulated {
namespace {

constexpr core::WallTime kNoon{std::chrono::milliseconds(1'700'000'000'123)};

std::string contents(const std::string& path) {
  auto text = core::read_file(path);
  std::remove(path.c_str());
  return text ? *text : "(none)";
}

TEST(LogFile, LinesHaveTheirTime) {
  const std::string path = testing::TempDir() + "lines.log";
  const core::ManualClock clock(core::TimePoint(core::kSecond), kNoon);
  {
    LogFile log(path, clock);
    log.line("START");
    log.output("one\ntw");
    log.output("o\nthree");
    log.line("END");
    EXPECT_EQ(log.tail(), "START\none\ntwo\nthree\nEND\n");
    log.begin_tail();
    EXPECT_EQ(log.tail(), "");
    log.output("rest");
  }
  const std::string time = "2023-11-14T22:13:20.123Z ";
  EXPECT_EQ(contents(path), time + "START\n" + time + "one\n" + time + "two\n" + time + "three\n" +
                                time + "END\n" + time + "rest\n");
}

TEST(LogFile, IsBounded) {
  const std::string path = testing::TempDir() + "bounded.log";
  const core::ManualClock clock(core::TimePoint(core::kSecond), kNoon);
  {
    LogFile log(path, clock);
    const std::string line(LogFile::kMaxLineBytes + 10, 'x');
    for (int i = 0; i < 300; ++i) log.output(line + "\n");
    EXPECT_EQ(log.tail().size(), LogFile::kTailBytes);
  }
  const std::string text = contents(path);
  EXPECT_LT(text.size(), LogFile::kMaxBytes + LogFile::kMaxLineBytes);
  EXPECT_THAT(text.substr(text.size() - 60), testing::HasSubstr("too large"));
}

TEST(LogFile, TimesCanBeReadBack) {
  core::WallTime time{};
  ASSERT_TRUE(parse_iso_time(to_iso_time(kNoon), time));
  EXPECT_EQ(time, kNoon);
  for (const char* text : {"", "2023-11-14T22:13:20.123", "2023-11-14 22:13:20.123Z", "x"}) {
    EXPECT_FALSE(parse_iso_time(text, time)) << text;
  }
}

}  // namespace
}  // namespace slsart::provider::emulated
