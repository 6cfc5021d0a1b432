#include "core/digest.h"

#include <gtest/gtest.h>

#include <set>

namespace slsart::core {
namespace {

TEST(Digest, GivesTheExamplesOfTheStandard) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, RandomNamesDifferAndHaveTheirLength) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random_name(16));
  EXPECT_EQ(seen.size(), 1000u);
  EXPECT_EQ(random_name(5).size(), 5u);
  EXPECT_EQ(seen.begin()->find_first_not_of("abcdefghijkmnpqrstuvwxyz23456789"), std::string::npos);
}

}  // namespace
}  // namespace slsart::core
