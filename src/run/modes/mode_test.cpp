#include "run/modes/mode.h"

#include <gtest/gtest.h>

#include "core/text.h"

namespace slsart::run {
namespace {

using core::Value;

// Recorded answers of the reference: tests/compat/split-vectors/analysis.json.
Value vectors() {
  const auto text = core::read_file("tests/compat/split-vectors/analysis.json");
  EXPECT_TRUE(text) << text.error().message;
  auto parsed = core::parse_json(*text);
  EXPECT_TRUE(parsed);
  return parsed ? *std::move(parsed) : Value();
}

std::vector<Value> reports_of(const Value& results) {
  const Value* const listed = results.find("reports");
  return listed == nullptr ? std::vector<Value>{results} : listed->as_list();
}

double budget_of(const Value& script, Mode mode) {
  const Value* const sampling = script.find("sampling");
  const Value* const written = sampling ? sampling->find("errorBudget") : nullptr;
  return written ? written->as_number() : mode == Mode::kMonitoring ? 4 : 0;
}

TEST(Analysis, IsThatOfTheReference) {
  int seen = 0;
  const Value all = vectors();
  for (const Value& one : all.find("cases")->as_list()) {
    const auto mode = script::find_mode(one.find("function")->as_string());
    if (mode == Mode::kPerformance || one.find("error") != nullptr) continue;
    const Value& script = *one.find("script");
    const Analysis analysis =
        analyse_reports(*mode, budget_of(script, *mode), reports_of(*one.find("results")));
    EXPECT_EQ(analysis.to_value(), *one.find("value")) << one.find("name")->as_string();
    ++seen;
  }
  EXPECT_EQ(seen, 9);
}

// Where the reference ends in a type error, and its caller says PASSED.
TEST(Analysis, FailsForAnExecutorWithoutReport) {
  int seen = 0;
  const Value all = vectors();
  for (const Value& one : all.find("cases")->as_list()) {
    if (one.find("error") == nullptr) continue;
    const Analysis analysis =
        analyse_reports(Mode::kAcceptance, 100, reports_of(*one.find("results")));
    EXPECT_FALSE(analysis.passed()) << "whatever the budget is";
    EXPECT_EQ(analysis.errors, 1u);
    EXPECT_EQ(analysis.reports.size(), 2u);
    EXPECT_EQ(*analysis.totals.find("scenariosCreated"), Value(1));
    ++seen;
  }
  EXPECT_EQ(seen, 2);
}

TEST(Analysis, NamesTheScenarioThatDidNotReport) {
  const SampleResult lost{.scenario = "login", .document = {}, .failure = "it was killed"};
  const Analysis analysis = analyse(Mode::kMonitoring, 4, std::span(&lost, 1));
  EXPECT_EQ(analysis.error_message,
            "monitoring failure: scenarios run: 0, total errors: 1, error budget: 4; scenario "
            "login: it was killed");
}

TEST(Alert, HasTheTextOfTheReference) {
  std::vector<Value> reports = {
      *core::parse_json(R"({"scenariosCreated":1,"latencies":[1,2],"errors":{"E":5},"codes":{}})")};
  const Alert alert = make_alert(analyse_reports(Mode::kMonitoring, 4, std::move(reports)));
  EXPECT_EQ(alert.subject,
            "Alert: monitoring failure: scenarios run: 1, total errors: 5, error budget: 4");
  EXPECT_EQ(alert.message, R"(Alert:
  monitoring failure: scenarios run: 1, total errors: 5, error budget: 4

Logs:
Full analysis:
{
  "errors": 5,
  "reports": [
    {
      "scenariosCreated": 1,
      "errors": {
        "E": 5
      },
      "codes": {}
    }
  ],
  "totals": {
    "scenariosCreated": 1,
    "scenariosCompleted": 0,
    "requestsCompleted": 0,
    "codes": {},
    "errors": {
      "E": 5
    }
  },
  "errorMessage": "monitoring failure: scenarios run: 1, total errors: 5, error budget: 4"
}
)");
}

TEST(Alert, SubjectsAreShortPlainLines) {
  const Alert alert = make_failure_alert("no\nconnection \xC3\xA4 " + std::string(200, 'x'));
  EXPECT_EQ(alert.subject.size(), 100u);
  EXPECT_TRUE(alert.subject.starts_with("Alert: the run itself failed: no connection ? xxx"));
  EXPECT_TRUE(alert.subject.ends_with("..."));
}

}  // namespace
}  // namespace slsart::run
