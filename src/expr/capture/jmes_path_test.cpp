#include "expr/capture/jmes_path.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace slsart::expr::capture {
namespace {

using core::Value;

const std::string kDocument =
    R"({"id":7,"name":"Ann","nil":null,"a b":1,"tags":["x","y","z"],
        "items":[{"id":1,"price":5,"of":{"k":"p"}},{"id":2,"price":20,"of":{"k":"q"}},{"id":3}],
        "deep":{"er":[[1,2],[3,[4]],5]},"empty":[],"texts":["b","a"],"numbers":[10,9,2.5]})";

std::string found(std::string_view expression, std::string_view document = kDocument) {
  const auto path = JmesPath::parse(expression);
  if (!path) return "error: " + path.error().message;
  auto result = path->search(*core::parse_json(document));
  return result ? core::to_json(*result) : "failed: " + result.error().message;
}

struct Row {
  std::string_view expression;
  std::string_view result;
};

TEST(JmesPath, FindsWhatTheSpecificationSays) {
  const std::vector<Row> rows = {
      {"id", "7"},
      {"\"a b\"", "1"},
      {"nil.x", "null"},
      {"items[0].id", "1"},
      {"items[-1].id", "3"},
      {"items[9]", "null"},
      {"items[*].id", "[1,2,3]"},
      {"items[*].price", "[5,20]"},
      {"items[].of.k", R"(["p","q"])"},
      {"items[].of.*", R"([["p"],["q"]])"},
      {"items[1:].id", "[2,3]"},
      {"items[::-1].id", "[3,2,1]"},
      {"tags[:-1:2]", R"(["x"])"},
      {"tags[5:]", "[]"},
      {"deep.er[]", "[1,2,3,[4],5]"},
      {"deep.er[][]", "[1,2,3,4,5]"},
      {"deep.*[0]", "[[1,2]]"},
      {"items[?price > `10`].id", "[2]"},
      {"items[?price > `10`].id | [0]", "2"},
      {"items[?of.k == 'p' || id == `3`].id", "[1,3]"},
      {"items[?price && price < `10`].id", "[1]"},
      {"items[?!price].id", "[3]"},
      {"[id, name, nil]", R"([7,"Ann",null])"},
      {"{n: name, first: items[0].id}", R"({"n":"Ann","first":1})"},
      {"items[*].{i: id}", R"([{"i":1},{"i":2},{"i":3}])"},
      {"items[*].[id]", "[[1],[2],[3]]"},
      {"nil || name", "\"Ann\""},
      {"name && id", "7"},
      {"empty && id", "[]"},
      {"!empty", "true"},
      {"id == `7`", "true"},
      {"tags == `[\"x\",\"y\",\"z\"]`", "true"},
      {"id != `7`", "false"},
      {"'it\\'s'", "\"it's\""},
      {"`\"\\`\"`", "\"`\""},
      {"`plain`", "\"plain\""},
      {"@.id", "7"},
      {"(items[*].id)[0]", "1"},
      {"items[*].id[0]", "[]"},
      {"\"\\u0069d\"", "7"},
  };
  for (const Row& row : rows) EXPECT_EQ(found(row.expression), row.result) << row.expression;
}

