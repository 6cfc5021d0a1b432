#include "expr/capture/regexp.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <tuple>

#include "expr/extractor.h"

namespace slsart::expr::capture {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view flags;
  std::string_view text;
  std::string_view found;  // "none": undefined
  std::string_view group = "";
};

std::string find(const Case& c) {
  const RegexpOptions options{.flags = std::string(c.flags), .group = std::string(c.group)};
  const auto compiled = Regexp::compile(c.pattern, options);
  if (!compiled) return "error: " + compiled.error().message;
  const core::Value found = compiled->find(c.text);
  return found.is_undefined() ? "none" : found.as_string();
}

void expect_all(std::span<const Case> cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(find(c), c.found) << "/" << c.pattern << "/" << c.flags << " on " << c.text;
  }
}

TEST(Regexp, FindsGroupsByNumberAndName) {
  const Case cases[] = {
      {"code=([A-Z]+-[0-9]+)", "", "x code=ABC-42;", "code=ABC-42"},
      {"code=([A-Z]+-[0-9]+)", "", "x code=ABC-42;", "ABC-42", "1"},
      {"code=([A-Z]+-[0-9]+)", "", "x code=ABC-42;", "code=ABC-42", "0"},
      {"(?<id>\\d+)-(?<$n_1>\\w+)", "", "12-ab", "12", "id"},
      {"(?<id>\\d+)-(?<$n_1>\\w+)", "", "12-ab", "ab", "$n_1"},
      {"(?<id>\\d+)-(?<$n_1>\\w+)", "", "12-ab", "ab", "2"},
      {"a(b)?c", "", "ac", "ac", "1"},
      {"a(b)?c", "", "ac", "ac", "7"},
      {"a(b*)c", "", "ac", "", "1"},
      {"(a)|(b)", "", "b", "b", "1"},
      {"x", "", "abc", "none"},
      {"", "", "abc", ""},
      {"^$", "", "", ""},
  };
  expect_all(cases);
}

TEST(Regexp, FlagsMeanWhatJavaScriptMeans) {
  const Case cases[] = {
      {"HELLO \\w+", "i", "say hello world", "hello world"},
      {"straße", "i", "STRAßE", "STRAßE"},
      {"^b$", "", "a\nb", "none"},
      {"^b$", "m", "a\nb\nc", "b"},
      {"a$", "", "a\n", "none"},
      {"^$", "m", "a\n", ""},
      {"a.b", "", "a\nb", "none"},
      {"a.b", "", "a\rb", "none"},
      {"a.b", "s", "a\nb", "a\nb"},
      {"a", "g", "aa", "a"},
      {"\\u{41}", "u", "A", "A"},
      {"u{2}", "", "uu", "uu"},
      {"\\u{2}", "", "uu", "uu"},
      {"^.$", "u", "😀", "😀"},
      {"\\p{Lu}+", "u", "abCDe", "CD"},
      {"\\p{Letter}+", "u", "12ab", "ab"},
      {"\\p{Script=Greek}+", "u", "abγδ", "γδ"},
      {"\\p{ASCII}+", "u", "éab", "ab"},
      {"\\P{L}+", "u", "ab12", "12"},
      {"\\p", "", "p", "p"},
  };
  expect_all(cases);
}

