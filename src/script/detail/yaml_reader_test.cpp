#include "script/detail/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "script/detail/test_support.h"

namespace slsart::script::detail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(YamlReader, PutsAPlaceOnEveryKeyAndValue) {
  const Parsed parsed = parse(
      "config:\n"
      "  target: \"http://x\"   # a comment\n"
      "  name: 'it''s'\n"
      "  phases: [ {duration: 10}, 2 ]\n"
      "  empty:\n"
      "  text: |\n"
      "    line\n"
      "  list:\n"
      "    - one\n");
  ASSERT_TRUE(parsed.node) << testing::PrintToString(parsed.told);
  const Entry& config = *parsed.node->entry("config");
  EXPECT_EQ(place_of(config.key_span), "1:1+6");
  EXPECT_EQ(place_of(config.value.span), "2:3+6");  // a block map: its first key
  const Entry& target = *config.value.entry("target");
  EXPECT_EQ(place_of(target.key_span), "2:3+6");
  EXPECT_EQ(place_of(target.value.span), "2:11+10");  // with its quotes
  EXPECT_EQ(place_of(config.value.find("name")->span), "3:9+7");
  EXPECT_EQ(config.value.find("name")->text(), "it's");
  const Node& phases = *config.value.find("phases");
  EXPECT_EQ(place_of(phases.span), "4:11+1");
  EXPECT_EQ(place_of(phases.items[0].find("duration")->span), "4:24+2");
  EXPECT_EQ(place_of(phases.items[1].span), "4:29+1");
  EXPECT_EQ(place_of(config.value.find("empty")->span), "5:3+5");  // nothing there: the key
  EXPECT_EQ(place_of(config.value.find("text")->span), "6:9+1");
  EXPECT_EQ(config.value.find("text")->text(), "line\n");
  EXPECT_EQ(place_of(config.value.find("list")->items[0].span), "9:7+3");
}

TEST(YamlReader, CountsColumnsInBytes) {
  const Parsed parsed = parse("é: {ü: x}\n");
  ASSERT_TRUE(parsed.node);
  EXPECT_EQ(place_of(parsed.node->find("é")->find("ü")->span), "1:10+1");
}

TEST(YamlReader, ReadsJsonWithTabs) {
  const Parsed parsed = parse("{\n\t\"a\": [1, true, null, \"\\u00e9\\/\"],\n\t\"b\": {}\n}\n");
  ASSERT_TRUE(parsed.node) << testing::PrintToString(parsed.told);
  EXPECT_EQ(core::to_json(to_value(*parsed.node)), "{\"a\":[1,true,null,\"é/\"],\"b\":{}}");
}

TEST(YamlReader, ResolvesAnchorsAndKeepsTheirPlaces) {
  const Parsed parsed = parse("a: &x {n: 1}\nb: *x\nc: [*x, &y 2, *y]\n");
  ASSERT_TRUE(parsed.node) << testing::PrintToString(parsed.told);
  EXPECT_EQ(core::to_json(to_value(*parsed.node)),
            R"({"a":{"n":1},"b":{"n":1},"c":[{"n":1},2,2]})");
  EXPECT_EQ(place_of(parsed.node->find("b")->find("n")->span), "1:11+1");
}

TEST(YamlReader, MergesWithOwnKeysFirst) {
  const Parsed parsed = parse(
      "a: &a {x: 1, y: 1}\n"
      "b: &b {y: 2, z: 2}\n"
      "c:\n  <<: [*a, *b]\n  x: 3\n"
      "d:\n  x: 4\n  <<: *a\n"
      "e: {\"<<\": 5}\n");
  ASSERT_TRUE(parsed.node) << testing::PrintToString(parsed.told);
  EXPECT_EQ(core::to_json(to_value(*parsed.node->find("c"))), R"({"x":3,"y":1,"z":2})");
  EXPECT_EQ(core::to_json(to_value(*parsed.node->find("d"))), R"({"x":4,"y":1})");
  EXPECT_EQ(core::to_json(to_value(*parsed.node->find("e"))), R"({"<<":5})");
}

TEST(YamlReader, TakesTagsOfYamlOnly) {
  const Parsed good = parse("[!!str 1, !!int \"3\", !!float 1, ! 5]\n");
  ASSERT_TRUE(good.node) << testing::PrintToString(good.told);
  EXPECT_EQ(core::to_json(to_value(*good.node)), R"(["1",3,1,"5"])");
  EXPECT_THAT(parse("a: !own x\nb: !!int x\n").told,
              ElementsAre("1:9+1 error: the tag !own is not known here",
                          "2:10+1 error: this value does not fit its tag !!int"));
}

