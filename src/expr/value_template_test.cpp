#include <gtest/gtest.h>

#include "expr/template.h"

namespace slsart::expr {
namespace {

using core::Value;

class ValueTemplateTest : public testing::Test {
 protected:
  ValueTemplateTest() {
    user_.set(symbols_.intern("n"), Value(1));
    user_.set(symbols_.intern("text"), Value("a\"b\n"));
    user_.set(symbols_.intern("key"), Value("k"));
    user_.set(symbols_.intern("list"), *core::parse_json("[1,null]"));
  }
  Template text(std::string_view source) { return *Template::compile(source, symbols_); }
  Scope scope() { return {&user_, nullptr, &rng_}; }
  std::string json(const ValueTemplate& value) {
    std::string out = "<";
    value.render_json(scope(), out);
    return out.substr(1);
  }

  core::SymbolTable symbols_;
  Variables user_;
  core::Rng rng_{1};
};

TEST_F(ValueTemplateTest, WritesJsonAsItStands) {
  const ValueTemplate value(ValueTemplate::Object{
      {text("{{ key }}"), text("{{ n }}")},
      {text("gone"), text("{{ missing }}")},
      {text("s"), text("x{{ text }}y")},
      {text("alone"), text("{{ text }}")},
      {text("q\""), ValueTemplate(ValueTemplate::List{text("{{ list }}"), text("{{ missing }}"),
                                                      Value(Value::Null{}), Value(2.5)})},
      {text("last"), text("{{ missing }}")},
  });
  const std::string expected =
      R"({"k":1,"s":"xa\"b\ny","alone":"a\"b\n","q\"":[[1,null],null,null,2.5]})";
  EXPECT_EQ(json(value), expected);
  EXPECT_EQ(core::to_json(value.evaluate(scope())), expected);
}

TEST_F(ValueTemplateTest, EmptyPartsAreWritten) {
  EXPECT_EQ(json(ValueTemplate::Object{}), "{}");
  EXPECT_EQ(json(ValueTemplate::List{}), "[]");
  EXPECT_EQ(json(ValueTemplate(text(""))), "\"\"");
  EXPECT_EQ(json(ValueTemplate()), "");
  EXPECT_EQ(json(ValueTemplate(text("{{ missing }}"))), "");
  EXPECT_EQ(json(ValueTemplate::Object{{text("a"), text("{{ missing }}")}}), "{}");
}

TEST_F(ValueTemplateTest, KeysAreTemplatesAndText) {
  const ValueTemplate value(ValueTemplate::Object{{text("{{ n }}"), Value(true)}});
  EXPECT_EQ(json(value), R"({"1":true})");
}

TEST_F(ValueTemplateTest, StaticOnlyWithoutAnySlot) {
  EXPECT_TRUE(ValueTemplate(Value(1)).is_static());
  EXPECT_TRUE(ValueTemplate(ValueTemplate::List{text("a")}).is_static());
  EXPECT_FALSE(ValueTemplate(ValueTemplate::List{text("{{ a }}")}).is_static());
  EXPECT_FALSE(ValueTemplate(ValueTemplate::Object{{text("{{ a }}"), Value(1)}}).is_static());
}

TEST_F(ValueTemplateTest, WrittenAndEvaluatedAgreeOnRandomTrees) {
  core::Rng rng(99);
  const std::string_view texts[] = {
      "{{ n }}", "{{ missing }}", "a{{ text }}", "{{ list }}", "{{ key }}", "", "plain\t"};
  const auto make = [&](const auto& self, int depth) -> ValueTemplate {
    const std::uint64_t kind = rng.below(depth == 0 ? 2 : 4);
    if (kind == 0) return text(texts[rng.below(std::size(texts))]);
    if (kind == 1) return Value(static_cast<std::int64_t>(rng.below(100)));
    ValueTemplate::List items;
    ValueTemplate::Object members;
    for (std::uint64_t i = rng.below(4); i > 0; --i) {
      items.push_back(self(self, depth - 1));
      members.push_back({text(std::to_string(i) + "{{ key }}"), self(self, depth - 1)});
    }
    return kind == 2 ? ValueTemplate(std::move(items)) : ValueTemplate(std::move(members));
  };
  for (int i = 0; i < 500; ++i) {
    const ValueTemplate value = make(make, 4);
    const Value evaluated = value.evaluate(scope());
    EXPECT_EQ(json(value), evaluated.is_undefined() ? "" : core::to_json(evaluated));
  }
}

}  // namespace
}  // namespace slsart::expr
