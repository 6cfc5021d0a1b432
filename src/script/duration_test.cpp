#include "script/duration.h"

#include <gtest/gtest.h>

namespace slsart::script {
namespace {

using namespace std::chrono_literals;

TEST(Duration, ReadsNumbersAndUnits) {
  const struct {
    std::string_view text;
    core::Duration duration;
  } cases[] = {
      {"0", 0s},           {"20", 20s},          {"0.5", 500ms},         {"1e1", 10s},
      {" 3 ", 3s},         {"500ms", 500ms},     {"0.5ms", 500us},       {"20s", 20s},
      {"20 S", 20s},       {"1m", 60s},          {"0.05m", 3s},          {"1.5h", 90min},
      {"2 days", 48h},     {"1m 30s", 90s},      {"1h30m", 90min},       {"1w", 168h},
      {"3 minutes", 180s}, {"0.000000001", 1ns}, {"1y", 24h * 365 + 6h},
  };
  for (const auto& c : cases) {
    const auto duration = parse_duration(c.text);
    ASSERT_TRUE(duration) << c.text;
    EXPECT_EQ(*duration, c.duration) << c.text;
  }
}

TEST(Duration, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "ten", "1x", "s", "1s,2s", "1 2", "..5", "-1", "-1s", "1.5.2s", "0x10", "nan"}) {
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().code, core::ErrorCode::kInvalidInput) << text;
  }
  for (const std::string_view text : {"11y", "999999999", "99999999999999999999", "9y 9y"}) {
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().code, core::ErrorCode::kLimit) << text;
  }
}

TEST(Duration, TakesBareFractionsOfThinkAsTheDialectSays) {
  EXPECT_EQ(*parse_think("0.8", *find_dialect("slsart")), 800ms);
  EXPECT_EQ(*parse_think("0.8", *find_dialect("artillery1")), 800ms);
  EXPECT_EQ(*parse_think("0.8", *find_dialect("artillery2")), 800us);
  EXPECT_EQ(*parse_think("2", *find_dialect("artillery2")), 2s);
  EXPECT_EQ(*parse_think("1.5s", *find_dialect("artillery2")), 1500ms);
}

TEST(Dialect, KnowsThreeNames) {
  EXPECT_EQ(find_dialect("slsart")->first_arrival, FirstArrival::kAtStart);
  EXPECT_EQ(find_dialect("artillery1")->default_timeout, 120s);
  EXPECT_EQ(find_dialect("artillery2")->ramp, RampShape::kSecondSteps);
  EXPECT_FALSE(find_dialect("artillery3"));
}

}  // namespace
}  // namespace slsart::script
