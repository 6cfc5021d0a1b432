#include "engine/http/endpoint_metrics.h"

#include <gtest/gtest.h>

namespace slsart::engine {
namespace {

constexpr std::string_view kTarget = "http://shop.test:8080/base";

std::string name_of(std::string_view url, std::string_view name = {},
                    const script::EndpointSettings& settings = {}) {
  return endpoint_name(settings, kTarget, url, name);
}

// As artillery 2.0.34 names them.
TEST(EndpointName, IsThePathWithWhatDiffersFromTheTarget) {
  EXPECT_EQ(name_of("/items?x=1"), "/base/items?x=1");
  EXPECT_EQ(name_of("/items/{{ id }}", "get {{ id }}"), "/base/items/{{ id }} (get {{ id }})");
  EXPECT_EQ(name_of("http://shop.test:8080/x"), "/x");
  EXPECT_EQ(name_of("http://shop.test:8081/x"), ":8081/x");
  EXPECT_EQ(name_of("http://other.test/x"), "other.test/x");
  EXPECT_EQ(name_of("http://other.test:8081/a%20b#top"), "other.test:8081/a b");
  EXPECT_EQ(name_of("http://ann:pw@shop.test:8080"), "/");
  EXPECT_EQ(name_of("http://shop.test:8080?q=1"), "?q=1");
  EXPECT_EQ(name_of("/100%/done"), "/base/100%/done");
}

TEST(EndpointName, FollowsTheSettings) {
  EXPECT_EQ(name_of("/items?x=1", {}, {.strip_query = true}), "/base/items");
  EXPECT_EQ(name_of("/items", "all", {.use_only_names = true}), "all");
  EXPECT_EQ(name_of("/items", "", {.use_only_names = true}), "/base/items");
  EXPECT_EQ(name_of("/items", "", {.ignore_unnamed = true}), "");
  EXPECT_EQ(name_of("/items", "all", {.ignore_unnamed = true}), "/base/items (all)");
}

TEST(ServerTiming, ReadsTheFirstTotal) {
  EXPECT_EQ(server_timing_total("db;dur=53, total;dur=123.4, Total;dur=9"), 123.4);
  EXPECT_EQ(server_timing_total("TOTAL;DUR=7"), 7);
  EXPECT_EQ(server_timing_total("total;dur="), std::nullopt);
  EXPECT_EQ(server_timing_total("total;dur=1.2.3"), std::nullopt);
  EXPECT_EQ(server_timing_total("miss, db;dur=53"), std::nullopt);
}

}  // namespace
}  // namespace slsart::engine
