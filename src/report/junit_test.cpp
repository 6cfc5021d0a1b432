#include "report/junit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/detail/golden.h"
#include "report/detail/sample_document.h"

namespace slsart::report {
namespace {

using testing::HasSubstr;
using testing::Not;

metrics::RunDocument make_judged_document() {
  metrics::RunDocument document = make_document();
  auto& counters = document.total.counters;
  counters["slsart.expect.ok.GET /a: statusCode 200"] = 5;
  counters["slsart.expect.failed.GET /a: statusCode 200"] = 2;
  counters["slsart.expect.ok.GET /b?x=1&y=\"<2>\": equals [a,b]"] = 7;
  counters["slsart.failed_by_name.browse"] = 3;
  document.checks.push_back(
      {.text = "p95 < 5", .passed = false, .strict = true, .measured = "7.9"});
  document.checks.push_back(
      {.text = "errors.x == 0", .passed = false, .strict = false, .measured = "1"});
  return document;
}

TEST(JUnit, HasOneCaseForEveryScenarioExpectationAndCondition) {
  expect_golden("junit.xml", to_junit(make_judged_document()));
}

TEST(JUnit, LeavesFailedUsersToAnErrorRateCondition) {
  metrics::RunDocument document = make_judged_document();
  document.checks = {
      {.text = "maxErrorRate <= 50", .passed = true, .strict = true, .measured = ""}};
  const std::string text = to_junit(document);
  EXPECT_THAT(text, HasSubstr("3 of 30 users failed"));
  EXPECT_THAT(text, Not(HasSubstr("type=\"scenarios\"")));
}

TEST(JUnit, SaysThatARunWasStopped) {
  metrics::RunDocument document = make_document();
  document.ending = metrics::Ending::kStopped;
  EXPECT_THAT(to_junit(document), HasSubstr("<error message=\"stopped after 18 seconds\""));
}

TEST(JUnit, HoldsNothingThatXmlCannot) {
  metrics::RunDocument document;
  document.script_name =
      "a\x01 b\x1b[2J \xff \xed\xa0\x80 \xef\xbf\xbf \xc3\xa4 \xf0\x9f\x98\x80 ]]>\t\n'";
  const std::string text = to_junit(document);
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_THAT(text,
              HasSubstr("name=\"a" + bad + " b" + bad + "[2J " + bad + " " + bad + bad + bad + " " +
                        bad + bad + bad + " \xc3\xa4 \xf0\x9f\x98\x80 ]]&gt;&#9;&#10;'\""));
}

}  // namespace
}  // namespace slsart::report
