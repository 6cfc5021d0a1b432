#pragma once

#include <cstddef>
#include <string>

#include "core/time.h"
#include "metrics/document.h"

namespace slsart::report {

// Text for people in the shape of Artillery 2 (docs/reports.md): names in alphabetical order,
// histograms as min, max, mean, median, p95, p99. Label and dots together take `columns`:
//
//   http.requests: ................................................................. 5
//
// Text of scripts and servers is made safe for a terminal. Names of the generator itself
// ("slsart.*") are left out of the lists. Times are local, by the process's time zone.
struct ConsoleStyle {
  std::size_t columns = 79;
  bool colour = false;
};

// "Metrics for period to: ..." block of one window, ending in an empty line.
std::string period_text(const metrics::Snapshot& window, core::WallTime period_end,
                        const ConsoleStyle& style);

// The closing summary: the same list for the whole run, the checks, latencies from due time beside
// plain ones, how the generator fared, the notes; the last line is the sentence whether it kept up.
std::string summary_text(const metrics::RunDocument& document, const ConsoleStyle& style);

// The sentence: "The generator kept up: 99 % of the users started within 0.1 ms of their due time."
// or "The generator did not keep up: ...; the latencies above include its own delay."
//
// It kept up when no arrival was missed, none failed for want of local ports or descriptors, and
// both start delay and loop lag were at most kTolerated for 99 % of their samples. Why a fixed
// figure: it is what timers of whole milliseconds and a busy event loop cost every other generator,
// and a limit that grew with the measured latencies would forgive the very delay it is to find,
// since a late loop stamps answers late.
struct KeptUp {
  static constexpr core::Duration kTolerated = 10 * core::kMillisecond;
  static constexpr double kBusy = 0.9;  // CPU share of a worker that is named as the likely cause
  bool kept_up = true;
  std::string sentence;
};
KeptUp judge_generator(const metrics::RunDocument& document);

}  // namespace slsart::report