TEST(Regexp, EscapesMeanWhatJavaScriptMeans) {
  const Case cases[] = {
      {"\\x41\\u0042\\103", "", "ABC", "ABC"},
      {"\\ud83d\\ude00", "", "x😀", "😀"},
      {"\\u00e9", "", "é", "é"},
      {"\\x4", "", "x4", "x4"},
      {"\\cJ", "", "\n", "\n"},
      {"\\c", "", "\\c", "\\c"},
      {"\\0", "", std::string_view("\0", 1), std::string_view("\0", 1)},
      {"a\\vb", "", "a\vb", "a\vb"},
      {"a\\sb", "",
       "a\xC2\xA0"
       "b",
       "a\xC2\xA0"
       "b"},
      {"[\\s]", "", "\xEF\xBB\xBF", "\xEF\xBB\xBF"},
      {"^\\S$", "", "\xC2\xA0", "none"},
      {"\\d+", "", "٣12", "12"},
      {"\\w+", "", "éab_1", "ab_1"},
      {"\\A", "", "A", "A"},
      {"\\Z\\z\\G\\K\\R\\h\\N\\Q.\\E", "", "ZzGKRhNQ.E", "ZzGKRhNQ.E"},
      {"\\a\\e", "", "ae", "ae"},
      {"\\/\\-\\#", "", "/-#", "/-#"},
      {"\\é", "", "é", "é"},
      {"(a)\\1", "", "aa", "aa"},
      {"\\1(a)", "", "a", "a"},
      {"(?:(a)|b)\\1c", "", "bc", "bc"},
      {"a\\2", "", "a\x02", "a\x02"},
      {"\\8", "", "8", "8"},
      {"(?<q>['\"]).*?\\k<q>", "", "x='a\"b'", "'a\"b'"},
      {"\\k<a>", "", "k<a>", "k<a>"},
      {"\\bfoo\\b", "", "a foo b", "foo"},
      {"\\Boo", "", "foo", "oo"},
  };
  expect_all(cases);
}

TEST(Regexp, ClassesMeanWhatJavaScriptMeans) {
  const Case cases[] = {
      {"[a-c]+", "", "xabcx", "abc"},
      {"[^a-c]", "", "abx", "x"},
      {"[]", "", "a", "none"},
      {"a[^]b", "", "a\nb", "a\nb"},
      {"[[:alpha:]]", "", "b]", "none"},
      {"[[:alpha:]]", "", "a]", "a]"},
      {"[\\b]", "", "\b", "\b"},
      {"[\\w-z]+", "", "a-z", "a-z"},
      {"[a-\\d]+", "", "a-5", "a-5"},
      {"[-a]+", "", "-a", "-a"},
      {"[a-]+", "", "-a", "-a"},
      {"[a^]+", "", "^a", "^a"},
      {"[\\]]", "", "]", "]"},
      {"[\\-\\\\]+", "", "-\\", "-\\"},
      {"[à-ü]+", "", "xéöx", "éö"},
      {"[\\u0400-\\u04ff]+", "", "abДа", "Да"},
      {"[\\ud800-\\udfff]", "", "a", "none"},
      {"[.*+?]+", "", "a.*+?", ".*+?"},
  };
  expect_all(cases);
}

TEST(Regexp, QuantifiersAndBracketsMeanWhatJavaScriptMeans) {
  const Case cases[] = {
      {"a{2}", "", "aaa", "aa"},   {"a{2,}?", "", "aaa", "aa"},  {"a{,2}", "", "a{,2}", "a{,2}"},
      {"a{", "", "a{", "a{"},      {"a{x}", "", "a{x}", "a{x}"}, {"]}", "", "]}", "]}"},
      {"a+?", "", "aa", "a"},      {"(?=a)*b", "", "b", "b"},    {"(?<=\\$)\\d+", "", "$42", "42"},
      {"(?<!a)b", "", "abb", "b"}, {"a #b", "", "a #b", "a #b"},
  };
  expect_all(cases);
}

