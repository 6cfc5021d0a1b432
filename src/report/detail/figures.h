#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "metrics/document.h"

namespace slsart::report {

// What reports show of a histogram: milliseconds of durations, the plain value of plain ones, each
// rounded half up: to one decimal as Artillery does, to three for the generator's own delays, which
// are mostly microseconds.
inline constexpr int kDecimals = 1;
inline constexpr int kDelayDecimals = 3;
struct Figures {
  std::uint64_t count = 0;
  double min = 0;
  double max = 0;
  double mean = 0;
  double median = 0;
  double p75 = 0;
  double p90 = 0;
  double p95 = 0;
  double p99 = 0;
  double p999 = 0;
};
Figures figures_of(const metrics::Histogram& histogram, int decimals = kDecimals);
// All zero when there is no such histogram.
Figures figures_of(const metrics::Snapshot& snapshot, std::string_view histogram,
                   int decimals = kDecimals);

// Rounds half up to so many decimals.
double rounded(double value, int decimals);

// Whether a name belongs to the generator itself; such names have a place of their own in reports.
bool is_own(std::string_view name);

// Events per second as Artillery 2 computes it within a slice: count / max(1 s, last - first
// event).
double per_second(const metrics::Snapshot& snapshot, std::uint64_t count);

// Artillery shows failed users as 0 as soon as a user has ended, and all counters of Apdex with the
// first of them.
metrics::Snapshot with_zeros(metrics::Snapshot snapshot);

// A stretch of the series as reports cut it.
struct Slice {
  std::int64_t from_milliseconds = 0;  // since `origin` below
  metrics::Snapshot snapshot;
};
// The windows of the series put together, each into the slice in which it begins; slices begin at
// multiples of `width` counted from `offset` before the start of the run. In order; slices without
// any window are left out.
std::vector<Slice> make_slices(const metrics::RunDocument& document, core::Duration offset,
                               core::Duration width);

// Milliseconds since 1970.
std::int64_t epoch_milliseconds(core::WallTime time);

}  // namespace slsart::report
