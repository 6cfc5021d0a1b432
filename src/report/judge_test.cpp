#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/console.h"
#include "report/detail/sample_document.h"

namespace slsart::report {
namespace {

using testing::HasSubstr;

TEST(JudgeGenerator, NamesTheStartDelayWhenItKeptUp) {
  const KeptUp verdict = judge_generator(make_document());
  EXPECT_TRUE(verdict.kept_up);
  EXPECT_EQ(verdict.sentence,
            "The generator kept up: 99 % of the users started within 0.1 ms of their due time.");
}

TEST(JudgeGenerator, NamesEveryReasonAndTheBusiestWorkerWhenItDidNot) {
  const KeptUp verdict = judge_generator(make_bad_document());
  EXPECT_FALSE(verdict.kept_up);
  EXPECT_EQ(
      verdict.sentence,
      "The generator did not keep up: 12 arrivals were missed, local ports ran out 1 time, "
      "1 % of the users started 34.5 ms or more late and its loop lagged by 20.0 ms or more in "
      "1 % of its passes; worker 1 was busy 97 % of the time; the latencies above include its "
      "own delay.");
}

TEST(JudgeGenerator, HasNothingToBlameInARunWithoutUsers) {
  EXPECT_TRUE(judge_generator({}).kept_up);
}

TEST(JudgeGenerator, OneMissedArrivalIsEnough) {
  metrics::RunDocument document = make_document();
  document.total.counters["slsart.arrivals_missed"] = 1;
  const KeptUp verdict = judge_generator(document);
  EXPECT_FALSE(verdict.kept_up);
  EXPECT_THAT(verdict.sentence, HasSubstr("1 arrival was missed; the latencies"));
}

TEST(JudgeGenerator, ToleratesTenMillisecondsAndNoMore) {
  for (const std::int64_t excess : {0, 1}) {
    metrics::RunDocument document;
    document.total.histograms["slsart.start_delay"].record(KeptUp::kTolerated.count() + excess);
    EXPECT_EQ(judge_generator(document).kept_up, excess == 0);
  }
}

}  // namespace
}  // namespace slsart::report
