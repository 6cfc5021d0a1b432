#include "expr/capture/xpath.h"

#include <gtest/gtest.h>

#include <string>

namespace slsart::expr::capture {
namespace {

using core::Value;

constexpr std::string_view kXml = R"(<?xml version="1.0"?>
<order id="7" xmlns:n="urn:n"><item sku="A1">Lamp</item><item sku="B2">Desk &amp; chair</item>
<n:note>hi</n:note><total>12.50</total><![CDATA[raw <text>]]></order>)";

Value find(std::string_view expression, std::string_view body = kXml,
           SelectionOptions options = {}) {
  const auto compiled = XPath::compile(expression, options);
  EXPECT_TRUE(compiled) << expression << ": " << (compiled ? "" : compiled.error().message);
  core::Rng rng(1);
  return compiled ? compiled->find(body, rng) : Value();
}

TEST(XPath, FindsInXml) {
  EXPECT_EQ(find("(//item)[1]/@sku"), Value("A1"));
  EXPECT_EQ(find("//item[2]"), Value("Desk & chair"));
  EXPECT_EQ(find("string(//total)"), Value("12.50"));
  EXPECT_EQ(find("number(//total)"), Value(12.5));
  EXPECT_EQ(find("count(//item)"), Value(2));
  EXPECT_EQ(find("//order/@id = 7"), Value(true));
  EXPECT_EQ(find("//n:note"), Value("hi"));
  EXPECT_EQ(find("//item[@sku='B2']/text()"), Value("Desk & chair"));
  EXPECT_TRUE(find("//none").is_undefined());
}

TEST(XPath, ChoosesOneOfSeveral) {
  EXPECT_EQ(find("//item/@sku", kXml, {.pick = Pick::kLast}), Value("B2"));
  EXPECT_EQ(find("//item/@sku", kXml, {.pick = Pick::kNumber, .number = 1}), Value("B2"));
  EXPECT_EQ(find("//item/@sku", kXml, {.pick = Pick::kAll}),
            Value(Value::List{Value("A1"), Value("B2")}));
}

TEST(XPath, ReadsPagesOfHtml) {
  constexpr std::string_view kPage =
      "<!DOCTYPE html><title>T</title><BODY><p>one<p>two<br><a HREF='/x?a&amp;b'>link</a>";
  EXPECT_EQ(find("/html/body/p[2]/a/@href", kPage), Value("/x?a&b"));
  EXPECT_EQ(find("//title", kPage), Value("T"));
}

TEST(XPath, NothingIsFoundInWhatIsNoXml) {
  for (const std::string_view body : {"", "text", "<a><b></a>", "{\"a\": 1}", "<a", "<<<"}) {
    EXPECT_TRUE(find("//a", body).is_undefined()) << body;
  }
}

TEST(XPath, ErrorsNameTheirPlace) {
  const std::pair<std::string_view, std::size_t> cases[] = {
      {"//item[", 7}, {"//item[@a='x]", 10}, {"nope(", 5}, {"", 0}};
  for (const auto& [expression, offset] : cases) {
    const auto compiled = XPath::compile(expression, {});
    ASSERT_FALSE(compiled) << expression;
    EXPECT_EQ(compiled.error().offset, offset) << expression;
  }
}

TEST(XPath, EntitiesAreNeitherExpandedNorFetched) {
  EXPECT_EQ(find("string(/a)", "<!DOCTYPE a [<!ENTITY x 'boom'>]><a>&x;</a>"), Value("&x;"));
  EXPECT_EQ(find("string(/a)", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"),
            Value("&x;"));
  std::string bomb = "<!DOCTYPE a [<!ENTITY l0 'lol'>";
  for (int i = 1; i < 10; ++i) {
    bomb += "<!ENTITY l" + std::to_string(i) + " '";
    for (int k = 0; k < 10; ++k) bomb += "&l" + std::to_string(i - 1) + ";";
    bomb += "'>";
  }
  bomb += "]><a>&l9;</a>";
  EXPECT_EQ(find("string(/a)", bomb), Value("&l9;"));
}

TEST(XPath, HostileBodiesEnd) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  EXPECT_TRUE(find("//b", deep).is_undefined());
  std::string closed = deep;
  for (int i = 0; i < 200'000; ++i) closed += "</a>";
  EXPECT_TRUE(find("string(//a[last()])", closed).is_undefined());  // too deep
  EXPECT_TRUE(find("//a", std::string(XPath::kMaxBytes + 1, ' ')).is_undefined());
}

}  // namespace
}  // namespace slsart::expr::capture
