#include "expr/payload.h"

#include <gtest/gtest.h>

#include <set>

namespace slsart::expr {
namespace {

using core::Value;

// Columns a, b, c; everything as text.
PayloadOptions plain() {
  PayloadOptions options;
  options.fields = {"a", "b", "c"};
  options.cast = false;
  return options;
}

// All rows as JSON objects in one list.
std::string table(std::string_view text, PayloadOptions options) {
  options.load_all = true;
  options.name = "all";
  core::SymbolTable symbols;
  const auto payload = Payload::parse(text, options, symbols);
  if (!payload) return "error: " + payload.error().message;
  Variables variables;
  payload->assign(0, variables);
  return core::to_json(*variables.find(symbols.intern("all")));
}

struct Case {
  std::string_view text;
  std::string_view rows;
};

TEST(Payload, ReadsCells) {
  const Case cases[] = {
      {"1,2,3\n", R"([{"a":"1","b":"2","c":"3"}])"},
      {"1,2,3", R"([{"a":"1","b":"2","c":"3"}])"},
      {"1,2\r\n3,4\r\n", R"([{"a":"1","b":"2"},{"a":"3","b":"4"}])"},
      {"1\r", R"([{"a":"1"}])"},
      {"1,\n", R"([{"a":"1","b":""}])"},
      {"1,2,3,4\n", R"([{"a":"1","b":"2","c":"3"}])"},
      {"\xEF\xBB\xBF"
       "1\n",
       R"([{"a":"1"}])"},
      {"\"x,y\",\"say \"\"hi\"\"\",\"two\nlines\"\n",
       R"([{"a":"x,y","b":"say \"hi\"","c":"two\nlines"}])"},
      {"\"\",\"\"\n", R"([{"a":"","b":""}])"},
      {"a\"b, \"c\"\n", R"([{"a":"a\"b","b":" \"c\""}])"},
      {"1\n\n2\n\r\n", R"([{"a":"1"},{"a":"2"}])"},
      {"1\n\"\"\n", R"([{"a":"1"},{"a":""}])"},
      {"a\rb\n", R"([{"a":"a\rb"}])"},
  };
  for (const auto& [text, rows] : cases) EXPECT_EQ(table(text, plain()), rows) << text;
}

TEST(Payload, OptionsChangeTheReading) {
  PayloadOptions options = plain();
  options.delimiter = ';';
  EXPECT_EQ(table("1,5;2\n", options), R"([{"a":"1,5","b":"2"}])");
  options = plain();
  options.skip_empty_lines = false;
  EXPECT_EQ(table("1\n\n2\n", options), R"([{"a":"1"},{"a":""},{"a":"2"}])");
  options = plain();
  options.skip_header = true;
  EXPECT_EQ(table("x,y\n1,2\n", options), R"([{"a":"1","b":"2"}])");
  options.fields.clear();
  EXPECT_EQ(table("\nx, y z \n1,2\n", options), R"([{"x":"1","y z":"2"}])");
  options.skip_header = false;
  EXPECT_EQ(table("1,2\n3\n", options), R"([["1","2"],["3"]])");
}

TEST(Payload, CastsWhatJavaScriptReadsAsNumber) {
  const Case cases[] = {
      {"007", "7"},
      {"1e3", "1000"},
      {"0x1F", "0"},
      {"0b11", "0"},
      {"0o17", "0"},
      {"0x", "\"0x\""},
      {"0xg", "\"0xg\""},
      {"true", "\"true\""},
      {"-5", "-5"},
      {"+5", "5"},
      {"5.", "5"},
      {".5", "0.5"},
      {".", "\".\""},
      {" 12 ", "12"},
      {"  ", "\"  \""},
      {"12abc", "\"12abc\""},
      {"1_000", "\"1_000\""},
      {"1.2.3", "\"1.2.3\""},
      {"--5", "\"--5\""},
      {"+", "\"+\""},
      {"Infinity", "\"Infinity\""},
      {"inf", "\"inf\""},
      {"nan", "\"nan\""},
      {"-inf", "\"-inf\""},
      {"1e999", "\"1e999\""},
      {"-0", "0"},
      {"-1.5E-2", "-0.015"},
      {"9007199254740993", "9007199254740993"},
      {"\"42\"", "42"},
      {"123456789012345678901234", "1.2345678901234569e+23"},
  };
  PayloadOptions options;
  options.fields = {"a"};
  for (const auto& [cell, value] : cases) {
    const std::string expected = std::string(R"([{"a":)").append(value) + "}]";
    EXPECT_EQ(table(std::string(cell) + ",x\n", options), expected) << cell;
  }
  options.fields = {"a", "b"};
  EXPECT_EQ(table(",1\n", options), R"([{"a":"","b":1}])");
}

