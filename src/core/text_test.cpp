#include "core/text.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "core/rng.h"
#include "core/span.h"
#include "core/symbol.h"

namespace slsart::core {
namespace {

TEST(Text, NearestNameForgivesASlipButNotMore) {
  constexpr std::array<std::string_view, 4> kNames = {"arrivalRate", "arrivalCount", "duration",
                                                      "rampTo"};
  EXPECT_EQ(nearest_name("arivalRate", kNames), "arrivalRate");
  EXPECT_EQ(nearest_name("arrivalrate", kNames), "arrivalRate");
  EXPECT_EQ(nearest_name("rmapTo", kNames), "rampTo");
  EXPECT_EQ(nearest_name("pause", kNames), "");
}

TEST(Text, NumbersMustFillTheText) {
  EXPECT_EQ(parse_integer("42"), 42);
  EXPECT_EQ(parse_integer("4 2"), std::nullopt);
  EXPECT_EQ(parse_integer(""), std::nullopt);
  EXPECT_EQ(parse_number("1.5e3"), 1500);
  EXPECT_EQ(parse_number("1.5s"), std::nullopt);
}

TEST(Text, EncodingsFollowTheirStandards) {
  std::string out;
  append_form_encoded("a b&c=d/~*é", out);
  EXPECT_EQ(out, "a+b%26c%3Dd%2F%7E*%C3%A9");
  out.clear();
  append_percent_encoded("a b~/", out);
  EXPECT_EQ(out, "a%20b~%2F");
  // RFC 4648 §10
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
}

TEST(Text, AddressesAreShownWithoutCredentials) {
  EXPECT_EQ(without_credentials("http://ann:p@ss@host:1/a@b"), "http://***@host:1/a@b");
  EXPECT_EQ(without_credentials("http://host"), "http://host");
  EXPECT_EQ(without_credentials("http://host/a@b"), "http://host/a@b");
  EXPECT_EQ(without_credentials(""), "");
}

TEST(Files, WrittenFilesAreReadBackAndReplacedWhole) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("slsart-text-test-" + std::to_string(getpid()));
  ASSERT_TRUE(write_file(path, "first, longer"));
  ASSERT_TRUE(write_file(path, "second"));
  EXPECT_EQ(*read_file(path), "second");
  EXPECT_EQ(read_file(path, 3).error().code, ErrorCode::kLimit);
  std::filesystem::remove(path);
  EXPECT_EQ(read_file(path).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(read_file(std::filesystem::temp_directory_path()));
  EXPECT_FALSE(write_file("/no/such/folder/file", "x"));
}

TEST(Span, DiagnosticsHideSecrets) {
  Diagnostic diagnostic;
  diagnostic.message = "m";
  diagnostic.span.source = std::make_shared<const Source>(Source{
      .name = "a.yml",
      .text =
          "{authorization: Bearer abc, auth: {user: ann, pass: \"a, b\"}, apiKey: 'x', url: q}"});
  diagnostic.span.line = 1;
  diagnostic.span.column = 78;
  diagnostic.span.length = 1;
  const std::string text = to_text(diagnostic);
  const std::string shown =
      "{authorization: **********, auth: {user: ann, pass: \"****\"}, apiKey: '*', url: q}";
  EXPECT_NE(text.find(shown), std::string::npos) << text;
}

TEST(Span, DiagnosticsShowLineCaretAndHint) {
  const auto source = std::make_shared<Source>(Source{"t.yml", "config:\n  arivalRate: 5\n"});
  const Diagnostic diagnostic{.severity = Severity::kWarning,
                              .id = "unknown-key",
                              .span = {source, 2, 3, 10},
                              .message = "unknown key \"arivalRate\"",
                              .hint = "did you mean \"arrivalRate\"?",
                              .related = {}};
  EXPECT_EQ(to_text(diagnostic),
            "t.yml:2:3: warning: unknown key \"arivalRate\"\n"
            "    2 |   arivalRate: 5\n"
            "      |   ^~~~~~~~~~\n"
            "  hint: did you mean \"arrivalRate\"?\n");
}

TEST(Span, ExcerptsCannotSteerTheTerminal) {
  const auto source = std::make_shared<Source>(Source{"t.yml", "a: \x1b[31mred"});
  const std::string text = to_text({.span = {source, 1, 4, 1}, .message = "m"});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Rng, StreamsDependOnEveryArgumentAndNothingElse) {
  EXPECT_EQ(make_rng(1, 2, Purpose::kStep, 3).next(), make_rng(1, 2, Purpose::kStep, 3).next());
  const std::uint64_t base = make_rng(1, 2, Purpose::kStep, 3).next();
  EXPECT_NE(base, make_rng(2, 2, Purpose::kStep, 3).next());
  EXPECT_NE(base, make_rng(1, 3, Purpose::kStep, 3).next());
  EXPECT_NE(base, make_rng(1, 2, Purpose::kPayload, 3).next());
  EXPECT_NE(base, make_rng(1, 2, Purpose::kStep, 4).next());
}

TEST(Rng, NeighbouringStreamsAreUniform) {
  // Chi-squared over 16 bins of the first draw of 16,000 neighbouring arrivals; 37.7 is the 0.1 %
  // bound.
  std::array<int, 16> bins{};
  for (std::uint64_t arrival = 0; arrival < 16'000; ++arrival) {
    ++bins[make_rng(7, arrival, Purpose::kScenario).below(16)];
  }
  double chi = 0;
  for (const int bin : bins) chi += (bin - 1000.0) * (bin - 1000.0) / 1000;
  EXPECT_LT(chi, 37.7);
}

TEST(SymbolTable, NamesAreInternedOnce) {
  SymbolTable symbols;
  const Symbol a = symbols.intern("a");
  EXPECT_EQ(symbols.intern(std::string("a")), a);
  EXPECT_NE(symbols.intern("b"), a);
  EXPECT_EQ(symbols.name(a), "a");
  EXPECT_EQ(symbols.find("c"), nullptr);
}

}  // namespace
}  // namespace slsart::core
