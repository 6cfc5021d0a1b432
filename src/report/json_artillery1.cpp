#include <algorithm>
#include <string>
#include <string_view>

#include "report/detail/json_parts.h"
#include "report/detail/text.h"

namespace slsart::report {
namespace {

using core::Value;

// Users and requests since the start of the run, up to the end of a window.
struct Running {
  std::uint64_t users = 0;
  std::uint64_t requests = 0;
};

Value five_numbers(const metrics::Snapshot& snapshot, std::string_view name) {
  const metrics::Histogram* histogram = snapshot.histogram(name);
  if (histogram == nullptr || histogram->count() == 0) {
    const Value none{Value::Null{}};  // as 1.x, where they are NaN in memory
    return Value::make_object(
        {{"min", none}, {"max", none}, {"median", none}, {"p95", none}, {"p99", none}});
  }
  const Figures figures = figures_of(*histogram);
  return Value::make_object({{"min", figures.min},
                             {"max", figures.max},
                             {"median", figures.median},
                             {"p95", figures.p95},
                             {"p99", figures.p99}});
}

// The counters that begin with `prefix`, without it.
Value counters_under(const metrics::Snapshot& snapshot, std::string_view prefix) {
  Value out(Value::Object{});
  for (const auto& [name, count] : snapshot.counters) {
    if (name.starts_with(prefix)) out.set(std::string_view(name).substr(prefix.size()), count);
  }
  return out;
}

std::uint64_t sum_under(const metrics::Snapshot& snapshot, std::string_view prefix) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : snapshot.counters) {
    if (name.starts_with(prefix)) sum += count;
  }
  return sum;
}

// What hooks and plugins added; all other names have a field of their own in this layout.
bool is_custom(std::string_view name) {
  return !name.starts_with("http.") && !name.starts_with("vusers.") &&
         !name.starts_with("errors.") && !is_own(name);
}

Value custom_statistics(const metrics::Snapshot& snapshot) {
  Value out(Value::Object{});
  for (const auto& [name, histogram] : snapshot.histograms) {
    if (is_custom(name)) out.set(name, five_numbers(snapshot, name));
  }
  return out;
}

Value custom_counters(const metrics::Snapshot& snapshot) {
  Value out(Value::Object{});
  for (const auto& [name, count] : snapshot.counters) {
    if (is_custom(name)) out.set(name, count);
  }
  return out;
}

Value requests_per_second(const metrics::Snapshot& snapshot, core::Duration over) {
  const std::uint64_t count = snapshot.counter("http.requests");
  const double seconds = std::max(rounded(core::to_seconds(over), 2), 0.01);
  return Value::make_object(
      {{"count", count}, {"mean", rounded(static_cast<double>(count) / seconds, 2)}});
}

// The fields both kinds of entry begin with.
Value common_fields(const metrics::Snapshot& snapshot, core::WallTime at, core::Duration over) {
  return Value::make_object(
      {{"timestamp", iso_text(at)},
       {"scenariosCreated", snapshot.counter("vusers.created")},
       {"scenariosCompleted", snapshot.counter("vusers.completed")},
       {"requestsCompleted", snapshot.counter("http.responses")},
       {"latency", five_numbers(snapshot, "http.response_time")},
       {"rps", requests_per_second(snapshot, over)},
       {"scenarioDuration", five_numbers(snapshot, "vusers.session_length")},
       {"scenarioCounts", counters_under(snapshot, "vusers.created_by_name.")},
       {"errors", counters_under(snapshot, "errors.")},
       {"codes", counters_under(snapshot, "http.codes.")},
       {"matches", 0}});
}

Value to_aggregate(const metrics::RunDocument& document) {
  const metrics::Snapshot& total = document.total;
  Value out = common_fields(total, document.started + document.elapsed, document.elapsed);
  out.set("customStats", custom_statistics(total));
  out.set("counters", custom_counters(total));
  out.set("scenariosAvoided", total.counter("vusers.skipped"));
  Value phases(Value::List{});
  for (const metrics::PhaseInfo& phase : document.phases) phases.push(phase.written);
  out.set("phases", std::move(phases));
  return out;
}

Value to_intermediate(const metrics::RunDocument& document, const metrics::Snapshot& snapshot,
                      core::Duration end, const Running& running) {
  const core::Duration first = snapshot.first_event.value_or(end);
  Value out = common_fields(snapshot, document.started + end, end - first);
  out.set("latencies", Value(Value::List{}));
  out.set("customStats", custom_statistics(snapshot));
  out.set("counters", custom_counters(snapshot));
  out.set("concurrency", running.users);
  out.set("pendingRequests", running.requests);
  out.set("scenariosAvoided", snapshot.counter("vusers.skipped"));
  return out;
}

std::uint64_t minus(std::uint64_t from, std::uint64_t what) {
  return from - std::min(from, what);
}

Running running_after(const metrics::Snapshot& so_far) {
  return {.users = minus(so_far.counter("vusers.created"),
                         so_far.counter("vusers.completed") + so_far.counter("vusers.failed")),
          .requests = minus(so_far.counter("http.requests"),
                            so_far.counter("http.responses") + sum_under(so_far, "errors."))};
}

}  // namespace

Value to_artillery1(const metrics::RunDocument& document) {
  const std::vector<Slice> slices = make_slices(document, core::Duration::zero(), kSliceWidth);
  const metrics::Snapshot nothing;
  metrics::Snapshot so_far;
  Value intermediate(Value::List{});
  auto slice = slices.begin();
  for (core::Duration from{}; from < document.elapsed || slice != slices.end();
       from += kSliceWidth) {
    const metrics::Snapshot* snapshot = &nothing;
    if (slice != slices.end() && slice->from_milliseconds == from / core::kMillisecond) {
      snapshot = &slice->snapshot;
      for (const auto& [name, count] : snapshot->counters) so_far.counters[name] += count;
      ++slice;
    }
    core::Duration end = from + kSliceWidth;
    if (from < document.elapsed) end = std::min(end, document.elapsed);
    intermediate.push(to_intermediate(document, *snapshot, end, running_after(so_far)));
  }
  Value report;
  report.set("aggregate", to_aggregate(document));
  report.set("intermediate", std::move(intermediate));
  return report;
}

}  // namespace slsart::report
