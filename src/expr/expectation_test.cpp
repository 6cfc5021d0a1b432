#include "expr/expectation.h"

#include <gtest/gtest.h>

namespace slsart::expr {
namespace {

using core::Value;
using enum ExpectationKind;

const std::string kBody =
    R"({"id":42,"nil":null,"a.b":1,"items":[{"id":7},{"tag":"x"}],"deep":{"er":{}}})";
const std::vector<HeaderView> kHeaders = {{"content-type", "application/json; charset=utf-8"},
                                          {"x-trace", "t-9"},
                                          {"x-empty", ""},
                                          {"x-cache", "Hit from edge"},
                                          {"x-many", "a"},
                                          {"x-many", "b"}};

class ExpectationTest : public testing::Test {
 protected:
  ExpectationTest() {
    user_.set(symbols_.intern("status"), Value(200));
    user_.set(symbols_.intern("name"), Value("items[0].id"));
    user_.set(symbols_.intern("text"), Value("42"));
  }

  ValueTemplate templated(const Value& value) {
    if (value.is_list()) {
      ValueTemplate::List items;
      for (const Value& item : value.as_list()) items.push_back(templated(item));
      ValueTemplate list(std::move(items));
      return list.is_static() ? ValueTemplate(value) : list;
    }
    if (!value.is_string()) return value;
    auto text = Template::compile(value.as_string(), symbols_);
    EXPECT_TRUE(text);
    return text->is_static() ? ValueTemplate(value) : ValueTemplate(*std::move(text));
  }
  Expectation make(ExpectationKind kind, const Value& value) {
    auto made = Expectation::make(kind, templated(value));
    EXPECT_TRUE(made);
    return *std::move(made);
  }
  Scope scope() { return {&user_, nullptr, &rng_}; }
  bool holds(ExpectationKind kind, const Value& value, std::string_view body = kBody) {
    return make(kind, value).holds({200, kHeaders, body}, scope());
  }
  std::pair<Value, Value> explain(ExpectationKind kind, const Value& value,
                                  std::string_view body = kBody) {
    const auto account = make(kind, value).explain({200, kHeaders, body}, scope());
    return {account.expected, account.got};
  }