TEST(Payload, ReportsWhereAFaultIs) {
  const std::pair<std::string_view, std::size_t> cases[] = {
      {"a,\"b", 2}, {"a\n\"b\"c,d\n", 5}, {"\"a\" ,b", 3}, {"", 0}, {"\n\n", 2},
  };
  core::SymbolTable symbols;
  for (const auto& [text, offset] : cases) {
    const auto payload = Payload::parse(text, plain(), symbols);
    ASSERT_FALSE(payload.has_value()) << text;
    EXPECT_EQ(payload.error().offset, offset) << text;
  }
  PayloadOptions headed = plain();
  headed.skip_header = true;
  EXPECT_EQ(Payload::parse("only,header\n", headed, symbols).error().offset, 12u);
}

TEST(Payload, RefusesOptionsThatCannotWork) {
  core::SymbolTable symbols;
  PayloadOptions options;
  EXPECT_FALSE(Payload::parse("1\n", options, symbols).has_value()) << "no names";
  options = plain();
  options.delimiter = '"';
  EXPECT_FALSE(Payload::parse("1\n", options, symbols).has_value());
  options = plain();
  options.load_all = true;
  EXPECT_FALSE(Payload::parse("1\n", options, symbols).has_value()) << "no variable";
}

TEST(Payload, AssignsARowAndClearsWhatIsMissing) {
  core::SymbolTable symbols;
  const auto payload = Payload::parse("1,2,3\n4\n", plain(), symbols);
  ASSERT_TRUE(payload.has_value());
  EXPECT_EQ(payload->row_count(), 2u);
  ASSERT_EQ(payload->field_symbols().size(), 3u);
  Variables variables;
  payload->assign(0, variables);
  payload->assign(1, variables);
  EXPECT_EQ(*variables.find(symbols.intern("a")), Value("4"));
  EXPECT_TRUE(variables.find(symbols.intern("b"))->is_undefined());
}

TEST(Payload, SequenceHandsOutEveryRowInTurn) {
  core::SymbolTable symbols;
  PayloadOptions options = plain();
  options.order = PayloadOrder::kSequence;
  const auto payload = Payload::parse("1\n2\n3\n", options, symbols);
  for (std::uint64_t i = 0; i < 10; ++i) EXPECT_EQ(payload->row_of(i, 99, 0), i % 3);
}

TEST(Payload, RandomRowsDependOnSeedArrivalAndNumberOnly) {
  core::SymbolTable symbols;
  const auto payload = Payload::parse("1\n2\n3\n4\n5\n", plain(), symbols);
  std::set<std::size_t> seen;
  int same_as_other_payload = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const std::size_t row = payload->row_of(i, 7, 1);
    EXPECT_EQ(row, payload->row_of(i, 7, 1));
    seen.insert(row);
    if (row == payload->row_of(i, 7, 2)) ++same_as_other_payload;
  }
  EXPECT_EQ(seen.size(), 5u);
  EXPECT_LT(same_as_other_payload, 100);
}

// Writing any cells as RFC 4180 says and reading them gives them back.
TEST(Payload, ReadsBackWhatIsWritten) {
  core::Rng rng(12);
  constexpr std::string_view kBytes = "ab,;\"\n\r \xC3\xA9";
  for (int i = 0; i < 500; ++i) {
    std::string text;
    Value::List expected;
    for (std::uint64_t row = 0, rows = 1 + rng.below(4); row < rows; ++row) {
      Value cells{Value::List()};
      for (std::uint64_t column = 0; column < 3; ++column) {
        std::string cell;
        for (std::uint64_t n = rng.below(6); n > 0; --n) cell += kBytes[rng.below(kBytes.size())];
        std::string quoted;
        for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        text += (column == 0 ? "\"" : ",\"") + quoted + "\"";
        cells.push(Value(cell));
      }
      text += row % 2 == 0 ? "\n" : "\r\n";
      expected.push_back(cells);
    }
    PayloadOptions options;
    options.cast = false;
    EXPECT_EQ(table(text, options), core::to_json(Value(expected)));
  }
}

}  // namespace
}  // namespace slsart::expr
