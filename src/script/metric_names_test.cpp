#include "script/metric_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slsart::script {
namespace {

TEST(MetricNames, PercentilesAreWrittenWithOrWithoutADot) {
  const std::vector<std::pair<const char*, double>> rows = {
      {"p5", 0.05},     {"p50", 0.5},    {"p95", 0.95}, {"p999", 0.999}, {"p9999", 0.9999},
      {"p99.9", 0.999}, {"p100", 1},     {"p0", 0},     {"p", -1},       {"px", -1},
      {"p9.", -1},      {"p101", 0.101}, {"min", -1},   {"p100.5", -1},  {"p1e2", -1}};
  for (const auto& [text, quantile] : rows) {
    EXPECT_DOUBLE_EQ(quantile_of(text), quantile) << text;
  }
}

TEST(MetricNames, AFigureIsSplitOffAHistogramsName) {
  EXPECT_EQ(split_metric_name("http.response_time.p99.9").metric, "http.response_time");
  EXPECT_EQ(split_metric_name("http.response_time.p99.9").aggregation, "p99.9");
  EXPECT_EQ(split_metric_name("a./x (y).p95").metric, "a./x (y)");
  EXPECT_EQ(split_metric_name("vusers.created").aggregation, "");
  EXPECT_EQ(split_metric_name(".p95").aggregation, "");
}

TEST(MetricNames, WhatNeverHappenedIsACounterOfItsFamily) {
  for (const char* name : {"errors.ECONNREFUSED", "http.codes.500", "vusers.failed",
                           "plugins.expect.failed.statusCode"}) {
    EXPECT_TRUE(is_known_counter(name)) << name;
  }
  for (const char* name : {"errors.", "http.response_time.p95", "error.x", "my.counter"}) {
    EXPECT_FALSE(is_known_counter(name)) << name;
  }
}

TEST(MetricNames, SlipsAreFound) {
  EXPECT_EQ(nearest_metric("http.respons_time.p99"), "http.response_time.p99");
  EXPECT_EQ(nearest_metric("http.response_time.p99x"), "http.response_time.p95");
  EXPECT_EQ(nearest_metric("vuser.created"), "vusers.created");
  EXPECT_EQ(nearest_metric("something.else"), "");
}

TEST(MetricNames, WordsOfOpenFamiliesEndAtBlanksAndComparisons) {
  EXPECT_THAT(metric_words("(errors.a-b<5 and plugins.x./p?q=1 > 2)"),
              testing::ElementsAre("errors.a-b", "plugins.x./p?q"));
  EXPECT_THAT(metric_words("(1 + errors.E(x))"), testing::ElementsAre("errors.E(x)"));
}

}  // namespace
}  // namespace slsart::script
