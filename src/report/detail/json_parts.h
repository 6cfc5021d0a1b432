#pragma once

#include "core/value.h"
#include "metrics/document.h"
#include "report/detail/figures.h"

// The three parts a report file is made of; docs/reports.md has the layouts.
namespace slsart::report {

inline constexpr core::Duration kSliceWidth = 10 * core::kSecond;

// {"aggregate": {...}, "intermediate": [...]} of either generation.
core::Value to_artillery2(const metrics::RunDocument& document);
core::Value to_artillery1(const metrics::RunDocument& document);

// The member "slsart".
core::Value to_own_section(const metrics::RunDocument& document);

// {"min", "max", "count", "mean", "p50", "median", "p75", "p90", "p95", "p99", "p999"}.
core::Value to_summary(const Figures& figures);

}  // namespace slsart::report
