#include "protocol/url.h"

#include <gtest/gtest.h>

namespace slsart::protocol {
namespace {

std::string written(const Url& url) {
  return (url.origin.scheme == Scheme::kHttps ? "https " : "http ") + url.origin.host + " " +
         std::to_string(url.origin.port) + " " + url.target +
         (url.user_info.empty() ? "" : " " + url.user_info);
}

struct ParseCase {
  const char* text;
  const char* expected;  // null: refused
};

class ParseUrl : public testing::TestWithParam<ParseCase> {};

TEST_P(ParseUrl, Splits) {
  const auto url = parse_url(GetParam().text);
  if (GetParam().expected == nullptr) {
    EXPECT_FALSE(url) << written(*url);
  } else {
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(written(*url), GetParam().expected);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Urls, ParseUrl,
    testing::Values(
        ParseCase{"http://a", "http a 80 /"}, ParseCase{"https://a", "https a 443 /"},
        ParseCase{"HTTP://Example.COM/Path", "http example.com 80 /Path"},
        ParseCase{"http://a:8080/b?c=d#e", "http a 8080 /b?c=d"},
        ParseCase{"http://a?b", "http a 80 /?b"}, ParseCase{"http://a?", "http a 80 /?"},
        ParseCase{"http://a#b?c", "http a 80 /"}, ParseCase{"http://a:/b", "http a 80 /b"},
        ParseCase{"http://a/b?c?d/e", "http a 80 /b?c?d/e"},
        ParseCase{"http://[::1]:81/x", "http ::1 81 /x"},
        ParseCase{"http://[2001:DB8::1]", "http 2001:db8::1 80 /"},
        ParseCase{"http://u:p@a/b", "http a 80 /b u:p"},
        ParseCase{"http://u:p@x@a/b", "http a 80 /b u:p@x"},
        ParseCase{"http://a/b c", "http a 80 /b%20c"},
        ParseCase{"http://a/ä?ö=\"<>", "http a 80 /%C3%A4?%C3%B6=%22%3C%3E"},
        ParseCase{"http://a/100%?x=%zz%41", "http a 80 /100%?x=%zz%41"},
        ParseCase{"  http://a/b\r\n", "http a 80 /b"}, ParseCase{"http://a/b\nc", "http a 80 /bc"},
        ParseCase{"http://a/./b/../c", "http a 80 /c"},
        ParseCase{"http://a/{b}`|^/..c?{d}`", "http a 80 /%7Bb%7D%60|^/..c?{d}`"},
        ParseCase{"http://a_b.example", "http a_b.example 80 /"},
        ParseCase{"http://%61b/", "http ab 80 /"}));

INSTANTIATE_TEST_SUITE_P(
    Refused, ParseUrl,
    testing::Values(ParseCase{"", nullptr}, ParseCase{"/path", nullptr}, ParseCase{"a.b", nullptr},
                    ParseCase{"ftp://a", nullptr}, ParseCase{"http:a", nullptr},
                    ParseCase{"http://", nullptr}, ParseCase{"http:///a", nullptr},
                    ParseCase{"http://a:0", nullptr}, ParseCase{"http://a:65536", nullptr},
                    ParseCase{"http://a:1x", nullptr}, ParseCase{"http://a:+1", nullptr},
                    ParseCase{"http://a b/", nullptr}, ParseCase{"http://a%20b/", nullptr},
                    ParseCase{"http://a%4", nullptr}, ParseCase{"http://[::1", nullptr},
                    ParseCase{"http://[::1]x", nullptr}, ParseCase{"http://[abc]", nullptr},
                    ParseCase{"http://ä", nullptr}, ParseCase{"//a/b", nullptr}));

struct ResolveCase {
  const char* location;
  const char* expected;
};

class ResolveUrl : public testing::TestWithParam<ResolveCase> {};

TEST_P(ResolveUrl, FollowsRfc3986) {
  const Url base = *parse_url("http://a:81/b/c/d;p?q");
  const auto url = resolve_url(base, GetParam().location);
  if (GetParam().expected == nullptr) {
    EXPECT_FALSE(url);
  } else {
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(written(*url), GetParam().expected);
  }
}

// The examples of RFC 3986 §5.4 that make sense for HTTP, and what redirects contain besides.
INSTANTIATE_TEST_SUITE_P(
    Locations, ResolveUrl,
    testing::Values(
        ResolveCase{"g", "http a 81 /b/c/g"}, ResolveCase{"./g", "http a 81 /b/c/g"},
        ResolveCase{"g/", "http a 81 /b/c/g/"}, ResolveCase{"/g", "http a 81 /g"},
        ResolveCase{"//g", "http g 80 /"}, ResolveCase{"?y", "http a 81 /b/c/d;p?y"},
        ResolveCase{"g?y", "http a 81 /b/c/g?y"}, ResolveCase{"#s", "http a 81 /b/c/d;p?q"},
        ResolveCase{"g#s", "http a 81 /b/c/g"}, ResolveCase{";x", "http a 81 /b/c/;x"},
        ResolveCase{"", "http a 81 /b/c/d;p?q"}, ResolveCase{".", "http a 81 /b/c/"},
        ResolveCase{"./", "http a 81 /b/c/"}, ResolveCase{"..", "http a 81 /b/"},
        ResolveCase{"../g", "http a 81 /b/g"}, ResolveCase{"../..", "http a 81 /"},
        ResolveCase{"../../g", "http a 81 /g"}, ResolveCase{"../../../../g", "http a 81 /g"},
        ResolveCase{"/./g", "http a 81 /g"}, ResolveCase{"/../g", "http a 81 /g"},
        ResolveCase{"g.", "http a 81 /b/c/g."}, ResolveCase{"..g", "http a 81 /b/c/..g"},
        ResolveCase{"./g/.", "http a 81 /b/c/g/"}, ResolveCase{"g/../h", "http a 81 /b/c/h"},
        ResolveCase{"g?y/../x", "http a 81 /b/c/g?y/../x"}, ResolveCase{"/a//b", "http a 81 /a//b"},
        ResolveCase{"https://x/y?z", "https x 443 /y?z"},
        ResolveCase{"http://x/a/../b", "http x 80 /b"}, ResolveCase{"a:b", nullptr},
        ResolveCase{"/a:b", "http a 81 /a:b"}, ResolveCase{"ftp://x/", nullptr},
        ResolveCase{"mailto:x", nullptr}, ResolveCase{"/a b", "http a 81 /a%20b"}));

TEST(Origin, AuthorityNamesThePortOnlyWhereItIsNotTheUsualOne) {
  EXPECT_EQ(parse_url("http://a:80")->origin.authority(), "a");
  EXPECT_EQ(parse_url("https://a:443")->origin.authority(), "a");
  EXPECT_EQ(parse_url("https://a:80")->origin.authority(), "a:80");
  EXPECT_EQ(parse_url("http://[::1]:8080")->origin.authority(), "[::1]:8080");
}

}  // namespace
}  // namespace slsart::protocol
