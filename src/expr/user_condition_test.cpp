#include "expr/user_condition.h"

#include <gtest/gtest.h>

namespace slsart::expr {
namespace {

using core::Value;

class UserConditionTest : public testing::Test {
 protected:
  UserConditionTest() {
    set("level", Value(5));
    set("text", Value("ann"));
    set("done", Value(true));
    set("list", Value(Value::List{Value("a"), Value("b")}));
    set("user", Value::make_object({{"id", Value(9)}}));
    set("a.b", Value("literal"));
    set("my name", Value(1));
  }
  void set(std::string_view name, Value value) {
    variables_.set(symbols_.intern(name), std::move(value));
  }
  bool holds(std::string_view text, SingleQuotes quotes = SingleQuotes::kText) {
    const auto condition = UserCondition::compile(text, symbols_, quotes);
    EXPECT_TRUE(condition) << text << ": " << (condition ? "" : condition.error().message);
    core::Rng rng(1);
    return condition && condition->holds({.user = &variables_, .rng = &rng});
  }

  core::SymbolTable symbols_;
  Variables variables_;
};

TEST_F(UserConditionTest, NamesAreVariablesAndPathsIntoThem) {
  for (const std::string_view text :
       {"level > 3", "user.id == 9", "id of user == 9", "list.length == 2", "list.1 == \"b\"",
        "a.b == \"literal\"", "missing == null", "not missing", "done == true", "missing != false",
        "level in (1, 5)", "text in (\"ann\", \"bob\")", "random() < 1"}) {
    EXPECT_TRUE(holds(text)) << text;
  }
  for (const std::string_view text : {"level < 3", "missing > 0", "user.none", "done == false"}) {
    EXPECT_FALSE(holds(text)) << text;
  }
}

TEST_F(UserConditionTest, AVariableMayBeCalledTrue) {
  set("true", Value(0));
  EXPECT_FALSE(holds("true"));
}

TEST_F(UserConditionTest, SingleQuotesAreTextsUnlessTheDialectSaysVariables) {
  EXPECT_TRUE(holds("text == 'ann'"));
  EXPECT_FALSE(holds("text == 'ann'", SingleQuotes::kVariable));
  EXPECT_TRUE(holds("'my name' == 1", SingleQuotes::kVariable));
}

TEST_F(UserConditionTest, ManyNamesAreFoundAll) {
  std::string text;
  for (int i = 0; i < 20; ++i) {
    set("v" + std::to_string(i), Value(1));
    text += (i > 0 ? " + v" : "v") + std::to_string(i);
  }
  EXPECT_TRUE(holds(text + " == 20"));
}

TEST_F(UserConditionTest, KnowsALoneName) {
  EXPECT_TRUE(UserCondition::compile(" isReady ", symbols_)->is_lone_name());
  EXPECT_FALSE(UserCondition::compile("not isReady", symbols_)->is_lone_name());
  EXPECT_FALSE(UserCondition::compile("true", symbols_)->is_lone_name());
}

}  // namespace
}  // namespace slsart::expr
