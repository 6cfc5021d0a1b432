#include "core/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace slsart::core {
namespace {

std::string text_of(const Value& value) {
  std::string out;
  write_text(value, out);
  return out;
}

TEST(Json, ReadsAndWritesBackTheSameText) {
  for (const char* text :
       {"null", "true", "0", "-7", "9007199254740993", "1.5", "\"a\\n\\u0001\\\"\"", "[]", "{}",
        "[1,[2,{\"a\":null}]]", R"({"z":1,"a":{"b":[true,false]}})"}) {
    const auto value = parse_json(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(to_json(*value), text);
  }
}

TEST(Json, FaultsCarryTheirPlace) {
  struct Case {
    const char* text;
    std::size_t offset;
  };
  for (const auto& [text, offset] :
       {Case{"", 0}, Case{"[1,]", 3}, Case{"{\"a\":tru}", 8}, Case{"1 2", 2}}) {
    const auto value = parse_json(text);
    ASSERT_FALSE(value) << text;
    ASSERT_TRUE(value.error().offset.has_value());
    EXPECT_NEAR(static_cast<double>(*value.error().offset), static_cast<double>(offset), 1) << text;
  }
}

TEST(Json, NothingHidesBehindANulByte) {
  EXPECT_FALSE(parse_json(std::string_view("{}\0junk", 7)));
  EXPECT_TRUE(parse_json(" {} \n"));
}

TEST(Json, NumbersBeyondDoublesAreZeroOrRefused) {
  EXPECT_EQ(parse_json("0.0e84")->as_number(), 0);
  EXPECT_EQ(parse_json("1e-999")->as_number(), 0);
  EXPECT_FALSE(parse_json("-1e999"));  // no double, and nobody means infinity
  EXPECT_EQ(parse_json("18446744073709551616")->as_number(), 18446744073709551616.0);
}

TEST(Json, NestingIsBounded) {
  const std::string deep(100'000, '[');
  ASSERT_FALSE(parse_json(deep));
  EXPECT_TRUE(parse_json(std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']')));
}

TEST(Json, LastOfEqualNamesWins) {
  const auto value = parse_json(R"({"a":1,"b":2,"a":3})");
  EXPECT_EQ(to_json(*value), R"({"a":3,"b":2})");
}

TEST(Json, UndefinedIsLeftOutOfObjectsAndNullInLists) {
  Value value;
  value.set("gone", Value());
  value.set("list", Value(Value::List{Value(), Value(1)}));
  value.set("nan", Value(std::nan("")));
  EXPECT_EQ(to_json(value), R"({"list":[null,1],"nan":null})");
  EXPECT_EQ(to_pretty_json(value), "{\n  \"list\": [\n    null,\n    1\n  ],\n  \"nan\": null\n}");
}

TEST(Value, NumbersAreTextAsInJavaScript) {
  struct Case {
    double number;
    const char* text;
  };
  for (const auto& [number, text] :
       {Case{0, "0"}, Case{-0.0, "0"}, Case{1, "1"}, Case{0.1, "0.1"}, Case{1e21, "1e+21"},
        Case{123456789012.5, "123456789012.5"},
        Case{12345678901234567890.0, "12345678901234567000"}, Case{100, "100"},
        Case{1e20, "100000000000000000000"}, Case{12.5, "12.5"}, Case{-1.5e300, "-1.5e+300"},
        Case{1e-7, "1e-7"}, Case{0.000001, "0.000001"}, Case{-2.5e-10, "-2.5e-10"},
        Case{std::nan(""), "NaN"}, Case{std::numeric_limits<double>::infinity(), "Infinity"}}) {
    EXPECT_EQ(text_of(Value(number)), text);
  }
  EXPECT_EQ(text_of(Value()), "undefined");
  EXPECT_EQ(text_of(Value(Value::Null{})), "null");
  EXPECT_EQ(text_of(Value("plain \"text\"")), "plain \"text\"");
}

TEST(Value, EqualityIgnoresMemberOrderAndNumberKind) {
  EXPECT_EQ(*parse_json(R"({"a":1,"b":[2.0]})"), *parse_json(R"({"b":[2],"a":1.0})"));
  EXPECT_NE(Value(1), Value("1"));
  EXPECT_NE(Value(), Value(Value::Null{}));
  EXPECT_NE(Value(std::int64_t{9007199254740993}), Value(std::int64_t{9007199254740992}));
}

TEST(Value, TruthIsJavaScripts) {
  EXPECT_FALSE(Value(0).is_truthy());
  EXPECT_FALSE(Value("").is_truthy());
  EXPECT_FALSE(Value(std::nan("")).is_truthy());
  EXPECT_TRUE(Value("0").is_truthy());
  EXPECT_TRUE(Value(Value::List()).is_truthy());
}

}  // namespace
}  // namespace slsart::core
