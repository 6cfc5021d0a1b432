#include "expr/template.h"

#include <gtest/gtest.h>

#include "expr/functions.h"

namespace slsart::expr {
namespace {

using core::Value;

// A user with one variable of every kind.
class TemplateTest : public testing::Test {
 protected:
  TemplateTest() {
    set("name", "Ada");
    set("n", 42);
    set("half", 0.5);
    set("yes", true);
    set("nothing", Value(Value::Null{}));
    set("list", *core::parse_json(R"([10,{"x":"in list"},"é😀"])"));
    set("user", *core::parse_json(R"({"id":7,"x-y":"dashed","a b":"blank","0":"zero",
                                      "tags":["p","q"],"full name":"Ada L"})"));
    set("dotted.name", "literal");
    set("dotted", *core::parse_json(R"({"name":"path","other":"o"})"));
    set("first name", "with blank");
    set("user-id", "dash");
    set("slots", "{{ name }} $& $1");
    shared_.set(symbols_.intern("name"), Value("hidden"));
    shared_.set(symbols_.intern("target"), Value("http://t"));
    shared_.set(symbols_.intern("$environment"), Value("staging"));
  }

  void set(std::string_view name, Value value) { user_.set(symbols_.intern(name), value); }
  Scope scope() { return {&user_, &shared_, &rng_}; }
  Template compile(std::string_view text, TemplateErrors errors = TemplateErrors::kReport) {
    auto compiled = Template::compile(text, symbols_, errors);
    EXPECT_TRUE(compiled.has_value()) << text << ": " << compiled.error().message;
    return compiled ? *compiled : Template();
  }
  std::string render(std::string_view text, TemplateErrors errors = TemplateErrors::kReport) {
    std::string out = "<";
    compile(text, errors).render(scope(), out);
    return out.substr(1);
  }

