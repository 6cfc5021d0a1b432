#include "expr/condition.h"

#include <gtest/gtest.h>

namespace slsart::expr {
namespace {

const std::vector<std::pair<std::string, core::Value>> kValues = {
    {"level", core::Value(5)},
    {"name", core::Value("ann")},
    {"text", core::Value("10")},
    {"list", core::Value(core::Value::List{core::Value(1), core::Value(2)})},
    {"user", core::Value::make_object({{"id", core::Value(7)}})},
    {"http.response_time.p95", core::Value(12.5)},
    {"vusers.created", core::Value(200)},
    {"vusers.completed", core::Value(150)},
    {"odd-name/x (y).p95", core::Value(3)},
    {"odd-name/x", core::Value(1)},
};

std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (const auto& row : kValues) names.push_back(row.first);
  return names;
}

core::Value evaluate(std::string_view text) {
  const auto known = known_names();
  auto condition = Condition::compile(text, known);
  if (!condition) return core::Value("error: " + condition.error().message);
  const core::Value undefined;
  std::vector<const core::Value*> values;
  for (const Condition::Name& name : condition->names()) {
    const core::Value* found = &undefined;
    for (const auto& row : kValues) {
      if (row.first == name.text) found = &row.second;
    }
    values.push_back(found);
  }
  core::Rng rng(1);
  return condition->evaluate(values, rng);
}

// Checked against filtrex 2.2.3 itself.
TEST(Condition, GivesWhatFiltrexGives) {
  struct Row {
    const char* text;
    core::Value expected;
  };
  const std::vector<Row> rows = {
      {"level > 3", 1},
      {"level < 3", 0},
      {"level >= 5 and level <= 5", 1},
      {"level == 5 or missing", 1},
      {"not level", 0},
      {"not level == 5", 0},  // (not level) == 5
      {"not (level == 5)", 0},
      {"name == \"ann\"", 1},
      {"name != \"bob\"", 1},
      {"name ~= \"^a.n$\"", 1},
      {"name ~= \"b\"", 0},
      {"text > 9", 1},
      {"text + 1", "101"},
      {"level + 1 * 2 ^ 3", 13},
      {"2 ^ 3 ^ 2", 64},
      {"-level", -5},
      {"- 2 ^ 2", 4},
      {"7 % 4", 3},
      {"1 - 2 - 3", -4},
      {"level in (1, 5)", 1},
      {"level not in (1, 5)", 0},
      {"1 in list", 1},
      {"3 in list", 0},
      {"id of user == 7", 1},
      {"level > 3 ? \"yes\" : \"no\"", "yes"},
      {"0 ? 1 : 0 ? 2 : 3", 3},
      {"max(1, level, 3)", 5},
      {"min(1, level)", 1},
      {"round(2.5) + floor(1.9) + ceil(1.1) + abs(-1) + sqrt(4)", 9},
      {"missing > 3", 0},
      {"missing == 0", 0},
      {"((vusers.created - vusers.completed)/vusers.created * 100) <= 25", 1},
      {"vusers.created-vusers.completed", 50},
      {"'level' == 5", 1},
      {"1.5 < 2", 1},
  };
  for (const Row& row : rows) EXPECT_EQ(evaluate(row.text), row.expected) << row.text;
}

TEST(Condition, KnowsNamesWithAnyCharactersTheLongestFirst) {
  EXPECT_EQ(evaluate("odd-name/x (y).p95 < 4 and odd-name/x == 1"), core::Value(1));
  EXPECT_EQ(evaluate("'odd-name/x (y).p95' == 3"), core::Value(1));
  // "level" is known, "levels" is another name.
  EXPECT_EQ(evaluate("levels == 5"), core::Value(0));
}

TEST(Condition, TellsItsNamesOnceAndWhereTheyStand) {
  const auto condition = Condition::compile("a.b > 1 and 'c d' < a.b");
  ASSERT_TRUE(condition);
  ASSERT_EQ(condition->names().size(), 2u);
  EXPECT_EQ(condition->names()[0].text, "a.b");
  EXPECT_EQ(condition->names()[0].offset, 0u);
  EXPECT_EQ(condition->names()[1].text, "c d");
  EXPECT_EQ(condition->names()[1].offset, 12u);
}

TEST(Condition, PointsAtWhatItCannotRead) {
  struct Row {
    const char* text;
    std::size_t offset;
    const char* message;
  };
  const std::vector<Row> rows = {
      {"", 0, "the expression ends too early"},
      {"a >", 3, "the expression ends too early"},
      {"a b", 2, "this does not belong here: b"},
      {"a = 1", 2, "this is no operator: \"=\"; equality is =="},
      {"(a", 0, "this parenthesis is never closed"},
      {"a > \"x", 4, "this quote is never closed"},
      {"a > 'x", 4, "this quote is never closed"},
      {"\"a\\n\"", 2, "a backslash stands only before a quote or a backslash"},
      {"3x > 1", 0, "this is neither a number nor a name"},
      {"nope(1)", 0, "there is no function nope"},
      {"max(1", 5, "the expression ends too early"},
      {"a ? b", 5, "\":\" is missing after this \"?\""},
      {"this is not ( valid", 5, "this does not belong here: i"},
      {"1 + + 2", 4, "this does not belong here: +"},
  };
  for (const Row& row : rows) {
    const auto condition = Condition::compile(row.text);
    ASSERT_FALSE(condition) << row.text;
    EXPECT_EQ(condition.error().offset, row.offset) << row.text;
    EXPECT_EQ(condition.error().message, row.message) << row.text;
  }
}

TEST(Condition, RefusesWhatWouldOverflowTheStack) {
  EXPECT_FALSE(Condition::compile(std::string(10'000, '(') + "1"));
  EXPECT_FALSE(Condition::compile(std::string(10'000, '-') + "1"));
  std::string sum = "1";
  for (int i = 0; i < 10'000; ++i) sum += "+1";
  EXPECT_FALSE(Condition::compile(sum));
  std::string choices;
  for (int i = 0; i < 10'000; ++i) choices += "1?1:";
  EXPECT_FALSE(Condition::compile(choices + "1"));
}

}  // namespace
}  // namespace slsart::expr
