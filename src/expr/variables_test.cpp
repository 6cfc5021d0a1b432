#include "expr/variables.h"

#include <gtest/gtest.h>

namespace slsart::expr {
namespace {

using core::Value;

TEST(Variables, SettingAgainKeepsThePlace) {
  Variables variables;
  variables.set({1}, Value(1));
  variables.set({2}, Value(2));
  variables.set({1}, Value(3));
  ASSERT_EQ(variables.size(), 2u);
  EXPECT_EQ(variables.begin()->second, Value(3));
  variables.erase({1});
  EXPECT_EQ(variables.find({1}), nullptr);
  EXPECT_EQ(*variables.find({2}), Value(2));
  variables.clear();
  EXPECT_EQ(variables.size(), 0u);
}

TEST(Scope, UserHidesShared) {
  Variables user;
  Variables shared;
  shared.set({1}, Value("shared"));
  shared.set({2}, Value("only shared"));
  user.set({1}, Value("user"));
  const Scope scope{&user, &shared, nullptr};
  EXPECT_EQ(*scope.find({1}), Value("user"));
  EXPECT_EQ(*scope.find({2}), Value("only shared"));
  EXPECT_EQ(scope.find({3}), nullptr);
  EXPECT_EQ(Scope().find({1}), nullptr);
}

// The value of `root` after each assignment `name = "v"`, as JSON.
std::string assigned(std::string_view before, std::initializer_list<std::string_view> names) {
  core::SymbolTable symbols;
  Variables variables;
  const core::Symbol root = symbols.intern("root");
  if (!before.empty()) variables.set(root, *core::parse_json(before));
  for (const std::string_view name : names) {
    const auto parsed = VariableName::parse(name, symbols);
    EXPECT_TRUE(parsed.has_value()) << name;
    EXPECT_EQ(parsed->root(), root) << name;
    parsed->assign(variables, Value("v"));
  }
  return core::to_json(*variables.find(root));
}

TEST(VariableName, WritesThroughThePath) {
  EXPECT_EQ(assigned("", {"root"}), R"("v")");
  EXPECT_EQ(assigned("", {" root "}), R"("v")");
  EXPECT_EQ(assigned("", {"root.a.b"}), R"({"a":{"b":"v"}})");
  EXPECT_EQ(assigned("", {"root[2]"}), R"([null,null,"v"])");
  EXPECT_EQ(assigned("", {"root.a[1].b"}), R"({"a":[null,{"b":"v"}]})");
  EXPECT_EQ(assigned("", {"root['x-y']['p.q']"}), R"({"x-y":{"p.q":"v"}})");
  EXPECT_EQ(assigned(R"({"a":1,"b":2})", {"root.a"}), R"({"a":"v","b":2})");
  EXPECT_EQ(assigned("[1,2]", {"root[0]", "root[2]"}), R"(["v",2,"v"])");
  EXPECT_EQ(assigned(R"({"0":1})", {"root[0]"}), R"({"0":"v"})");
  EXPECT_EQ(assigned("", {"root[10000]"}).size(), 10'000 * 5 + 5u);
}

TEST(VariableName, ReplacesWhatIsInTheWay) {
  EXPECT_EQ(assigned("5", {"root.a"}), R"({"a":"v"})");
  EXPECT_EQ(assigned("\"text\"", {"root[0]"}), R"(["v"])");
  EXPECT_EQ(assigned("[1]", {"root.a"}), R"({"a":"v"})");
  EXPECT_EQ(assigned(R"({"a":null})", {"root.a.b"}), R"({"a":{"b":"v"}})");
}

TEST(VariableName, NamesOfJavaScriptsMachineryAreJustNames) {
  EXPECT_EQ(assigned("", {"root.__proto__.x", "root.constructor"}),
            R"({"__proto__":{"x":"v"},"constructor":"v"})");
}

TEST(VariableName, ReportsWhereAFaultIs) {
  const std::pair<std::string_view, std::size_t> cases[] = {
      {"", 0},
      {"  ", 2},
      {"a.", 2},
      {"a[", 2},
      {"a[0", 3},
      {"a]", 1},
      {"{{ a }}", 0},
      {"a[999999999]", 2},
      {"a.b[10001]", 4},
      {"a['x]", 2},
      {"a[99999999999999999999]", 2},
  };
  core::SymbolTable symbols;
  for (const auto& [text, offset] : cases) {
    const auto parsed = VariableName::parse(text, symbols);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, core::ErrorCode::kInvalidInput);
    EXPECT_EQ(parsed.error().offset, offset) << text;
  }
}

TEST(VariableName, DepthIsBounded) {
  std::string deep = "a";
  for (int i = 0; i < 5000; ++i) deep += "[0]";
  core::SymbolTable symbols;
  EXPECT_FALSE(VariableName::parse(deep, symbols).has_value());
}

}  // namespace
}  // namespace slsart::expr
