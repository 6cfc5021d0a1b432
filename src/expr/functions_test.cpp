#include "expr/functions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <regex>
#include <set>
#include <vector>

namespace slsart::expr {
namespace {

using core::Value;

Value call(std::string_view name, const std::vector<Value>& arguments, core::Rng& rng) {
  const Function* function = find_function(name);
  EXPECT_NE(function, nullptr);
  return function->call(arguments, rng);
}

TEST(Functions, AreSortedByName) {
  const auto all = functions();
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                             [](const Function& a, const Function& b) { return a.name < b.name; }));
  EXPECT_EQ(find_function("$nosuch"), nullptr);
}

TEST(Functions, TextIsTheSameWithAndWithoutAValue) {
  for (const Function& function : functions()) {
    if (function.append == nullptr) continue;
    core::Rng a(5);
    core::Rng b(5);
    std::string text;
    function.append({}, a, text);
    EXPECT_EQ(text, function.call({}, b).as_string()) << function.name;
  }
}

TEST(FakeData, IsTheSameForTheSameSeedAndHasItsShape) {
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"$internetEmail", "[A-Za-z]+_[A-Za-z]+[0-9]+@[a-z]+-[a-z]+[.]example"},
      {"$randEmail", "[A-Za-z]+_[A-Za-z]+[0-9]+@[a-z]+-[a-z]+[.]example"},
      {"$personFullName", "[A-Z][a-z]+ [A-Z][a-z]+"},
      {"$phoneNumber", "[2-9][0-9]{2}-555-[0-9]{4}"},
      {"$locationZipCode", "[0-9]{5}"},
      {"$internetIpv4", "[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+"},
      {"$loremSentence", "[A-Z][a-z]*( [a-z]+){2,9}[.]"},
      {"$internetPassword", "[A-Za-z0-9]{15}"},
      {"$stringUuid", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"}};
  for (const auto& [name, pattern] : rows) {
    core::Rng a(9);
    core::Rng b(9);
    const std::string text = call(name, {}, a).as_string();
    EXPECT_EQ(text, call(name, {}, b).as_string());
    EXPECT_TRUE(std::regex_match(text, std::regex(pattern))) << name << ": " << text;
  }
  core::Rng rng(1);
  EXPECT_EQ(call("$numberInt", {3, 3}, rng).as_integer(), 3);
  EXPECT_EQ(call("$stringNumeric", {7}, rng).as_string().size(), 7u);
}

TEST(RandomNumber, IncludesBothBordersInAnyOrder) {
  core::Rng rng(1);
  for (const auto& [low, high] : {std::pair{1, 3}, std::pair{3, 1}, std::pair{-1, 1}}) {
    std::set<std::int64_t> seen;
    for (int i = 0; i < 200; ++i) {
      seen.insert(call("$randomNumber", {low, high}, rng).as_integer());
    }
    EXPECT_EQ(seen.size(), 3u);
    EXPECT_EQ(*seen.begin(), std::min(low, high));
    EXPECT_EQ(*seen.rbegin(), std::max(low, high));
  }
}

TEST(RandomNumber, SpansAllIntegers) {
  constexpr auto kLow = std::numeric_limits<std::int64_t>::min();
  constexpr auto kHigh = std::numeric_limits<std::int64_t>::max();
  core::Rng rng(1);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 100; ++i) {
    seen.insert(call("$randomNumber", {kLow, kHigh}, rng).as_integer());
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(RandomString, HasTheLengthAndTheLetters) {
  core::Rng rng(1);
  EXPECT_EQ(call("$randomString", {}, rng).as_string().size(), 10u);
  EXPECT_EQ(call("$randomString", {0}, rng).as_string(), "");
  EXPECT_EQ(call("$randomString", {-3}, rng).as_string(), "");
  EXPECT_EQ(call("$randomString", {std::int64_t{1} << 40}, rng).as_string().size(), 1u << 20);
  const std::string text = call("$randomString", {5000}, rng).as_string();
  EXPECT_EQ(text.size(), 5000u);
  EXPECT_EQ(std::set<char>(text.begin(), text.end()).size(), 62u);
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return std::isalnum(c) != 0; }));
}

TEST(Uuid, HasTheShapeOfVersion4) {
  core::Rng rng(3);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = call("$uuid", {}, rng).as_string();
    ASSERT_EQ(uuid.size(), 36u);
    for (const std::size_t dash : {8u, 13u, 18u, 23u}) EXPECT_EQ(uuid[dash], '-');
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string_view("89ab").find(uuid[19]), std::string_view::npos);
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), 100u);
}

}  // namespace
}  // namespace slsart::expr
