#include "protocol/cookie_jar.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/cookie_date.h"

namespace slsart::protocol {
namespace {

using core::WallTime;
using std::chrono::seconds;

const WallTime kNow{seconds(1'700'000'000)};

Url url(std::string_view text) {
  return *parse_url(text);
}

std::string cookies_for(const CookieJar& jar, std::string_view text, WallTime now = kNow) {
  const Url to = url(text);
  std::string out;
  jar.append_header(to.origin, to.target, now, out);
  return out;
}

bool store(CookieJar& jar, std::string_view value, std::string_view from, WallTime now = kNow) {
  const Url source = url(from);
  return jar.store(value, source.origin, source.target, now);
}

struct MatchCase {
  const char* set_cookie;
  const char* from;
  const char* to;
  const char* expected;
};

class CookieMatch : public testing::TestWithParam<MatchCase> {};

TEST_P(CookieMatch, IsSentWhereItBelongs) {
  const MatchCase& c = GetParam();
  CookieJar jar;
  store(jar, c.set_cookie, c.from);
  EXPECT_EQ(cookies_for(jar, c.to), c.expected) << c.set_cookie << " for " << c.to;
}

INSTANTIATE_TEST_SUITE_P(
    Domains, CookieMatch,
    testing::Values(
        MatchCase{"a=1", "http://x.test/", "http://x.test/", "a=1"},
        MatchCase{"a=1", "http://x.test/", "http://sub.x.test/", ""},
        MatchCase{"a=1", "http://x.test:81/", "http://x.test/", "a=1"},
        MatchCase{"a=1; Domain=x.test", "http://x.test/", "http://sub.x.test/", "a=1"},
        MatchCase{"a=1; Domain=.X.Test", "http://sub.x.test/", "http://x.test/", "a=1"},
        MatchCase{"a=1; Domain=x.test", "http://x.test/", "http://notx.test/", ""},
        MatchCase{"a=1; Domain=y.test", "http://x.test/", "http://y.test/", ""},
        MatchCase{"a=1; Domain=sub.x.test", "http://x.test/", "http://sub.x.test/", ""},
        MatchCase{"a=1; Domain=test", "http://x.test/", "http://y.test/", ""},
        MatchCase{"a=1; Domain=localhost", "http://localhost/", "http://localhost/", "a=1"},
        MatchCase{"a=1; Domain=127.0.0.1", "http://127.0.0.1/", "http://127.0.0.1/", "a=1"},
        MatchCase{"a=1; Domain=0.0.1", "http://127.0.0.1/", "http://127.0.0.1/", ""},
        MatchCase{"a=1; Domain=", "http://x.test/", "http://sub.x.test/", ""}));

INSTANTIATE_TEST_SUITE_P(
    Paths, CookieMatch,
    testing::Values(MatchCase{"a=1", "http://x/b/c", "http://x/b/d", "a=1"},
                    MatchCase{"a=1", "http://x/b/c", "http://x/b?q=/", "a=1"},
                    MatchCase{"a=1", "http://x/b/c", "http://x/bc", ""},
                    MatchCase{"a=1", "http://x/b", "http://x/", "a=1"},
                    MatchCase{"a=1; Path=/b", "http://x/", "http://x/b/c", "a=1"},
                    MatchCase{"a=1; Path=/b/", "http://x/", "http://x/b/c", "a=1"},
                    MatchCase{"a=1; Path=/b/", "http://x/", "http://x/b", ""},
                    MatchCase{"a=1; Path=b", "http://x/", "http://x/c", "a=1"},
                    MatchCase{"a=1; Path=/b; Path=/", "http://x/", "http://x/c", "a=1"}));

INSTANTIATE_TEST_SUITE_P(
    Others, CookieMatch,
    testing::Values(MatchCase{"a=1; Secure", "https://x/", "http://x/", ""},
                    MatchCase{"a=1; secure", "https://x/", "https://x/", "a=1"},
                    MatchCase{"  a  =  1 2 ; HttpOnly; SameSite=Lax", "http://x/", "http://x/",
                              "a=1 2"},
                    MatchCase{"a=\"q\"; x", "http://x/", "http://x/", "a=\"q\""},
                    MatchCase{"a=b=c", "http://x/", "http://x/", "a=b=c"},
                    MatchCase{"a=", "http://x/", "http://x/", "a="}));

TEST(CookieJar, WhatIsNoCookieIsIgnored) {
  CookieJar jar;
  const std::string_view bad[] = {"", "name", "=value", " = x", ";a=1", "a=\x01", "a=1;\x7f"};
  for (const std::string_view text : bad) EXPECT_FALSE(store(jar, text, "http://x/")) << text;
  EXPECT_FALSE(store(jar, "a=" + std::string(4096, 'x'), "http://x/"));
  EXPECT_TRUE(jar.empty());
}

TEST(CookieJar, OrderIsLongerPathThenAge) {
  CookieJar jar;
  store(jar, "a=1; Path=/", "http://x/");
  store(jar, "b=2; Path=/p/q", "http://x/");
  store(jar, "c=3; Path=/p", "http://x/");
  store(jar, "d=4; Path=/p", "http://x/");
  store(jar, "c=5; Path=/p", "http://x/");  // replaced, keeps its age
  EXPECT_EQ(cookies_for(jar, "http://x/p/q/r"), "b=2; c=5; d=4; a=1");
}

struct AgeCase {
  const char* attributes;
  int lives_until;  // seconds after kNow; -1: never stored; 0: for ever
};

TEST(CookieJar, AgesByMaxAgeThenExpires) {
  const AgeCase cases[] = {
      {"Max-Age=10", 10},
      {"Max-Age=0", -1},
      {"Max-Age=-5", -1},
      {"Max-Age=x", 0},
      {"Max-Age=1.5", 0},
      {"Max-Age=99999999999999999999", 0},
      {"Expires=Tue, 14 Nov 2023 22:13:30 GMT", 10},
      {"Expires=Tue, 14 Nov 2023 22:13:10 GMT", -1},
      {"Expires=nonsense", 0},
      {"Expires=Tue, 14 Nov 2023 22:13:10 GMT; Max-Age=10", 10},
      {"Max-Age=-1; Expires=Tue, 14 Nov 2033 22:13:10 GMT", -1},
  };
  for (const AgeCase& c : cases) {
    SCOPED_TRACE(c.attributes);
    CookieJar jar;
    store(jar, std::string("a=1; ") + c.attributes, "http://x/");
    EXPECT_EQ(cookies_for(jar, "http://x/"), c.lives_until < 0 ? "" : "a=1");
    if (c.lives_until > 0) {
      const WallTime end = kNow + seconds(c.lives_until);
      EXPECT_EQ(cookies_for(jar, "http://x/", end - seconds(1)), "a=1");
      EXPECT_EQ(cookies_for(jar, "http://x/", end), "");
    }
  }
}

TEST(CookieJar, ExpiredCookieRemovesItsPredecessor) {
  CookieJar jar;
  store(jar, "a=1", "http://x/");
  store(jar, "a=2; Max-Age=0", "http://x/");
  EXPECT_TRUE(jar.empty());
}

TEST(CookieJar, SetGivesAHostOnlySessionCookie) {
  CookieJar jar;
  jar.set("a", "1", url("http://x.test/").origin);
  EXPECT_EQ(cookies_for(jar, "https://x.test/any/where"), "a=1");
  EXPECT_EQ(cookies_for(jar, "http://sub.x.test/"), "");
  jar.clear();
  EXPECT_TRUE(jar.empty());
}

TEST(CookieJar, IsBoundedPerDomainAndInAll) {
  CookieJar jar;
  for (int i = 0; i < 60; ++i) store(jar, "n" + std::to_string(i) + "=", "http://x/");
  std::string sent = cookies_for(jar, "http://x/");
  EXPECT_TRUE(sent.starts_with("n10=; ")) << sent;
  EXPECT_EQ(std::ranges::count(sent, ';'), 49);
  for (int i = 0; i < 400; ++i) store(jar, "a=1", "http://h" + std::to_string(i) + "/");
  EXPECT_EQ(cookies_for(jar, "http://h99/"), "");
  EXPECT_EQ(cookies_for(jar, "http://h100/"), "a=1");
  EXPECT_EQ(cookies_for(jar, "http://h399/"), "a=1");
}

struct DateCase {
  const char* text;
  std::int64_t expected;  // seconds since 1970; -1: no date
};

TEST(CookieDate, IsReadAsRfc6265Says) {
  const DateCase cases[] = {
      {"Wed, 09 Jun 2021 10:18:14 GMT", 1623233894},
      {"Wednesday, 09-Jun-21 10:18:14 GMT", 1623233894},
      {"Wed Jun  9 10:18:14 2021", 1623233894},
      {"2021 june 9 10:18:14", 1623233894},
      {"10:18:14 9 JUNK 2021", 1623233894},
      {"9 Jun 2021 1:2:3", 1623200523},
      {"9 Jun 70 0:0:0", 13737600},
      {"9 Jun 69 0:0:0", 3137961600},
      {"09 Jun 2021", -1},
      {"Jun 2021 10:18:14", -1},
      {"31 Feb 2021 10:18:14", -1},
      {"9 Jun 1600 10:18:14", -1},
      {"9 Jun 2021 24:00:00", -1},
      {"9 Jun 2021 10:60:00", -1},
      {"9 Jun 2021 10:18:60", -1},
      {"9 Jun 2021 100:18:14", -1},
      {"", -1},
  };
  for (const DateCase& c : cases) {
    const auto date = parse_cookie_date(c.text);
    if (c.expected < 0) {
      EXPECT_FALSE(date) << c.text;
    } else {
      ASSERT_TRUE(date) << c.text;
      EXPECT_EQ(*date, WallTime(seconds(c.expected))) << c.text;
    }
  }
  EXPECT_EQ(*parse_cookie_date("1 Jan 1601 0:0:0"), WallTime::min());
  EXPECT_EQ(*parse_cookie_date("31 Dec 9999 23:59:59"), WallTime::max());
}

}  // namespace
}  // namespace slsart::protocol
