#include "expr/extractor.h"

#include <gtest/gtest.h>

namespace slsart::expr {
namespace {

using core::Value;

constexpr HeaderView kHeaders[] = {
    {"content-type", "text/html"}, {"set-cookie", "a=1"}, {"x-empty", ""}, {"set-cookie", "b=2"}};
constexpr ResponseView kResponse{
    .status = 200, .headers = kHeaders, .body = R"({"id":42,"one":1.0,"s":"42","list":[1,2]})"};

Value extract(const core::Result<Extractor>& extractor) {
  core::Rng rng(1);
  EXPECT_TRUE(extractor.has_value());
  return extractor->extract(kResponse, rng);
}

TEST(Extractor, TakesHeadersWithoutRegardToCase) {
  EXPECT_EQ(extract(Extractor::header("Content-Type")), Value("text/html"));
  EXPECT_EQ(extract(Extractor::header("set-cookie")), Value("a=1, b=2"));
  EXPECT_EQ(extract(Extractor::header("x-empty")), Value(""));
  EXPECT_TRUE(extract(Extractor::header("x-none")).is_undefined());
}

TEST(Extractor, RefusesNamesThatNoHeaderHas) {
  EXPECT_EQ(Extractor::header("").error().offset, 0u);
  EXPECT_EQ(Extractor::header("a b").error().offset, 1u);
  EXPECT_EQ(Extractor::header("x:").error().offset, 1u);
}

TEST(Extractor, KnowsWhatItNeeds) {
  EXPECT_TRUE(Extractor::json("$.a")->needs_body());
  EXPECT_FALSE(Extractor::json("$.a")->needs_headers());
  EXPECT_TRUE(Extractor::regexp("a", {})->needs_body());
  EXPECT_TRUE(Extractor::header("a")->needs_headers());
  EXPECT_FALSE(Extractor::header("a")->needs_body());
  EXPECT_FALSE(Extractor().needs_body());
}

TEST(Extractor, DefaultOneFindsNothing) {
  core::Rng rng(1);
  EXPECT_TRUE(Extractor().extract(kResponse, rng).is_undefined());
}

TEST(Extractor, LooksIntoTheBody) {
  EXPECT_EQ(extract(Extractor::json("$.id")), Value(42));
  EXPECT_EQ(extract(Extractor::json("$.list[?(@ > 1)]")), Value(2));
  EXPECT_EQ(extract(Extractor::regexp("\"id\":(\\d+)", {.flags = "", .group = "1"})), Value("42"));
}

struct MatchCase {
  std::string_view path;
  ValueTemplate value;
  bool holds;
};

TEST(Match, ComparesWithoutConversion) {
  core::SymbolTable symbols;
  Variables user;
  user.set(symbols.intern("id"), Value(42));
  const auto text = [&](std::string_view source) { return *Template::compile(source, symbols); };
  const MatchCase cases[] = {
      {"$.id", Value(42), true},
      {"$.id", Value(42.0), true},
      {"$.id", Value("42"), false},
      {"$.id", text("{{ id }}"), true},
      {"$.s", text("{{ id }}"), false},
      {"$.s", text("{{ id }} "), false},
      {"$.s", Value("42"), true},
      {"$.one", Value(1), true},
      {"$.list", ValueTemplate::List{Value(1), Value(2)}, true},
      {"$.list", ValueTemplate::List{Value(1)}, false},
      {"$.nosuch", Value(Value::Null{}), false},
      {"$.nosuch", Value(""), false},
  };
  for (const MatchCase& c : cases) {
    const Match match{.from = *Extractor::json(c.path), .value = c.value, .expression = ""};
    EXPECT_EQ(match.holds(kResponse, {&user, nullptr, nullptr}), c.holds) << c.path;
  }
}

TEST(Extractor, JsonTakesWhatIndexAndMultipleSay) {
  const ResponseView response{.status = 200, .body = R"({"l": [1, 2, 3]})"};
  core::Rng rng(1);
  const auto take = [&](std::string_view path, const JsonOptions& options) {
    return Extractor::json(path, options)->extract(response, rng);
  };
  EXPECT_EQ(take("$.l[*]", {.select = SelectionOptions{.pick = Pick::kLast}}), core::Value(3));
  EXPECT_EQ(take("$.l[*]", {.select = SelectionOptions{.number = 1}}), core::Value(2));
  EXPECT_EQ(to_json(take("$.l[*]", {.is_raw = true})), "[1,2,3]");
  EXPECT_EQ(to_json(take("$.l", {.is_raw = true})), "[1,2,3]");
  EXPECT_EQ(take("$.l[0]", {.is_raw = true}), core::Value(1));
  EXPECT_TRUE(take("$.none[*]", {.is_raw = true}).is_undefined());
}

TEST(Extractor, TemplatedExpressionsAreCompiledWhenFilledIn) {
  core::SymbolTable symbols;
  Variables variables;
  const auto text = Template::compile("$.{{ name }}", symbols);
  const Extractor extractor = Extractor::templated(
      *text, [](std::string_view path) { return Extractor::json(path); }, false);
  const ResponseView response{.status = 200, .body = R"({"a": 1, "b": 2})"};
  core::Rng rng(1);
  const Scope scope{.user = &variables, .rng = &rng};
  for (const auto& [name, expected] : {std::pair{"a", core::Value(1)},
                                       {"b", core::Value(2)},
                                       {"a", core::Value(1)},
                                       {"[", core::Value()}}) {
    variables.set(symbols.intern("name"), core::Value(name));
    EXPECT_EQ(extractor.extract(response, scope), expected) << name;
  }
  EXPECT_TRUE(extractor.needs_body());
  EXPECT_FALSE(extractor.needs_headers());
}

}  // namespace
}  // namespace slsart::expr
