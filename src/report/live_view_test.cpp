#include "report/live_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/detail/golden.h"
#include "report/detail/sample_document.h"
#include "report/detail/text.h"

namespace slsart::report {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

LiveFrame make_frame() {
  LiveFrame frame;
  frame.elapsed = seconds(27);
  frame.planned = seconds(60);
  frame.phase = "warm up";
  frame.users_active = 12;
  frame.arrivals_done = 270;
  frame.arrivals_planned = 600;
  frame.last_second = make_second(26, 20);
  frame.total.counters["http.codes.200"] = 14000;
  frame.total.counters["http.codes.503"] = 12;
  frame.total.counters["errors.ETIMEDOUT"] = 12;
  frame.total.counters["errors.ECONNRESET"] = 3;
  frame.total.counters["errors.a\x1b[2J" + std::string(60, 'z')] = 2;
  frame.total.counters["errors.never shown"] = 1;
  return frame;
}

// What is left of a text when a terminal has obeyed its escape sequences.
std::string visible(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\x1b') {
      out.push_back(text[i]);
      continue;
    }
    while (i + 1 < text.size() && (text[i + 1] < '@' || text[i + 1] == '[')) ++i;
    ++i;
  }
  return out;
}

TEST(LiveView, FrameMatchesTheGoldenFileAtEveryWidth) {
  std::string all;
  for (const std::size_t columns : {40u, 60u, 80u, 120u, 200u}) {
    all += "columns " + std::to_string(columns) + "\n";
    all += LiveView(columns, false).draw(make_frame());
  }
  expect_golden("live_view.txt", all);
}

TEST(LiveView, ColourAndBlocksMatchTheGoldenFile) {
  expect_golden("live_view_colour.txt", LiveView(80, true).draw(make_frame()));
}

TEST(LiveView, NoLineReachesTheLastColumn) {
  LiveFrame frame = make_frame();
  frame.phase = std::string(300, 'p');
  for (std::size_t columns = 40; columns <= 200; ++columns) {
    for (const bool colour : {false, true}) {
      const std::string text = visible(LiveView(columns, colour).draw(frame));
      for (const auto line : core::split(text, '\n')) {
        EXPECT_LT(columns_of(line), columns) << line;
      }
    }
  }
}

TEST(LiveView, TheSecondFrameReplacesTheFirst) {
  LiveView view(80, false);
  const std::string first = view.draw(make_frame());
  EXPECT_THAT(first, Not(HasSubstr("\x1b")));
  EXPECT_EQ(view.draw(make_frame()), "\x1b[5A\r\x1b[J" + first);
  EXPECT_EQ(view.clear(), "\x1b[5A\r\x1b[J");
  EXPECT_EQ(view.clear(), "");
}

TEST(LiveView, NothingFromAServerControlsTheTerminal) {
  EXPECT_THAT(LiveView(200, false).draw(make_frame()), Not(HasSubstr("\x1b")));
}

TEST(LiveView, ShowsTheThreeMostFrequentErrors) {
  const std::string text = LiveView(200, false).draw(make_frame());
  EXPECT_THAT(text, HasSubstr("errors 18  ETIMEDOUT: 12  ECONNRESET: 3  a?[2Jzz"));
  EXPECT_THAT(text, Not(HasSubstr("never shown")));
}

TEST(LiveView, SaysThatItWaitsForTheLastUsers) {
  LiveFrame frame = make_frame();
  frame.draining = true;
  EXPECT_THAT(LiveView(80, false).draw(frame),
              HasSubstr("100%  00:27 / 01:00  waiting for the last"));
}

TEST(LiveView, WithoutAPlannedEndThereIsNoBar) {
  LiveFrame frame = make_frame();
  frame.planned = core::Duration::zero();
  frame.arrivals_planned = 0;
  EXPECT_THAT(LiveView(80, false).draw(frame),
              StartsWith("00:27  warm up\nusers 12 active, 270 started\n"));
}

TEST(LiveView, SurvivesATinyTerminal) {
  for (std::size_t columns = 0; columns < 40; ++columns) {
    const std::string text = visible(LiveView(columns, true).draw(make_frame()));
    for (const auto line : core::split(text, '\n')) {
      EXPECT_LT(columns_of(line), std::max<std::size_t>(columns, 2));
    }
  }
}

}  // namespace
}  // namespace slsart::report
