#include <cmath>

#include "report/detail/json_parts.h"

namespace slsart::report {
namespace {

using core::Value;

Value make_empty_object() {
  return Value(Value::Object{});
}

Value counters_of(const metrics::Snapshot& snapshot) {
  Value out = make_empty_object();
  for (const auto& [name, count] : snapshot.counters) {
    if (!is_own(name)) out.set(name, count);
  }
  return out;
}

Value rates_of(const metrics::Snapshot& snapshot) {
  Value out = make_empty_object();
  for (const auto& [name, count] : snapshot.rates) {
    if (is_own(name)) continue;
    out.set(name, static_cast<std::int64_t>(std::llround(per_second(snapshot, count))));
  }
  return out;
}

Value summaries_of(const metrics::Snapshot& snapshot) {
  Value out = make_empty_object();
  for (const auto& [name, histogram] : snapshot.histograms) {
    if (!is_own(name) && histogram.count() > 0) out.set(name, to_summary(figures_of(histogram)));
  }
  return out;
}

// We keep the first and last event of a slice, not one per kind: both kinds get the same times.
void set_event_times(const metrics::RunDocument& document, const metrics::Snapshot& snapshot,
                     Value& out) {
  if (snapshot.empty()) return;
  const std::int64_t first = epoch_milliseconds(document.started + *snapshot.first_event);
  const std::int64_t last = epoch_milliseconds(document.started + *snapshot.last_event);
  const bool has_counters = !snapshot.counters.empty() || !snapshot.rates.empty();
  const bool has_histograms = !snapshot.histograms.empty();
  if (has_counters) out.set("firstCounterAt", first);
  if (has_histograms) out.set("firstHistogramAt", first);
  if (has_counters) out.set("lastCounterAt", last);
  if (has_histograms) out.set("lastHistogramAt", last);
  out.set("firstMetricAt", first);
  out.set("lastMetricAt", last);
}

Value to_aggregate(const metrics::RunDocument& document, std::int64_t period) {
  metrics::Snapshot total = with_zeros(document.total);
  total.counters["vusers.failed"] += 0;
  Value out;
  out.set("period", period);
  out.set("counters", counters_of(total));
  out.set("rates", rates_of(total));
  set_event_times(document, total, out);
  const Value summaries = summaries_of(total);
  out.set("summaries", summaries);
  out.set("histograms", summaries);
  return out;
}

Value to_intermediate(const metrics::RunDocument& document, const Slice& slice) {
  const metrics::Snapshot snapshot = with_zeros(slice.snapshot);
  Value out;
  out.set("period", std::to_string(slice.from_milliseconds));
  out.set("rates", rates_of(snapshot));
  set_event_times(document, snapshot, out);
  out.set("counters", counters_of(snapshot));
  const Value summaries = summaries_of(snapshot);
  out.set("summaries", summaries);
  out.set("histograms", summaries);
  return out;
}

}  // namespace

Value to_summary(const Figures& figures) {
  return Value::make_object({{"min", figures.min},
                             {"max", figures.max},
                             {"count", figures.count},
                             {"mean", figures.mean},
                             {"p50", figures.median},
                             {"median", figures.median},
                             {"p75", figures.p75},
                             {"p90", figures.p90},
                             {"p95", figures.p95},
                             {"p99", figures.p99},
                             {"p999", figures.p999}});
}

Value to_artillery2(const metrics::RunDocument& document) {
  const core::Duration since_epoch = document.started.time_since_epoch();
  Value intermediate(Value::List{});
  std::int64_t period = since_epoch / kSliceWidth * (kSliceWidth / core::kMillisecond);
  for (const Slice& slice : make_slices(document, since_epoch, kSliceWidth)) {
    if (slice.snapshot.empty()) continue;
    period = slice.from_milliseconds;
    intermediate.push(to_intermediate(document, slice));
  }
  Value report;
  report.set("aggregate", to_aggregate(document, period));
  report.set("intermediate", std::move(intermediate));
  return report;
}

}  // namespace slsart::report
