#include "report/json_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "report/detail/golden.h"
#include "report/detail/sample_document.h"

namespace slsart::report {
namespace {

using core::Value;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Value& at(const Value& value, std::initializer_list<std::string_view> path) {
  const Value* here = &value;
  for (const auto key : path) {
    here = here->find(key);
    EXPECT_NE(here, nullptr) << key;
    if (here == nullptr) std::abort();
  }
  return *here;
}

void visit(const Value& value, const std::function<void(const Value&)>& visitor) {
  visitor(value);
  if (value.is_list()) {
    for (const Value& item : value.as_list()) visit(item, visitor);
  } else if (value.is_object()) {
    for (const core::Member& member : value.as_object()) visit(member.value, visitor);
  }
}

// zlib may pack the same bytes differently in another version: not for golden files.
Value without_encoded(Value report) {
  for (core::Member& member : report.find("slsart")->find("histograms")->as_object()) {
    member.value = "(encoded)";
  }
  return report;
}

TEST(JsonReport, Artillery2LayoutMatchesTheGoldenFile) {
  const Value report = to_json(make_document(), JsonFormat::kArtillery2);
  expect_golden("artillery2.json", core::to_pretty_json(without_encoded(report)) + "\n");
}

TEST(JsonReport, Artillery1LayoutMatchesTheGoldenFile) {
  const Value report = to_json(make_document(), JsonFormat::kArtillery1);
  expect_golden("artillery1.json", core::to_pretty_json(without_encoded(report)) + "\n");
}

TEST(JsonReport, EncodedHistogramsAreThoseOfTheDocument) {
  const auto document = make_document();
  const Value report = to_json(document, JsonFormat::kArtillery2);
  EXPECT_EQ(at(report, {"slsart", "histograms", "http.response_time"}).as_string(),
            core::to_base64(document.total.histogram("http.response_time")->encode()));
}

TEST(JsonReport, SlicesFollowTheWallClockAndEmptyOnesAreOmitted) {
  // Started at ...25.250: seconds 0 and 4 begin in the slice of :20, second 17 in that of :40.
  const Value report = to_json(make_document(), JsonFormat::kArtillery2);
  const auto& slices = at(report, {"intermediate"}).as_list();
  ASSERT_EQ(slices.size(), 2u);
  EXPECT_EQ(at(slices[0], {"period"}).as_string(), "1795319520000");
  EXPECT_EQ(at(slices[1], {"period"}).as_string(), "1795319540000");
  EXPECT_EQ(at(slices[0], {"counters", "http.requests"}).as_integer(), 40);
  EXPECT_EQ(at(report, {"aggregate", "period"}).as_integer(), 1795319540000);
}

TEST(JsonReport, OnlyTheGeneratorsOwnFiguresMakeNoSlice) {
  metrics::RunDocument document = make_document();
  metrics::Snapshot idle;
  idle.histograms["slsart.loop_lag"].record(1);
  document.series.push_back({40, 41, idle});
  const Value report = to_json(document, JsonFormat::kArtillery2);
  EXPECT_EQ(at(report, {"intermediate"}).as_list().size(), 2u);
}

TEST(JsonReport, AggregateRateIsOverTheWholeRunNotTheMeanOfSlices) {
  const Value report = to_json(make_document(), JsonFormat::kArtillery2);
  // 60 requests from 0.105 s to 17.905 s; slices: 40 in 4.8 s, 20 in 0.8 s.
  EXPECT_EQ(at(report, {"aggregate", "rates", "http.request_rate"}).as_integer(), 3);
  const auto& slices = at(report, {"intermediate"}).as_list();
  EXPECT_EQ(at(slices[0], {"rates", "http.request_rate"}).as_integer(), 8);
  EXPECT_EQ(at(slices[1], {"rates", "http.request_rate"}).as_integer(), 20);
}

TEST(JsonReport, Artillery2NeverHasNullOrUndefined) {
  for (const auto& document : {make_document(), make_bad_document(), metrics::RunDocument{}}) {
    visit(to_json(document, JsonFormat::kArtillery2), [](const Value& value) {
      EXPECT_FALSE(value.is_null());
      EXPECT_FALSE(value.is_undefined());
    });
  }
}

TEST(JsonReport, FailedUsersAreZeroWhenNoneFailed) {
  const Value report = to_json(metrics::RunDocument{}, JsonFormat::kArtillery2);
  EXPECT_EQ(at(report, {"aggregate", "counters", "vusers.failed"}).as_integer(), 0);
}

TEST(JsonReport, Artillery1WindowsCountFromTheStartAndAreNeverLeftOut) {
  metrics::RunDocument document = make_document();
  document.series.push_back({45, 46, make_second(45, 4)});
  document.elapsed = milliseconds(46200);
  const Value report = to_json(document, JsonFormat::kArtillery1);
  const auto& windows = at(report, {"intermediate"}).as_list();
  ASSERT_EQ(windows.size(), 5u);
  EXPECT_EQ(at(windows[0], {"rps", "count"}).as_integer(), 40);
  EXPECT_EQ(at(windows[1], {"rps", "count"}).as_integer(), 20);
  EXPECT_EQ(at(windows[2], {"rps", "count"}).as_integer(), 0);
  EXPECT_TRUE(at(windows[2], {"latency", "median"}).is_null());
  EXPECT_EQ(at(windows[4], {"timestamp"}).as_string(), "2026-11-22T03:52:51.450Z");
}

TEST(JsonReport, Artillery1ShowsUsersThatWereStillRunning) {
  metrics::RunDocument document = make_document();
  document.series[0].snapshot.counters["vusers.completed"] = 4;
  const Value report = to_json(document, JsonFormat::kArtillery1);
  EXPECT_EQ(at(report, {"intermediate"}).as_list()[0].find("concurrency")->as_integer(), 6);
}

TEST(JsonReport, OwnSectionTellsWhatWentWrong) {
  const Value report = to_json(make_bad_document(), JsonFormat::kArtillery2);
  const Value& own = at(report, {"slsart"});
  EXPECT_EQ(at(own, {"ending"}).as_string(), "stopped");
  EXPECT_EQ(at(own, {"arrivals", "missed"}).as_integer(), 12);
  EXPECT_EQ(at(own, {"users", "unfinished"}).as_integer(), 3);
  EXPECT_EQ(at(own, {"users", "reasons", "timeout"}).as_integer(), 4);
  EXPECT_FALSE(at(own, {"generator", "keptUp"}).as_bool());
  EXPECT_EQ(at(own, {"generator", "workers"}).as_list()[1].find("missed")->as_integer(), 12);
  EXPECT_EQ(at(own, {"seed"}).as_string(), "18446744073709551615");
}

}  // namespace
}  // namespace slsart::report