TEST(JmesPath, CallsFunctions) {
  const std::vector<Row> rows = {
      {"abs(`-3`)", "3"},
      {"avg(numbers[1:])", "5.75"},
      {"avg(empty)", "null"},
      {"ceil(`1.2`)", "2"},
      {"floor(`-1.2`)", "-2"},
      {"contains(tags, 'y')", "true"},
      {"contains(name, 'nn')", "true"},
      {"contains(name, 'x')", "false"},
      {"starts_with(name, 'An')", "true"},
      {"ends_with(name, 'n')", "true"},
      {"ends_with(name, 'longer than it')", "false"},
      {"join(', ', tags)", "\"x, y, z\""},
      {"keys(items[0])", R"(["id","price","of"])"},
      {"values(items[0].of)", R"(["p"])"},
      {"length(items)", "3"},
      {"length('ä')", "1"},
      {"length(items[0])", "3"},
      {"map(&id, items)", "[1,2,3]"},
      {"map(&price, items)", "[5,20,null]"},
      {"max(numbers)", "10"},
      {"min(numbers)", "2.5"},
      {"max(texts)", "\"b\""},
      {"max(empty)", "null"},
      {"max_by(items, &id).id", "3"},
      {"min_by(items, &id).id", "1"},
      {"merge(items[0].of, {x: id})", R"({"k":"p","x":7})"},
      {"not_null(nil, x, id)", "7"},
      {"reverse(tags)", R"(["z","y","x"])"},
      {"reverse('äb')", "\"bä\""},
      {"sort(texts)", R"(["a","b"])"},
      {"sort(numbers)", "[2.5,9,10]"},
      {"sort_by(items, &id)[-1].id", "3"},
      {"sum(numbers)", "21.5"},
      {"to_array(id)", "[7]"},
      {"to_number('1e2')", "100"},
      {"to_number('x')", "null"},
      {"to_string(tags)", R"("[\"x\",\"y\",\"z\"]")"},
      {"type(nil)", "\"null\""},
      {"items[*].type(price)", R"(["number","number","null"])"},
  };
  for (const Row& row : rows) EXPECT_EQ(found(row.expression), row.result) << row.expression;
}

TEST(JmesPath, FailsOnWrongTypesAtRunTime) {
  EXPECT_EQ(found("length(id)"), "failed: length() cannot take a value of type number");
  EXPECT_EQ(found("sum(tags)"), "failed: sum() cannot take a value of type array");
  EXPECT_EQ(found("sort_by(items, &price)"), "failed: sort_by() cannot take a value of type null");
  EXPECT_EQ(found("join('-', nil)"), "failed: join() cannot take a value of type null");
}

TEST(JmesPath, SaysWhereAnExpressionIsWrong) {
  struct Fault {
    std::string_view expression;
    std::size_t offset;
    std::string_view message;
  };
  const std::vector<Fault> faults = {
      {"", 0, "a name, a value or \"@\" is missing"},
      {"a.", 2, "a name is missing"},
      {"a[", 2, "an index, a slice or \"*\" is missing"},
      {"a[0", 3, "\"]\" is missing"},
      {"a b", 2, "this does not belong to the expression"},
      {"a == 10", 5, "a number stands between backticks: `10`"},
      {"a[?b == 'x]", 8, "this is never closed"},
      {"a[::0]", 4, "the step cannot be 0"},
      {"lenght(a)", 0, "there is no function lenght()"},
      {"length(a, b)", 0, "length() takes 1 arguments"},
      {"max_by(a, b)", 10, "an expression such as &price is missing"},
      {"length(&a)", 7, "no expression may stand here, leave out the \"&\""},
      {"&a", 0, "\"&\" stands only before an argument of a function"},
      {"`[1,`", 0, "there is no JSON between these backticks"},
      {"\"\\x\"", 0, "this is no JSON string"},
      {"{a}", 2, "\":\" is missing"},
      {"[a b]", 3, "\"]\" is missing"},
      {"a[99999999999999999]", 2, "this is no index"},
  };
  for (const Fault& fault : faults) {
    const auto path = JmesPath::parse(fault.expression);
    ASSERT_FALSE(path) << fault.expression;
    EXPECT_EQ(path.error().message, fault.message) << fault.expression;
    EXPECT_EQ(path.error().offset, fault.offset) << fault.expression;
  }
  EXPECT_EQ(JmesPath::parse("lenght(a)").error().hint, "did you mean length()?");
}

TEST(JmesPath, WorkAndNestingAreBounded) {
  std::string doubling = "@";
  for (int i = 0; i < 60; ++i) doubling += " | [@, @]";
  EXPECT_EQ(found(doubling), "failed: the JMESPath takes too much work");
  EXPECT_EQ(found(std::string(200, '(') + "a" + std::string(200, ')')),
            "error: the expression is nested too deeply");
  EXPECT_EQ(found(std::string(300, '!') + "a"), "error: the expression is nested too deeply");
  std::string chain = "a";
  for (int i = 0; i < 1500; ++i) chain += ".a";
  EXPECT_EQ(found(chain), "error: the expression is too long");
}

}  // namespace
}  // namespace slsart::expr::capture
