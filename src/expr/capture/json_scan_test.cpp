#include "expr/capture/json_scan.h"

#include <gtest/gtest.h>

namespace slsart::expr::capture {
namespace {

using core::Value;

// By the scanner, as JSON; "none" for undefined.
std::string scan(std::string_view path, std::string_view text) {
  const auto parsed = JsonPath::parse(path);
  EXPECT_TRUE(parsed && parsed->is_definite()) << path;
  const Value found = scan_json(text, parsed->steps());
  return found.is_undefined() ? "none" : core::to_json(found);
}

std::string walk(std::string_view path, std::string_view text) {
  const std::vector<Value> found = JsonPath::parse(path)->find_all(text);
  return found.empty() ? "none" : core::to_json(found.front());
}

TEST(JsonScan, TakesTheLastOfEqualNames) {
  EXPECT_EQ(scan("$.a", R"({"a":1,"a":2})"), "2");
  EXPECT_EQ(scan("$.a.b", R"({"a":{"b":1},"a":{"c":2}})"), "none");
  EXPECT_EQ(scan("$.a.b", R"({"a":{"b":1},"a":5})"), "none");
  EXPECT_EQ(scan("$.a.b", R"({"a":5,"a":{"b":1,"b":3}})"), "3");
  EXPECT_EQ(scan("$.a", R"({"\u0061":1,"b":2})"), "1");
}

TEST(JsonScan, KeepsNumbersExact) {
  EXPECT_EQ(scan("$[0]", "[9223372036854775807]"), "9223372036854775807");
  EXPECT_EQ(scan("$[0]", "[-12]"), "-12");
  EXPECT_EQ(scan("$[0]", "[1e3]"), walk("$[0]", "[1e3]"));
  EXPECT_EQ(scan("$[0]", "[-0]"), walk("$[0]", "[-0]"));
}

TEST(JsonScan, DecodesTextAndTakesContainersWhole) {
  EXPECT_EQ(scan("$.a", R"({"a":"x\n\ud83d\ude00é"})"), "\"x\\n😀é\"");
  EXPECT_EQ(scan("$.a", R"( { "a" : [ 1 , { } ] } )"), "[1,{}]");
  EXPECT_EQ(scan("$", "  true "), "true");
}

// Documents that are broken somewhere off the path, behind the value too.
TEST(JsonScan, RefusesWhatTheDocumentParserRefuses) {
  const std::string_view bodies[] = {
      "",
      "{\"a\":1",
      "{\"a\":1}}",
      "{\"a\":1} 2",
      "{\"a\":1,}",
      "{\"a\":1 \"b\":2}",
      "{\"a\":1,\"b\"}",
      "{\"a\":1,b:2}",
      "{\"a\":1,\"b\":[1 2]}",
      "{\"a\":1,\"b\":[1,]}",
      "{\"a\":1,\"b\":[1}}",
      "{\"a\":1,\"b\":01}",
      "{\"a\":1,\"b\":1.}",
      "{\"a\":1,\"b\":.5}",
      "{\"a\":1,\"b\":-}",
      "{\"a\":1,\"b\":+1}",
      "{\"a\":1,\"b\":1e}",
      "{\"a\":1,\"b\":1e999}",
      "{\"a\":1,\"b\":tru}",
      "{\"a\":1,\"b\":NaN}",
      "{\"a\":1,\"b\":\"x}",
      "{\"a\":1,\"b\":\"\\x\"}",
      "{\"a\":1,\"b\":\"\\u12g4\"}",
      "{\"a\":1,\"b\":\"\\ud800\"}",
      "{\"a\":1,\"b\":\"\\ud800\\u0041\"}",
      "{\"a\":1,\"b\":\"tab\there\"}",
      "{\"a\":1,\"b\":\"\xff\"}",
      "{\"a\":1,\"b\":\"\xc0\x80\"}",
      "{\"a\":1,\"b\":\"\xed\xa0\x80\"}",
      "{\"a\":1,\"b\":\"\xf4\x90\x80\x80\"}",
      "{\"a\":1,\"b\":\"\xe2\x82\"}",
      "\xEF\xBB\xBF{\"a\":1}",
  };
  for (const std::string_view body : bodies) {
    EXPECT_FALSE(core::parse_json(body).has_value()) << body;
    EXPECT_EQ(scan("$.a", body), "none") << body;
    EXPECT_EQ(scan("$.b", body), "none") << body;
  }
  EXPECT_EQ(scan("$.a", std::string_view("{\"a\":1}\0", 8)), "none");
}

TEST(JsonScan, DepthIsThatOfTheDocumentParser) {
  for (const int depth : {core::kMaxJsonDepth, core::kMaxJsonDepth + 1}) {
    const auto size = static_cast<std::size_t>(depth);
    const std::string list = std::string(size, '[') + std::string(size, ']');
    const bool is_fine = core::parse_json(list).has_value();
    EXPECT_EQ(is_fine, depth == core::kMaxJsonDepth);
    EXPECT_EQ(scan("$", list) != "none", is_fine);
    EXPECT_EQ(scan("$[0]", list) != "none", is_fine);
  }
  EXPECT_EQ(scan("$.a", std::string(100'000, '[')), "none");
}

TEST(JsonScan, ReadsEveryPrefixWithoutHarm) {
  const std::string_view text =
      R"({"a":[1,-2.5e1,"x\u00e9\ud83d\ude00é😀\\"],"b":{"c":null},"d":true})";
  EXPECT_EQ(scan("$.d", text), "true");
  for (std::size_t size = 0; size < text.size(); ++size) {
    // A copy of its own, so that the address sanitizer sees a step too far.
    const std::string prefix(text.substr(0, size));
    EXPECT_EQ(scan("$.a", prefix), "none") << prefix;
  }
}

// Random JSON with blanks, escapes and repeated names.
class Documents {
 public:
  explicit Documents(std::uint64_t seed) : rng_(seed) {}

  std::string make(int depth) {
    switch (rng_.below(depth == 0 ? 4 : 7)) {
      case 0:
        return pick({"true", "false", "null"});
      case 1:
        return pick({"0", "-0", "17", "-3.25", "1e2", "123456789012345678901", "5E-3"});
      case 2:
      case 3:
        return pick({R"("")", R"("a")", R"("\"\\\/\b\n")", R"("\u0041\ud83d\ude00")", R"("é😀")",
                     R"("a longer text without any escape")"});
      case 4:
        return list(depth);
      default:
        return object(depth);
    }
  }

 private:
  std::string pick(std::initializer_list<const char*> choices) {
    return choices.begin()[rng_.below(choices.size())];
  }
  std::string blank() { return pick({"", "", "", " ", "\n\t", "\r\n"}); }
  std::string list(int depth) {
    std::string out = "[" + blank();
    for (std::uint64_t i = 0, n = rng_.below(4); i < n; ++i) {
      out += (i > 0 ? "," : "") + blank() + make(depth - 1) + blank();
    }
    return out + "]";
  }
  std::string object(int depth) {
    std::string out = "{" + blank();
    for (std::uint64_t i = 0, n = rng_.below(5); i < n; ++i) {
      const std::string key = pick({R"("a")", R"("b")", R"("\u0061")", R"("0")", R"("length")"});
      out +=
          (i > 0 ? "," : "") + blank() + key + blank() + ":" + blank() + make(depth - 1) + blank();
    }
    return out + "}";
  }

  core::Rng rng_;
};

TEST(JsonScan, AgreesWithTheWalkerOnRandomDocuments) {
  const std::string_view paths[] = {"$",     "$.a",      "$.a.b",      "$.b[0]",       "$[0]",
                                    "$.0",   "$['0'].a", "$.a.length", "$.length",     "$[1].a[0]",
                                    "$.a.a", "$.b.b.b",  "$[-1]",      "$.a.length.a", "$[2][1]"};
  Documents documents(2024);
  int found = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string text = documents.make(5);
    ASSERT_TRUE(core::parse_json(text).has_value()) << text;
    for (const std::string_view path : paths) {
      const std::string expected = walk(path, text);
      ASSERT_EQ(scan(path, text), expected) << path << " in " << text;
      if (expected != "none") ++found;
    }
  }
  EXPECT_GT(found, 1500);
}

TEST(JsonScan, AgreesWithTheWalkerOnDamagedDocuments) {
  Documents documents(7);
  core::Rng rng(8);
  for (int i = 0; i < 4000; ++i) {
    std::string text = documents.make(4);
    constexpr std::string_view kBytes = "{}[]\",:\\ 0e-.tu\x01\xC3\xA9";
    text[rng.below(text.size())] = kBytes[rng.below(kBytes.size())];
    for (const std::string_view path : {"$", "$.a", "$.b[0]"}) {
      ASSERT_EQ(scan(path, text), walk(path, text)) << path << " in " << text;
    }
  }
}

TEST(JsonScan, TellsWhatKindOfValueStandsThere) {
  const JsonStep a{.name = "a"};
  const std::vector<JsonStep> path{a};
  EXPECT_EQ(kind_at(R"({"a": {}})", path), JsonKind::kObject);
  EXPECT_EQ(kind_at(R"({"a": [1]})", path), JsonKind::kList);
  EXPECT_EQ(kind_at(R"({"a": null})", path), JsonKind::kOther);
  EXPECT_EQ(kind_at(R"({"b": null})", path), JsonKind::kAbsent);
  EXPECT_EQ(kind_at(R"({"a": 1)", path), JsonKind::kNoJson);
  EXPECT_EQ(kind_at("", {}), JsonKind::kNoJson);
  EXPECT_EQ(kind_at(" [1] ", {}), JsonKind::kList);
  EXPECT_EQ(kind_at("1", {}), JsonKind::kOther);
}

}  // namespace
}  // namespace slsart::expr::capture
