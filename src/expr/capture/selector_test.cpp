#include "expr/capture/selector.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "expr/capture/html_document.h"

namespace slsart::expr::capture {
namespace {

using core::Value;

constexpr std::string_view kPage = R"(<!doctype html>
<html lang="en"><head><title>Shop &amp; more</title><script>if (a < b) "<p class=x>"</script>
<meta name="csrf" content="tok&quot;1"></head>
<body class="home page">
<ul id=menu><li class="i first"><a href=/p/1 class=l>One</a><li class="i"><a href="/p/2?a=1&amp;b=2" class='l big'>Two</a><li class=i><a class=l>Three</a></ul>
<p>first<p lang="en-GB">second <b>bold</b> end<div><h2>Head</h2>text<br><img src=a.png alt="A"></div>
<table><tr><td>1<td>2<tr><td>3<td>4</table>
<form><input name="csrf" value="csrf-789"><input type="checkbox" checked disabled><select><option value=1>a<option value=2 selected>b</select></form>
<!-- <a class=l href=/comment>no</a> -->
</body></html>)";

Value find(std::string_view selector, SelectionOptions options = {}) {
  const auto compiled = Selector::compile(selector, options);
  EXPECT_TRUE(compiled) << selector << ": " << (compiled ? "" : compiled.error().message);
  core::Rng rng(1);
  return compiled ? compiled->find(kPage, rng) : Value();
}

std::string all(std::string_view selector, std::string attr = {}) {
  const Value found = find(selector, {.attr = std::move(attr), .pick = Pick::kAll});
  std::string text;
  if (!found.is_undefined()) core::write_json(found, text);
  return text;
}

// What cheerio 1.1 finds on the same page.
TEST(Selector, FindsWhatTheReferenceFinds) {
  const std::vector<std::pair<std::string_view, std::string>> cases = {
      {"a.l", R"(["One","Two","Three"])"},
      {"a.l.big", R"(["Two"])"},
      {"A.l", R"(["One","Two","Three"])"},
      {"a.L", ""},
      {"#menu > li:first-child", R"(["One"])"},
      {"#menu a", R"(["One","Two","Three"])"},
      {"#menu > a", ""},
      {"li.first + li", R"(["Two"])"},
      {"li.first ~ li", R"(["Two","Three"])"},
      {"li:nth-child(2n+1)", R"(["One","Three"])"},
      {"li:nth-child(-n+2)", R"(["One","Two"])"},
      {"li:nth-last-child(1)", R"(["Three"])"},
      {"li:not(.first) a[href]", R"(["Two"])"},
      {"li:has(a[href^='/p/1'])", R"(["One"])"},
      {"li:has(> a.big)", R"(["Two"])"},
      {"li:contains(\"Thr\")", R"(["Three"])"},
      {"title", R"(["Shop & more"])"},
      {"p", R"(["first","second bold end"])"},
      {"p[lang|=en]", R"(["second bold end"])"},
      {"table > tbody > tr:last-child > td", R"(["3","4"])"},
      {"td:nth-of-type(2)", R"(["2","4"])"},
      {"h2, b", R"(["bold","Head"])"},
      {"option[value=2]", R"(["b"])"},
      {"option:selected", R"(["b"])"},
      {".x", ""},
      {"body.home.page > p:only-of-type", ""},
      {"br:empty + img", R"([""])"},
      {"a[class~=big], a[class*=nothing]", R"(["Two"])"},
      {"p[lang=EN-gb i]", R"(["second bold end"])"},
  };
  for (const auto& [selector, expected] : cases) EXPECT_EQ(all(selector), expected) << selector;
}

TEST(Selector, TakesAttributesDecoded) {
  EXPECT_EQ(all("a", "href"), R"(["/p/1","/p/2?a=1&b=2",null])");
  EXPECT_EQ(find("input[name='csrf']", {.attr = "value"}), Value("csrf-789"));
  EXPECT_EQ(find("meta[content='tok\"1']", {.attr = "content"}), Value("tok\"1"));
  EXPECT_EQ(find("input:checked", {.attr = "disabled"}), Value(""));
  EXPECT_TRUE(find("a", {.attr = "id"}).is_undefined());
}

TEST(Selector, ChoosesOneOfSeveral) {
  EXPECT_EQ(find("a.l", {.pick = Pick::kNumber, .number = 1}), Value("Two"));
  EXPECT_TRUE(find("a.l", {.pick = Pick::kNumber, .number = 3}).is_undefined());
  EXPECT_EQ(find("a.l", {.pick = Pick::kLast}), Value("Three"));
  const auto random = Selector::compile("a.l", {.pick = Pick::kRandom});
  core::Rng rng(5);
  std::vector<int> seen(3);
  for (int i = 0; i < 100; ++i) {
    const Value one = random->find(kPage, rng);
    ++seen[one == Value("One") ? 0 : one == Value("Two") ? 1 : 2];
  }
  for (const int count : seen) EXPECT_GT(count, 10);
}

TEST(Selector, ErrorsNameTheirPlace) {
  const std::vector<std::pair<std::string_view, std::size_t>> cases = {
      {"", 0},     {"a >", 3},     {"a[", 2},      {"a[b", 3},     {"a[b=\"c]", 4},
      {"a b,", 4}, {"a::b", 2},    {"a:hover", 1}, {"a:not(b", 5}, {"a:nth-child(x)", 12},
      {"a{", 1},   {"a:eq(1)", 1}, {"> a", 0},
  };
  for (const auto& [selector, offset] : cases) {
    const auto compiled = Selector::compile(selector, {});
    ASSERT_FALSE(compiled) << selector;
    EXPECT_EQ(compiled.error().offset, offset) << selector << ": " << compiled.error().message;
  }
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += ":not(a";
  EXPECT_FALSE(Selector::compile(deep.substr(0, 9000), {}));
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

// No page makes the reader deep, slow or hungry.
TEST(Selector, HostilePagesEnd) {
  core::Rng rng(1);
  const std::string pages[] = {
      repeated("<div>", 100'000),      repeated("<b><p>", 50'000),
      repeated("<a b=c ", 50'000),     "<p " + repeated("a ", 400'000) + ">",
      repeated("<td><table>", 30'000), repeated("</p>", 200'000),
      repeated("<", 1'000'000),        "<textarea>" + repeated("</", 500'000),
      repeated("&", 1'000'000),        "<!--" + repeated("-", 1'000'000),
  };
  for (const std::string& page : pages) {
    for (const std::string_view selector : {"div div div div div p", "p ~ p ~ p:nth-child(2n)",
                                            "div:has(p:contains(x))", "nothing"}) {
      Selector::compile(selector, {})->find(page, rng);
    }
  }
}

TEST(HtmlDocument, ElementsAreNeverDeeperThanTheLimit) {
  HtmlDocument page;
  const std::string text = repeated("<div>", 2000);
  page.read(text);
  EXPECT_EQ(page.nodes().size(), 2002u);  // html, body
  std::size_t deepest = 0;
  for (const auto& node : page.nodes()) {
    std::size_t depth = 0;
    for (auto at = node.parent; at != HtmlDocument::kNone; at = page.node(at).parent) ++depth;
    deepest = std::max(deepest, depth);
  }
  EXPECT_EQ(deepest, HtmlDocument::kMaxDepth);
}

TEST(HtmlDocument, DecodesReferences) {
  std::string text;
  append_decoded("a &amp; &lt;b&gt; &#65;&#x42; &euro; &nope; &; & &#xD800; &#; &amp", text);
  EXPECT_EQ(text, "a & <b> AB \u20AC &nope; &; & \uFFFD &#; &amp");
}

}  // namespace
}  // namespace slsart::expr::capture