  core::SymbolTable symbols_;
  Variables user_;
  core::Rng rng_{1};
};

TEST_F(ExpectationTest, JudgesAsTheReference) {
  struct Row {
    ExpectationKind kind;
    Value value;
    bool holds;
  };
  const auto list = [](std::initializer_list<Value> items) { return Value(Value::List(items)); };
  const std::vector<Row> rows = {
      {kStatusCode, 200, true},
      {kStatusCode, "200", true},
      {kStatusCode, "2xx", false},
      {kStatusCode, "{{ status }}", true},
      {kStatusCode, list({404, "200"}), true},
      {kStatusCode, list({404, "{{ status }}"}), true},
      {kStatusCode, list({404, 500}), false},
      {kNotStatusCode, 200, false},
      {kNotStatusCode, list({404, 500}), true},
      {kContentType, "json", true},
      {kContentType, "application/json", false},
      {kContentType, "Application/JSON; charset=UTF-8", true},
      {kHasHeader, "x-trace", true},
      {kHasHeader, "X-Trace", true},  // the reference only knows lower case
      {kHasHeader, "x-empty", false},
      {kHasHeader, "x-none", false},
      {kHeaderEquals, list({"x-trace", "t-9"}), true},
      {kHeaderEquals, list({"x-trace", "T-9"}), false},
      {kHeaderEquals, list({"x-many", "a, b"}), true},
      {kHasProperty, "id", true},
      {kHasProperty, "nil", true},
      {kHasProperty, "a.b", true},  // a name that is the whole path
      {kHasProperty, "items[0].id", true},
      {kHasProperty, "items.1['tag']", true},
      {kHasProperty, "items[2]", false},
      {kHasProperty, "deep.er", true},
      {kHasProperty, "deep.er.est", false},
      {kHasProperty, "{{ name }}", true},
      {kNotHasProperty, "nope", true},
      {kNotHasProperty, "id", false},
      {kEquals, list({"42", "{{ text }}", 42}), true},
      {kEquals, list({"42", "43"}), false},
      {kMatchesRegexp, "\"id\":\\d+",
       true},  // the text as received; the reference looks at an object
      {kMatchesRegexp, "nothing", false},
      {kMatchesRegexp, "id.*{{ text }}", true},
      {kCdnHit, true, true},
      {kCdnHit, false, false},
      {kJmesPath, "items[?tag == 'x']", true},
      {kJPath, "id == `42`", true},
      {kJmesPath, "id == `{{ text }}`", true},
      {kJmesPath, "items[?tag == 'y']", true},  // an empty list is true in JavaScript
      {kJmesPath, "items[5]", false},
      {kJmesPath, "`0`", false},
      {kJmesPath, "sum(items)", false},  // of the wrong type
  };
  for (const Row& row : rows) {
    EXPECT_EQ(holds(row.kind, row.value), row.holds)
        << name_of(row.kind) << " " << core::to_json(row.value);
  }
}

TEST_F(ExpectationTest, ABodyThatIsNoObjectHasAndLacksNoProperty) {
  for (const char* body : {"", "plain", "3", "\"id\"", "{\"id\": 1"}) {
    EXPECT_FALSE(holds(kHasProperty, "id", body)) << body;
    EXPECT_FALSE(holds(kNotHasProperty, "nope", body)) << body;
    EXPECT_FALSE(holds(kContentType, "json", body)) << body;
    EXPECT_FALSE(holds(kJmesPath, "`1`", body)) << body;
  }
  EXPECT_TRUE(holds(kHasProperty, "[0]", "[1]"));
}

TEST_F(ExpectationTest, ExplainsInTheWordsOfTheReference) {
  using Pair = std::pair<Value, Value>;
  EXPECT_EQ(explain(kStatusCode, 404), Pair(404, 200));
  EXPECT_EQ(explain(kNotStatusCode, 200), Pair("Status code different than 200", 200));
  EXPECT_EQ(explain(kHasHeader, "x-none"), Pair("x-none", "response has no x-none header"));
  EXPECT_EQ(explain(kHasProperty, "nope"), Pair("nope", "response body has no nope property"));
  EXPECT_EQ(explain(kNotHasProperty, "id"), Pair("id", "response body has id property"));
  EXPECT_EQ(explain(kHasProperty, "id", "x"), Pair("id", "response body is not an object"));
  EXPECT_EQ(explain(kContentType, "json", "{"),
            Pair("json", "could not parse response body as JSON"));
  EXPECT_EQ(explain(kContentType, "text/plain"),
            Pair("text/plain", "application/json; charset=utf-8"));
  EXPECT_EQ(explain(kHeaderEquals, Value::List{"x-none", "1"}),
            Pair("response to have x-none header", "response has no x-none header"));
  EXPECT_EQ(explain(kHeaderEquals, Value::List{"x-trace", "1"}), Pair("1", "t-9"));
  EXPECT_EQ(explain(kEquals, Value::List{"a", "{{ text }}"}),
            Pair("all values to be equal", "a, 42"));
  EXPECT_EQ(explain(kJmesPath, "id > `50`"), Pair("id > `50`", false));
  EXPECT_EQ(explain(kJmesPath, "id", "x"), Pair("id", "response body is not an object"));
  EXPECT_EQ(explain(kJPath, "sum(items)"),
            Pair("sum(items)", "sum() cannot take a value of type array"));
  Expectation described = make(kJmesPath, "nil");
  described.describe("nothing");
  EXPECT_EQ(described.explain({200, kHeaders, kBody}, scope()).expected, Value("nothing"));
  EXPECT_EQ(explain(kCdnHit, false),
            Pair("a cache header indicating a cache miss", "x-cache is Hit from edge"));
}

TEST_F(ExpectationTest, IsCountedUnderTheNamesOfTheReference) {
  EXPECT_EQ(make(kStatusCode, 200).type(), "statusCode");
  EXPECT_EQ(make(kHeaderEquals, Value::List{"x-a", "1"}).type(), "header x-a values equals");
  EXPECT_EQ(make(kEquals, Value::List{"a", "{{ text }}"}).source(), "[a,{{ text }}]");
}

TEST_F(ExpectationTest, RefusesWhatCannotBeRead) {
  const auto regexp = Expectation::make(kMatchesRegexp, Value("a("));
  ASSERT_FALSE(regexp);
  EXPECT_EQ(regexp.error().offset, 1u);
  const auto query = Expectation::make(kJmesPath, Value("a[?"));
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().offset, 3u);
  EXPECT_FALSE(Expectation::make(kHeaderEquals, Value("x-a")));
  EXPECT_FALSE(Expectation::make(kHeaderEquals, Value(Value::List{"x-a"})));
}

}  // namespace
}  // namespace slsart::expr
