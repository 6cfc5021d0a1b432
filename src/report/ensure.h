#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "metrics/document.h"
#include "script/plugins.h"

namespace slsart::report {

// Judges every condition of `ensure` over the result. Figures are those that reports show:
// histograms in milliseconds to one decimal, rates per second in whole numbers; `apdex` is the
// Apdex score. A counter that never counted is 0; anything else that was not measured is undefined,
// which no comparison accepts. Check::measured names the figures: "61.3", or "a = 1, b = 2".
std::vector<metrics::Check> judge_ensure(const script::Ensure& ensure,
                                         const metrics::Snapshot& total);

// The checks of a result that was put together from several, judged by all that was measured.
void judge_again(metrics::RunDocument& document);

// Of a run that still goes on and is `elapsed` old: the first condition that is to end it and does
// not hold by what was measured so far. Users under way count as completed: they still may.
std::optional<metrics::Check> find_breach(const script::Ensure& ensure,
                                          const metrics::Snapshot& so_far, core::Duration elapsed);

// Apdex of the counters apdex.*: (satisfied + tolerated / 2) / all; nothing when there are none.
std::optional<double> apdex_score(const metrics::Snapshot& total);
// "excellent", "good", "fair", "poor", "unacceptable".
std::string_view apdex_rank(double score);

// The expectations that were judged: "GET /json: statusCode 200", in the order of their texts.
struct Expected {
  std::string text;
  std::uint64_t ok = 0;
  std::uint64_t failed = 0;
};
std::vector<Expected> expectations_of(const metrics::Snapshot& total);

}  // namespace slsart::report