  core::SymbolTable symbols_;
  Variables user_;
  Variables shared_;
  core::Rng rng_{7};
};

struct TextCase {
  std::string_view text;
  std::string_view rendered;
};

TEST_F(TemplateTest, RendersSlotsAsText) {
  const TextCase cases[] = {
      {"", ""},
      {"plain", "plain"},
      {"{{ name }}", "Ada"},
      {"{{name}}", "Ada"},
      {"{{\tname\n}}", "Ada"},
      {"{{{ name }}}", "Ada"},
      {"{{{name}}}!", "Ada!"},
      {"/users/{{ n }}?h={{ half }}&b={{ yes }}", "/users/42?h=0.5&b=true"},
      {"{{ name }}{{ n }}", "Ada42"},
      {"{{ nothing }}.", "null."},
      {"{{ missing }}.", "undefined."},
      {"{{ missing.a.b }}", "undefined"},
      {"{{ target }}/{{ $environment }}", "http://t/staging"},
      {"{{ list }}", R"([10,{"x":"in list"},"é😀"])"},
      {"{{ list[0] }}", "10"},
      {"{{ list.0 }}", "10"},
      {"{{ list[1].x }}", "in list"},
      {"{{ list[3] }}", "undefined"},
      {"{{ list[01] }}", "undefined"},
      {"{{ list.length }}", "3"},
      {"{{ list[2].length }}", "3"},
      {"{{ list.length.x }}", "undefined"},
      {"{{ user.id }}", "7"},
      {"{{ user['x-y'] }}", "dashed"},
      {"{{ user[\"x-y\"] }}", "dashed"},
      {"{{ user[ 'a b' ] }}", "blank"},
      {"{{ user.x-y }}", "dashed"},
      {"{{ user[id] }}", "7"},
      {"{{ user[0] }}", "zero"},
      {"{{ user . tags [1] }}", "q"},
      {"{{ ['user'].id }}", "7"},
      {"{{ name.x }}", "undefined"},
      {"{{ dotted.name }}", "literal"},
      {"{{ dotted.other }}", "o"},
      {"{{ first name }}", "with blank"},
      {"{{ user.full name }}", "Ada L"},
      {"{{ user-id }}", "dash"},
      {"{{ slots }}", "{{ name }} $& $1"},
      {"}} {{ name }} }} { } {", "}} Ada }} { } {"},
      {"{\"a\":{{ n }}}", "{\"a\":42}"},
      {"{{{ n }}: 1}", "{42: 1}"},
      {"{{{{ n }}}}", "{42}"},
      {"{{ user['}}'] }}", "undefined"},
  };
  for (const auto& [text, rendered] : cases) EXPECT_EQ(render(text), rendered) << text;
}

TEST_F(TemplateTest, LoneSlotKeepsItsType) {
  EXPECT_EQ(compile("{{ n }}").evaluate(scope()), Value(42));
  EXPECT_EQ(compile("{{{ yes }}}").evaluate(scope()), Value(true));
  EXPECT_TRUE(compile("{{ nothing }}").evaluate(scope()).is_null());
  EXPECT_TRUE(compile("{{ missing }}").evaluate(scope()).is_undefined());
  EXPECT_TRUE(compile("{{ list }}").evaluate(scope()).is_list());
  EXPECT_TRUE(compile("{{ user }}").evaluate(scope()).is_object());
  EXPECT_EQ(compile("{{ list.length }}").evaluate(scope()), Value(3));
}

TEST_F(TemplateTest, AnythingAroundASlotMakesText) {
  EXPECT_EQ(compile(" {{ n }}").evaluate(scope()), Value(" 42"));
  EXPECT_EQ(compile("{{ n }} ").evaluate(scope()), Value("42 "));
  EXPECT_EQ(compile("{{ n }}{{ n }}").evaluate(scope()), Value("4242"));
  EXPECT_EQ(compile("42").evaluate(scope()), Value("42"));
}

struct ErrorCase {
  std::string_view text;
  core::ErrorCode code;
  std::size_t offset;
};

TEST_F(TemplateTest, ReportsWhereAFaultIs) {
  constexpr auto kInvalid = core::ErrorCode::kInvalidInput;
  constexpr auto kMissing = core::ErrorCode::kNotFound;
  const ErrorCase cases[] = {
      {"{{ a + b }}", kInvalid, 5},
      {"ok {{ a }} {{ b! }}", kInvalid, 15},
      {"{{}}", kInvalid, 0},
      {"x{{   }}", kInvalid, 1},
      {"{{{ }}}", kInvalid, 1},
      {"ab{{ a", kInvalid, 2},
      {"{{", kInvalid, 0},
      {"{{ a }", kInvalid, 0},
      {"{{ a. }}", kInvalid, 6},
      {"{{ a..b }}", kInvalid, 5},
      {"{{ a[ }}", kInvalid, 6},
      {"{{ a[0 }}", kInvalid, 7},
      {"{{ a['x }}", kInvalid, 5},
      {"{{ a[0]b }}", kInvalid, 7},
      {"{{ .a }}", kInvalid, 3},
      {"{{#if}}", kInvalid, 2},
      {"{{ f(1) }}", kInvalid, 4},
      {"{{ $nosuch() }}", kMissing, 3},
      {"12{{ $randomnumber(1,2) }}", kMissing, 5},
      {"{{ $randomNumber(1,2,3) }}", kInvalid, 21},
      {"{{ $randomNumber(a, 2) }}", kInvalid, 17},
      {"{{ $randomNumber(1.5, 2) }}", kInvalid, 17},
      {"{{ $randomNumber(1 2) }}", kInvalid, 19},
      {"{{ $randomNumber(1,) }}", kInvalid, 19},
      {"{{ $randomNumber('1, 2) }}", kInvalid, 17},
      {"{{ $randomNumber(99999999999999999999) }}", kInvalid, 17},
      {"{{ $randomNumber(1,2)x }}", kInvalid, 21},
      {"{{ $randomNumber(1,2", kInvalid, 0},
      {"{{ $uuid(1) }}", kInvalid, 9},
  };
  for (const auto& [text, code, offset] : cases) {
    const auto compiled = Template::compile(text, symbols_);
    ASSERT_FALSE(compiled.has_value()) << text;
    EXPECT_EQ(compiled.error().code, code) << text;
    EXPECT_EQ(compiled.error().offset, offset) << text << ": " << compiled.error().message;
    EXPECT_FALSE(compiled.error().message.empty());
  }
}

TEST_F(TemplateTest, UnknownFunctionSuggestsTheNearest) {
  const auto compiled = Template::compile("{{ $randomNumbr(1,2) }}", symbols_);
  ASSERT_FALSE(compiled.has_value());
  EXPECT_NE(compiled.error().hint.find("$randomNumber"), std::string::npos);
}

TEST_F(TemplateTest, KeepTextLeavesBadSlotsAlone) {
  const TextCase cases[] = {
      {"{{ a + b }}", "{{ a + b }}"},
      {"{{}} {{ name }}", "{{}} Ada"},
      {"{{ a + {{ name }}", "{{ a + Ada"},
      {"{{ name", "{{ name"},
      {"{{ $nosuch() }}{{ n }}", "{{ $nosuch() }}42"},
      {"{{ größe }}", "{{ größe }}"},
      {"{{ {{ n }} }}", "{{ 42 }}"},
  };
  for (const auto& [text, rendered] : cases) {
    EXPECT_EQ(render(text, TemplateErrors::kKeepText), rendered) << text;
  }
}

TEST_F(TemplateTest, ForeignLettersAreNamesByDefault) {
  set("größe", 3);
  EXPECT_EQ(render("{{ größe }}"), "3");
}

TEST_F(TemplateTest, WithoutSlotsItIsStatic) {
  EXPECT_TRUE(compile("a } b").is_static());
  EXPECT_TRUE(compile("{{ a + b }}", TemplateErrors::kKeepText).is_static());
  EXPECT_FALSE(compile("{{ a }}").is_static());
  EXPECT_TRUE(Template().is_static());
  EXPECT_EQ(Template().source(), "");
  EXPECT_EQ(compile("x{{ a }}").source(), "x{{ a }}");
}

TEST_F(TemplateTest, NamesTheRootsOfItsVariables) {
  const auto roots = compile("{{ user.id }}{{ $uuid() }}{{ n }}{{ list[0] }}{{ n }}").variables();
  ASSERT_EQ(roots.size(), 4u);
  EXPECT_EQ(symbols_.name(roots[0]), "user");
  EXPECT_EQ(symbols_.name(roots[1]), "n");
  EXPECT_EQ(symbols_.name(roots[2]), "list");
  EXPECT_EQ(symbols_.name(roots[3]), "n");
}

TEST_F(TemplateTest, FunctionsDrawFromTheStepInTextOrder) {
  const Template both = compile("{{ $randomNumber(-5, 5) }} {{ $randomString(4) }}");
  core::Rng again(7);
  const Value number = find_function("$randomNumber")->call(std::vector<Value>{-5, 5}, again);
  const Value text = find_function("$randomString")->call(std::vector<Value>{4}, again);
  std::string expected;
  core::write_text(number, expected);
  std::string out;
  both.render(scope(), out);
  EXPECT_EQ(out, expected + " " + text.as_string());
}

TEST_F(TemplateTest, FunctionKeepsItsTypeAlone) {
  EXPECT_EQ(compile("{{ $randomNumber(3, 3) }}").evaluate(scope()), Value(3));
  EXPECT_EQ(compile("{{ $randomNumber('3', \"3\") }}").evaluate(scope()), Value(3));
  EXPECT_EQ(compile("{{ $uuid() }}").evaluate(scope()).as_string().size(), 36u);
}

TEST_F(TemplateTest, UuidWithoutCallIsTheVariable) {
  set("$uuid", "mine");
  EXPECT_EQ(render("{{ $uuid }}"), "mine");
}

TEST_F(TemplateTest, WithoutRandomStreamFunctionsAreUndefined) {
  std::string out;
  compile("{{ $randomNumber(1,2) }}{{ $uuid() }}").render({&user_, nullptr, nullptr}, out);
  EXPECT_EQ(out, "undefinedundefined");
}

}  // namespace
}  // namespace slsart::expr
