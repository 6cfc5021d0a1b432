#include <algorithm>
#include <string>

#include "core/text.h"
#include "report/console.h"
#include "report/detail/json_parts.h"
#include "report/detail/text.h"

namespace slsart::report {
namespace {

using core::Value;

constexpr int kSchema = 1;

std::string_view name_of(metrics::Ending ending) {
  switch (ending) {
    case metrics::Ending::kCompleted:
      return "completed";
    case metrics::Ending::kStopped:
      return "stopped";
    case metrics::Ending::kIncomplete:
      return "incomplete";
  }
  return {};
}

Value delay_of(const metrics::Snapshot& snapshot, std::string_view name) {
  return to_summary(figures_of(snapshot, name, kDelayDecimals));
}

Value to_arrivals(const metrics::RunDocument& document) {
  return Value::make_object({{"planned", document.arrivals_planned},
                             {"started", document.total.counter("vusers.created")},
                             {"missed", document.total.counter("slsart.arrivals_missed")},
                             {"skipped", document.total.counter("vusers.skipped")}});
}

Value to_users(const metrics::Snapshot& total) {
  constexpr std::string_view kReason = "slsart.ended.";
  Value reasons(Value::Object{});
  for (const auto& [name, count] : total.counters) {
    if (name.starts_with(kReason))
      reasons.set(std::string_view(name).substr(kReason.size()), count);
  }
  return Value::make_object({{"completed", total.counter("vusers.completed")},
                             {"failed", total.counter("vusers.failed")},
                             {"unfinished", total.counter("slsart.users_unfinished")},
                             {"reasons", std::move(reasons)}});
}

Value to_generator(const metrics::RunDocument& document) {
  const KeptUp verdict = judge_generator(document);
  Value workers(Value::List{});
  for (const metrics::WorkerInfo& worker : document.workers) {
    const double elapsed = std::max(core::to_seconds(worker.elapsed), 1e-9);
    workers.push(
        Value::make_object({{"index", static_cast<std::int64_t>(worker.index)},
                            {"cpuShare", rounded(core::to_seconds(worker.cpu) / elapsed, 3)},
                            {"missed", worker.arrivals_missed}}));
  }
  return Value::make_object({{"keptUp", verdict.kept_up},
                             {"sentence", verdict.sentence},
                             {"startDelay", delay_of(document.total, "slsart.start_delay")},
                             {"sendDelay", delay_of(document.total, "slsart.send_delay")},
                             {"loopLag", delay_of(document.total, "slsart.loop_lag")},
                             {"connectionWait", delay_of(document.total, "slsart.connection_wait")},
                             {"workers", std::move(workers)}});
}

Value to_counters(const metrics::Snapshot& total) {
  Value out(Value::Object{});
  for (const auto& [name, count] : total.counters) {
    if (is_own(name)) out.set(name, count);
  }
  return out;
}

Value to_checks(const metrics::RunDocument& document) {
  Value out(Value::List{});
  for (const metrics::Check& check : document.checks) {
    out.push(Value::make_object({{"text", check.text},
                                 {"passed", check.passed},
                                 {"strict", check.strict},
                                 {"measured", check.measured}}));
  }
  return out;
}

Value to_notes(const metrics::RunDocument& document) {
  Value out(Value::List{});
  for (const std::string& note : document.notes) out.push(note);
  return out;
}

Value to_histograms(const metrics::Snapshot& total) {
  Value out(Value::Object{});
  for (const auto& [name, histogram] : total.histograms) {
    if (histogram.count() > 0) out.set(name, core::to_base64(histogram.encode()));
  }
  return out;
}

std::uint64_t errors_of(const metrics::Snapshot& snapshot) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : snapshot.counters) {
    if (name.starts_with("errors.")) sum += count;
  }
  return sum;
}

// Columns instead of a list of objects: a long run has thousands of windows.
Value to_series(const metrics::RunDocument& document) {
  Value::List from, seconds, created, requests, responses, errors, median, p95, p99;
  for (const metrics::Window& window : document.series) {
    const metrics::Snapshot& snapshot = window.snapshot;
    const Figures figures = figures_of(snapshot, "http.response_time");
    from.emplace_back(window.from_second);
    seconds.emplace_back(window.to_second - window.from_second);
    created.emplace_back(snapshot.counter("vusers.created"));
    requests.emplace_back(snapshot.counter("http.requests"));
    responses.emplace_back(snapshot.counter("http.responses"));
    errors.emplace_back(errors_of(snapshot));
    median.emplace_back(figures.median);
    p95.emplace_back(figures.p95);
    p99.emplace_back(figures.p99);
  }
  return Value::make_object({{"from", std::move(from)},
                             {"seconds", std::move(seconds)},
                             {"created", std::move(created)},
                             {"requests", std::move(requests)},
                             {"responses", std::move(responses)},
                             {"errors", std::move(errors)},
                             {"p50", std::move(median)},
                             {"p95", std::move(p95)},
                             {"p99", std::move(p99)}});
}

}  // namespace

Value to_own_section(const metrics::RunDocument& document) {
  const metrics::Snapshot& total = document.total;
  Value out =
      Value::make_object({{"schema", kSchema},
                          {"version", document.version},
                          {"runId", document.run_id},
                          {"script", document.script_name},
                          {"target", document.target},
                          {"seed", std::to_string(document.seed)},
                          {"dialect", document.dialect},
                          {"startedAt", iso_text(document.started)},
                          {"elapsedSeconds", rounded(core::to_seconds(document.elapsed), 3)},
                          {"ending", std::string(name_of(document.ending))}});
  out.set("arrivals", to_arrivals(document));
  out.set("users", to_users(total));
  out.set("generator", to_generator(document));
  out.set("responseTimeFromDue", to_summary(figures_of(total, "slsart.response_time_from_due")));
  out.set("counters", to_counters(total));
  out.set("notes", to_notes(document));
  out.set("checks", to_checks(document));
  out.set("histograms", to_histograms(total));
  out.set("series", to_series(document));
  return out;
}

}  // namespace slsart::report