TEST(Regexp, RefusesWhatJavaScriptDoesNotHave) {
  const std::tuple<std::string_view, std::string_view, std::size_t> cases[] = {
      {"x*+", "", 2},
      {"x++", "", 2},
      {"a**", "", 2},
      {"*a", "", 0},
      {"a|*", "", 2},
      {"^*", "", 1},
      {"{2}", "", 0},
      {"(?i)a", "", 0},
      {"ab(?>x)", "", 2},
      {"(?P<a>x)", "", 0},
      {"(*UTF8)a", "", 1},
      {"(?#x)", "", 0},
      {"(?|a)", "", 0},
      {"(?R)", "", 0},
      {"a(b", "", 1},
      {"a)b", "", 1},
      {"x[a", "", 1},
      {"a\\", "", 1},
      {"[z-a]", "", 1},
      {"ab{3,2}", "", 2},
      {"(?<a>x)(?<a>y)", "", 10},
      {"(?<1>x)", "", 3},
      {"(?<>x)", "", 3},
      {"(?<a>x)\\k<b>", "", 7},
      {"a]", "u", 1},
      {"a{", "u", 1},
      {"\\A", "u", 0},
      {"x\\u{110000}", "u", 1},
      {"\\p{Nosuch}", "u", 0},
      {"\\2(a)", "u", 0},
      {"[\\w-z]", "u", 1},
      {"(?<=a+)b", "", 0},
      {"(?<=a)*", "", 6},
      {"a\xff", "", 1},
  };
  for (const auto& [pattern, flags, offset] : cases) {
    const auto compiled = Regexp::compile(pattern, {.flags = std::string(flags), .group = ""});
    ASSERT_FALSE(compiled.has_value()) << pattern;
    EXPECT_EQ(compiled.error().code, core::ErrorCode::kInvalidInput);
    EXPECT_EQ(compiled.error().offset, offset) << pattern << ": " << compiled.error().message;
  }
}

TEST(Regexp, UnknownFlagsAndGroupNamesAreErrors) {
  EXPECT_FALSE(Regexp::compile("a", {.flags = "y", .group = ""}).has_value());
  const auto compiled = Regexp::compile("(?<token>a)", {.flags = "", .group = "tokn"});
  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error().code, core::ErrorCode::kNotFound);
  EXPECT_NE(compiled.error().hint.find("token"), std::string::npos);
}

TEST(Regexp, CatastrophicPatternsFindNothing) {
  const std::string as(40, 'a');
  EXPECT_EQ(find({"(a+)+$", "", as + "b", "none"}), "none");
  EXPECT_EQ(find({"(a|aa)+$", "", as + as + "b", "none"}), "none");
  EXPECT_EQ(find({"(x+x+)+y", "", std::string(3000, 'x'), "none"}), "none");
}

// Each of these is quadratic or worse in the length of the text: unbounded, the first takes
// minutes.
TEST(Regexp, QuadraticPatternsOnLongTextsEnd) {
  const std::string blanks(1 << 20, ' ');
  const std::string as(1 << 20, 'a');
  EXPECT_EQ(find({"\\s+$", "", blanks + "x", "none"}), "none");
  EXPECT_EQ(find({"\\s+\\s+$", "", blanks + "x", "none"}), "none");
  EXPECT_EQ(find({"(a+)+$", "", as + "b", "none"}), "none");
  EXPECT_EQ(find({"a*b", "", as, "none"}), "none");
  EXPECT_EQ(find({"(.*?,){12}P", "", as, "none"}), "none");
  EXPECT_EQ(find({"\\s+$", "", as + blanks.substr(0, 5000), "none"}), blanks.substr(0, 5000));
}

TEST(Regexp, LongTextsAreNoCatastrophe) {
  const std::string filler(1 << 20, 'x');
  EXPECT_EQ(find({"<a>([\\s\\S]*?)</a>", "", "<a>" + filler + "</a>", "", "1"}), filler);
  EXPECT_EQ(find({"(?:x|y)*z", "", filler.substr(0, 20'000) + "z", ""}),
            filler.substr(0, 20'000) + "z");
}

TEST(Regexp, BytesThatAreNotUtf8CountAsReplacementCharacters) {
  const Case cases[] = {
      {"name=(.*?);", "", "a\xE9name=J\xF6rg;", "J\xEF\xBF\xBDrg", "1"},
      {"token=(\\w+)", "", "\xff\xfe token=abc", "abc", "1"},
      {"x", "", "\xED\xA0\x80x", "x"},
  };
  expect_all(cases);
}

TEST(Regexp, OneProgramServesManyThreads) {
  const auto compiled = Regexp::compile("id=(\\d+)", {.flags = "", .group = "1"});
  ASSERT_TRUE(compiled.has_value());
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        const std::string id = std::to_string(t * 1000 + i);
        if (compiled->find("x id=" + id + " y") != core::Value(id)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace slsart::expr::capture
