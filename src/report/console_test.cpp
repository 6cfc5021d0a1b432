#include "report/console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/detail/golden.h"
#include "report/detail/sample_document.h"
#include "report/detail/text.h"

namespace slsart::report {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class ConsoleTest : public testing::Test {
 protected:
  void SetUp() override { use_time_zone("UTC0"); }
};

std::vector<std::string_view> lines_of(std::string_view text) {
  return core::split(text, '\n');
}

TEST_F(ConsoleTest, PeriodMatchesTheGoldenFile) {
  const auto document = make_document();
  expect_golden("period.txt", period_text(document.series[0].snapshot,
                                          core::WallTime(milliseconds(1795319530000)), {}));
}

TEST_F(ConsoleTest, SummaryMatchesTheGoldenFile) {
  expect_golden("summary.txt", summary_text(make_document(), {}));
}

TEST_F(ConsoleTest, SummaryOfABadRunMatchesTheGoldenFile) {
  expect_golden("summary_bad.txt", summary_text(make_bad_document(), {}));
}

TEST_F(ConsoleTest, RowsAreAsArtillery2WritesThem) {
  metrics::Snapshot snapshot;
  snapshot.counters["http.codes.200"] = 5;
  snapshot.rates["http.request_rate"] = 5;
  snapshot.first_event = milliseconds(0);
  snapshot.last_event = milliseconds(813);
  const std::string text = period_text(snapshot, core::WallTime(seconds(1795319000)), {});
  // From a report of Artillery 2.
  EXPECT_THAT(text, HasSubstr("--------------------------------------\n"
                              "Metrics for period to: 03:43:20(+0000) (width: 0.813s)\n"
                              "--------------------------------------\n\n"
                              "http.codes.200: ..............................................."
                              "................. 5\n"
                              "http.request_rate: ............................................"
                              "................. 5/sec\n\n"));
}

TEST_F(ConsoleTest, AnEmptyPeriodSaysSo) {
  metrics::Snapshot snapshot;
  snapshot.histograms["slsart.loop_lag"].record(1);
  EXPECT_THAT(period_text(snapshot, core::WallTime(seconds(1)), {}),
              EndsWith("No measurements recorded during this period\n\n"));
}

TEST_F(ConsoleTest, NothingReachesTheTerminalThatControlsIt) {
  for (const char byte : summary_text(make_bad_document(), {})) {
    EXPECT_TRUE(byte == '\n' || static_cast<unsigned char>(byte) >= 0x20) << int{byte};
  }
}

TEST_F(ConsoleTest, TheSentenceIsTheLastLine) {
  for (const auto& document : {make_document(), make_bad_document()}) {
    EXPECT_THAT(summary_text(document, {}),
                EndsWith("\n" + judge_generator(document).sentence + "\n"));
  }
}

TEST_F(ConsoleTest, WithoutColourThereIsNoEscapeWithColourThereIs) {
  EXPECT_THAT(summary_text(make_document(), {}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(summary_text(make_document(), {.columns = 79, .colour = true}), HasSubstr("\x1b[2m"));
}

TEST_F(ConsoleTest, ListsHonourTheColumns) {
  const auto document = make_bad_document();
  const std::string text = period_text(document.total, document.started, {.columns = 50});
  for (const auto line : lines_of(text)) EXPECT_LE(columns_of(line), 57u) << line;
  EXPECT_THAT(text, HasSubstr("http.requests: .................................... 60\n"));
}

TEST_F(ConsoleTest, TimesAreLocalWithTheirOffset) {
  use_time_zone("XYZ-5:30");
  EXPECT_EQ(clock_text(core::WallTime(seconds(1795319000))), "09:13:20(+0530)");
  EXPECT_EQ(iso_text(core::WallTime(milliseconds(1795319270414))), "2026-11-22T03:47:50.414Z");
}

TEST(Words, NameEachUnitThatIsNotZero) {
  EXPECT_EQ(words(seconds(0)), "0 seconds");
  EXPECT_EQ(words(seconds(1)), "1 second");
  EXPECT_EQ(words(seconds(65)), "1 minute, 5 seconds");
  EXPECT_EQ(words(seconds(90061)), "1 day, 1 hour, 1 minute, 1 second");
  EXPECT_EQ(words(milliseconds(1600)), "2 seconds");
}

TEST(Printable, KeepsCharactersAndReplacesWhatControlsATerminal) {
  EXPECT_EQ(printable("caf\u00e9 \u20ac \U0001f600"), "caf\u00e9 \u20ac \U0001f600");
  EXPECT_EQ(printable("a\x1b[31m\r\n\t\x7f"), "a?[31m????");
  EXPECT_EQ(printable("\xc2\x9b"), "?");
  EXPECT_EQ(printable("\xff\xc3"), "??");
  EXPECT_EQ(printable("\xc0\xaf"), "??");
  EXPECT_EQ(printable("\xed\xa0\x80"), "???");
  EXPECT_EQ(printable("\xe2\x82"), "??");
}

TEST(Fitted, CutsBetweenCharacters) {
  EXPECT_EQ(fitted("abcdef", 6), "abcdef");
  EXPECT_EQ(fitted("abcdef", 5), "ab...");
  EXPECT_EQ(fitted("\u00e9\u00e9\u00e9\u00e9\u00e9", 4), "\u00e9...");
  EXPECT_EQ(fitted("abc", 2), "..");
  EXPECT_EQ(fitted("abc", 0), "");
}

TEST_F(ConsoleTest, ManyWorkersShareOneLine) {
  metrics::RunDocument document = make_document();
  document.workers.clear();
  for (std::uint32_t i = 0; i < 17; ++i) {
    document.workers.push_back(
        {.index = i, .cpu = milliseconds(10 * i), .elapsed = milliseconds(1000)});
  }
  EXPECT_THAT(summary_text(document, {}),
              HasSubstr("CPU share of 17 workers: lowest 0 %, median 8 %, highest 16 %\n"));
  document.workers.pop_back();
  EXPECT_THAT(summary_text(document, {}), HasSubstr("CPU share of the workers: 0 % 1 % 2 %"));
}

}  // namespace
}  // namespace slsart::report
