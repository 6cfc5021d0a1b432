#include "script/detail/yaml_scalar.h"

#include <gtest/gtest.h>

#include <cmath>

namespace slsart::script::detail {
namespace {

using core::Value;

TEST(YamlScalar, FollowsTheCoreSchema) {
  const Value null{Value::Null{}};
  const struct {
    std::string_view text;
    Value value;
  } cases[] = {
      {"", null},
      {"~", null},
      {"null", null},
      {"Null", null},
      {"nULL", "nULL"},
      {"true", true},
      {"TRUE", true},
      {"False", false},
      {"yes", "yes"},
      {"on", "on"},
      {"0", 0},
      {"-0", 0},
      {"12", 12},
      {"+12", 12},
      {"-7", -7},
      {"012", 12},
      {"0o14", 12},
      {"0xC", 12},
      {"0xg", "0xg"},
      {"0x-1", "0x-1"},
      {"9223372036854775807", std::int64_t{9223372036854775807}},
      {"9223372036854775808", 9223372036854775808.0},
      {"1.5", 1.5},
      {".5", 0.5},
      {"5.", 5.0},
      {"1e3", 1000.0},
      {"+1.5E-2", 0.015},
      {".", "."},
      {"1e", "1e"},
      {"1_000", "1_000"},
      {"1.2.3", "1.2.3"},
      {"- 1", "- 1"},
      {"2024-01-01", "2024-01-01"},
      {"12:30", "12:30"},
      {".inf", std::numeric_limits<double>::infinity()},
      {"-.INF", -std::numeric_limits<double>::infinity()},
      {"inf", "inf"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(plain_scalar(c.text), c.value) << c.text;
    EXPECT_EQ(plain_scalar(c.text).is_string(), c.value.is_string()) << c.text;
  }
  EXPECT_TRUE(std::isnan(plain_scalar(".nan").as_number()));
}

}  // namespace
}  // namespace slsart::script::detail
