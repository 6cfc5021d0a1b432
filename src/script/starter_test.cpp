#include "script/starter.h"

#include <gtest/gtest.h>

#include <memory>

#include "script/load.h"

namespace slsart::script {
namespace {

Script load_text(const std::string& text) {
  LoadOptions options;
  options.sources = {std::make_shared<const core::Source>(core::Source{"script.yml", text})};
  Loaded loaded = load(options);
  for (const core::Diagnostic& diagnostic : loaded.diagnostics)
    ADD_FAILURE() << core::to_text(diagnostic);
  return std::move(loaded.script).value();
}

TEST(Starter, IsAScriptWithoutWarnings) {
  const auto starter = make_starter({});
  ASSERT_TRUE(starter);
  const Script script = load_text(starter->text);
  EXPECT_EQ(script.config.target, "http://aws.amazon.com");
  ASSERT_EQ(script.config.phases.size(), 1u);
  EXPECT_EQ(std::get<Constant>(script.config.phases[0].load).duration, std::chrono::seconds(5));
}

TEST(Starter, RampsWhenAsked) {
  const auto starter = make_starter({.endpoint = "https://example.com",
                                     .duration_s = 60,
                                     .users_per_s = 10,
                                     .ramp_to_per_s = 25});
  ASSERT_TRUE(starter);
  const Script script = load_text(starter->text);
  EXPECT_EQ(std::get<Ramp>(script.config.phases[0].load).to.nano_per_second, 25'000'000'000);
}

struct EndpointCase {
  const char* endpoint;
  const char* target;
  const char* url;
};

TEST(Starter, SplitsEndpoints) {
  const EndpointCase cases[] = {
      {"https://example.com", "https://example.com", "/"},
      {"HTTP://EXAMPLE.com/Path", "http://example.com", "/Path"},
      {"http://user:Pw@Example.com:8080/a?x=1#f", "http://user:Pw@example.com:8080", "/a?x=1#f"},
      {"https://[::1]:8080/x", "https://[::1]:8080", "/x"},
      {"https://example.com?q", "https://example.com", "/?q"},
      {"https://example.com/\"a b\"", "https://example.com", "/%22a%20b%22"},
      {"https://example.com/{{id}}", "https://example.com", "/{{id}}"},
      {"example.com", "http://example.com", "/"},
      {"localhost:3000/x", "http://localhost:3000", "/x"},
  };
  for (const EndpointCase& one : cases) {
    const auto starter = make_starter({.endpoint = one.endpoint});
    ASSERT_TRUE(starter) << one.endpoint;
    EXPECT_NE(starter->text.find("target: \"" + std::string(one.target) + "\"\n"),
              std::string::npos)
        << one.endpoint << "\n"
        << starter->text;
    EXPECT_NE(starter->text.find("url: \"" + std::string(one.url) + "\"\n"), std::string::npos)
        << one.endpoint << "\n"
        << starter->text;
    EXPECT_EQ(starter->remark.empty(), std::string(one.endpoint).find("://") != std::string::npos);
  }
}

TEST(Starter, RefusesWhatCannotBeLoaded) {
  for (const char* endpoint : {"ftp://example.com", "https://", "https:///x", "http://:80/"}) {
    EXPECT_FALSE(make_starter({.endpoint = endpoint})) << endpoint;
  }
  EXPECT_FALSE(make_starter({.duration_s = -1}));
  EXPECT_FALSE(make_starter({.users_per_s = -1}));
  EXPECT_FALSE(make_starter({.ramp_to_per_s = -1}));
}

}  // namespace
}  // namespace slsart::script
