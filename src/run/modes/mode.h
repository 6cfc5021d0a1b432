#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.h"
#include "metrics/document.h"
#include "script/distribution.h"

namespace slsart::run {

using Mode = script::Mode;

// What one executor of a sampling mode came to: a report, or why there is none.
struct SampleResult {
  std::string scenario;  // its name or number, for messages
  std::optional<metrics::RunDocument> document;
  std::string failure;  // for people; empty when there is a document
};

// The judgement of a sampling mode, with the shape of the original's answer:
//
//   { "errors": 2, "reports": [ ... ], "totals": { "scenariosCreated": 1, "scenariosCompleted": 0,
//     "requestsCompleted": 1, "codes": {"200": 1}, "errors": {"ETIMEDOUT": 2} },
//     "errorMessage": "acceptance failure: scenarios run: 1, total errors: 2, error budget: 0" }
//
// A report is the aggregate of one scenario in the layout of Artillery 1, in the scripts' order; in
// place of one that never came stands { "errorMessage": why }, which counts as an error and fails
// the run whatever the budget is.
struct Analysis {
  std::uint64_t errors = 0;
  std::vector<core::Value> reports;
  core::Value totals;
  std::string error_message;  // empty: passed

  bool passed() const { return error_message.empty(); }
  core::Value to_value() const;
};

// serverless-artillery lib/lambda/analysis.js, analyzeAcceptance and analyzeMonitoring.
Analysis analyse(Mode mode, double error_budget, std::span<const SampleResult> results);

// The same from reports that are JSON already: those of executors that answered directly.
Analysis analyse_reports(Mode mode, double error_budget, std::vector<core::Value> reports);

// What an alert says: its subject, at most 100 characters of printable ASCII, and its text.
struct Alert {
  std::string subject;  // "Alert: <errorMessage>"
  std::string message;
};
// The original's text: the message, then the analysis as JSON with each report's "latencies" left
// out.
Alert make_alert(const Analysis& analysis);
// For a run that failed before there was anything to analyse.
Alert make_failure_alert(std::string_view what);

}  // namespace slsart::run