TEST(YamlReader, TellsEveryDuplicateKeyWithBothPlaces) {
  Report report;
  EXPECT_FALSE(read_yaml(source_of("a: 1\nb: {c: 1, c: 2}\na: 3\n"), report));
  ASSERT_THAT(report.diagnostics(), SizeIs(2));
  const core::Diagnostic& inner = report.diagnostics()[0];
  EXPECT_EQ(inner.message, "the key \"c\" is already in this map");
  EXPECT_EQ(place_of(inner.span), "2:11+1");
  EXPECT_EQ(place_of(inner.related.at(0).first), "2:5+1");
  EXPECT_EQ(place_of(report.diagnostics()[1].span), "3:1+1");
}

struct Wrong {
  std::string text;
  std::string told;
};

TEST(YamlReader, TellsSyntaxFaultsWithTheirPlace) {
  const Wrong cases[] = {
      {"a: \"x\nb: 1\n", "1:4+1 error: the text that starts here is not closed by another \""},
      {"a: 'x\nb: 1\n", "1:4+1 error: the text that starts here is not closed by another '"},
      {"a:\n  b: 1\n   c: 2\n",
       "3:4+1 error: this line is indented deeper than the line above, which already has a value"},
      {"a:\n    b: 1\n  c: 2\n", "3:3+1 error: YAML: invalid indentation in mapping"},
      {"a:\n\tb: 1\n", "2:1+1 error: YAML: tab character may not be used as indentation"},
      {"a: [1, 2\n", "2:1+0 error: YAML: flow sequence without a closing bracket"},
      {"a: b: c\n", "1:5+1 error: YAML: invalid nested block mapping on the same line"},
      {"é: b: c\n", "1:6+1 error: YAML: invalid nested block mapping on the same line"},
      {"a: @x\n", "1:4+1 error: YAML: plain scalar cannot start with '@'"},
      {"a: {{ x }}\n", "1:5+1 error: a key must be text, this is a map"},
      {"a: 1\n---\nb: 2\n", "2:1+3 error: a second document starts here"},
      {"a: *none\n", "1:4+5 error: there is no anchor &none above"},
      {"a: &x\n  b: *x\n", "2:6+2 error: the alias *x stands inside of its own anchor"},
      {"a:\n  <<: 1\n", "2:7+1 error: << takes a map or a list of maps, this is the number 1"},
      {"", "1:1+0 error: the script is empty"},
      {"# nothing\n", "1:1+0 error: the script is empty"},
      {"a: b\x01\n", "1:5+1 error: a control character may not stand here"},
      {"a: \xff\n", "1:4+1 error: this byte is not UTF-8 text"},
  };
  for (const Wrong& wrong : cases) {
    const Parsed parsed = parse(wrong.text);
    EXPECT_FALSE(parsed.node) << wrong.text;
    ASSERT_THAT(parsed.told, SizeIs(1)) << wrong.text;
    EXPECT_EQ(parsed.told[0], wrong.told) << wrong.text;
  }
}

TEST(YamlReader, BoundsWhatAliasesGrowTo) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    text += name + ": &" + name + " [" + before;
    for (int k = 0; k < 9; ++k) text += ", " + before;
    text += "]\n";
  }
  const Parsed parsed = parse(text);
  EXPECT_FALSE(parsed.node);
  ASSERT_THAT(parsed.told, SizeIs(1));
  EXPECT_THAT(parsed.told[0], HasSubstr("more than a million values"));
}

TEST(YamlReader, BoundsDepth) {
  std::string deep;
  for (int i = 0; i < 190; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(parse(deep).told, IsEmpty());
  for (int i = 190; i < 400; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  ASSERT_THAT(parse(deep).told, SizeIs(1));
  EXPECT_THAT(parse(deep).told[0], HasSubstr("nested deeper than 200"));
  EXPECT_THAT(parse(std::string(20000, '[')).told, SizeIs(1));
}

TEST(YamlReader, AnswersToEveryBeginningOfAScript) {
  const std::string text =
      "a: &x {k: 'v', \"q\": [1, 2]}\nb:\n  - <<: *x\n    c: |\n      text\n  - é: \"\\u00e9\"\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const Parsed parsed = parse(text.substr(0, size));
    EXPECT_EQ(parsed.node.has_value(), parsed.told.empty()) << size;
  }
  EXPECT_TRUE(parse(text).node);
}

TEST(YamlReader, PointsIntoVerbatimText) {
  const Parsed parsed = parse("a: ab{{c\nb: \"ab{{c\"\nc: \"\\tab{{c\"\n");
  ASSERT_TRUE(parsed.node);
  EXPECT_EQ(place_of(place_in(*parsed.node->find("a"), 2)), "1:6+1");
  EXPECT_EQ(place_of(place_in(*parsed.node->find("b"), 2)), "2:7+1");
  EXPECT_EQ(place_of(place_in(*parsed.node->find("c"), 3)), "3:4+9");  // the whole value
}

}  // namespace
}  // namespace slsart::script::detail
