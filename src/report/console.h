#pragma once

#include <optional>
#include <string>

#include "core/time.h"
#include "metrics/document.h"

namespace slsart::report {

// Text for people in the shape of Artillery 2 (docs/reports.md): names in alphabetical order, label
// padded with dots to `columns`, histograms as min, max, mean, median, p95, p99.
struct ConsoleStyle {
  std::size_t columns = 79;
  bool colour = false;
};

// "Metrics for period to: ..." block of one window.
std::string period_text(const metrics::Snapshot& window, core::WallTime period_end, const ConsoleStyle& style);

// The closing summary: the same list for the whole run, the checks, what was missing, and the sentence
// whether the generator kept up.
std::string summary_text(const metrics::RunDocument& document, const ConsoleStyle& style);

// The sentence: "The generator kept up: 99 % of the users started within 0.1 ms of their due time." or
// "The generator did not keep up: ...; the latencies above include its own delay."
struct KeptUp {
  bool kept_up = true;
  std::string sentence;
};
KeptUp judge_generator(const metrics::RunDocument& document);

}  // namespace slsart::report
