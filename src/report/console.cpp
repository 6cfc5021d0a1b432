#include "report/console.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "report/detail/figures.h"
#include "report/detail/text.h"
#include "report/ensure.h"

namespace slsart::report {
namespace {

constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string coloured(std::string_view text, std::string_view colour, const ConsoleStyle& style) {
  if (!style.colour) return std::string(text);
  return std::string(colour) + std::string(text) + std::string(kPlain);
}

// As Artillery 2's util.padded: a label that is too long is cut, the rest is dots.
std::string row(std::string_view label, std::string_view value, const ConsoleStyle& style) {
  const std::string shown = fitted(label, style.columns);
  const std::string dots(style.columns - columns_of(shown), '.');
  return shown + " " + coloured(dots, kDim, style) + " " + std::string(value) + "\n";
}

std::string histogram_rows(const std::string& name, const metrics::Histogram& histogram,
                           const ConsoleStyle& style) {
  const Figures figures = figures_of(histogram);
  return fitted(name + ":", style.columns) + "\n" + row("  min:", plain(figures.min), style) +
         row("  max:", plain(figures.max), style) + row("  mean:", plain(figures.mean), style) +
         row("  median:", plain(figures.median), style) + row("  p95:", plain(figures.p95), style) +
         row("  p99:", plain(figures.p99), style);
}

// The list of a period or of the run; empty when there is nothing to list.
std::string list_text(const metrics::Snapshot& measured, const ConsoleStyle& style) {
  const metrics::Snapshot snapshot = with_zeros(measured);
  std::map<std::string, std::string> blocks;
  for (const auto& [name, count] : snapshot.counters) {
    if (is_own(name)) continue;
    blocks[name] += row(printable(name) + ":", std::to_string(count), style);
  }
  for (const auto& [name, count] : snapshot.rates) {
    if (is_own(name)) continue;
    const auto rate = std::llround(per_second(snapshot, count));
    blocks[name] += row(printable(name) + ":", std::to_string(rate) + "/sec", style);
  }
  for (const auto& [name, histogram] : snapshot.histograms) {
    if (is_own(name)) continue;
    blocks[name] += histogram_rows(printable(name), histogram, style);
  }
  std::string out;
  for (const auto& [name, block] : blocks) out += block;
  return out;
}

std::string heading(const std::string& title, const std::string& more) {
  const std::string rule(title.size(), '-');
  return rule + "\n" + title + more + "\n" + rule + "\n\n";
}

std::string checks_text(const metrics::RunDocument& document, const ConsoleStyle& style) {
  if (document.checks.empty()) return {};
  std::string out = "\nChecks:\n";
  for (const metrics::Check& check : document.checks) {
    out += check.passed ? coloured("ok:", kGreen, style) : coloured("fail:", kRed, style);
    out += " " + printable(check.text);
    if (!check.strict) out += " (optional)";
    if (!check.measured.empty()) out += " (measured: " + printable(check.measured) + ")";
    out += "\n";
  }
  return out;
}

std::string apdex_text(const metrics::Snapshot& total) {
  const std::optional<double> score = apdex_score(total);
  if (!score) return {};
  return "\nApdex score: " + plain(*score) + " (" + std::string(apdex_rank(*score)) + ")\n";
}

// What was expected and how often it was not so, in the order of their names.
std::string expectations_text(const metrics::Snapshot& total, const ConsoleStyle& style) {
  const std::vector<Expected> all = expectations_of(total);
  if (all.empty()) return {};
  std::string out = "\nExpectations:\n";
  for (const Expected& one : all) {
    const bool holds = one.failed == 0;
    out += holds ? coloured("ok:", kGreen, style) : coloured("fail:", kRed, style);
    out += " " + printable(one.text) + " (";
    if (!holds) out += std::to_string(one.failed) + " of ";
    out += std::to_string(one.ok + one.failed) + (holds ? ")\n" : " failed)\n");
  }
  return out;
}

std::string aligned(const std::string& text, std::size_t columns) {
  return std::string(columns - std::min(columns, text.size()), ' ') + text;
}

std::string latency_row(std::string label, const Figures& figures) {
  label.resize(30, ' ');
  std::string out = "  " + label;
  for (const double value : {figures.median, figures.p95, figures.p99, figures.max}) {
    out += aligned(fixed(value, 1), 11);
  }
  return out + "\n";
}

// The reference's figure leaves out what a user waited for the generator, for a connection and for
// its turn; the one from due time does not.
std::string latencies_text(const metrics::Snapshot& total) {
  const metrics::Histogram* from_due = total.histogram("slsart.response_time_from_due");
  if (from_due == nullptr || from_due->count() == 0) return {};
  std::string out =
      "\nResponse time in milliseconds:        median        p95        p99        max\n";
  out += latency_row("http.response_time", figures_of(total, "http.response_time"));
  out += latency_row("first answer since due time", figures_of(*from_due));
  return out;
}

std::string users_text(const metrics::RunDocument& document) {
  const metrics::Snapshot& total = document.total;
  std::string out = "  arrivals: " + std::to_string(document.arrivals_planned) + " planned, " +
                    std::to_string(total.counter("vusers.created")) + " started, " +
                    std::to_string(total.counter("slsart.arrivals_missed")) + " missed, " +
                    std::to_string(total.counter("vusers.skipped")) + " skipped\n";
  const std::uint64_t no_user = total.counter("slsart.requests_missed");
  if (no_user > 0)
    out += "  requests due that found no free user: " + std::to_string(no_user) + "\n";
  const std::uint64_t unfinished = total.counter("slsart.users_unfinished");
  if (unfinished > 0)
    out += "  users still running at the end: " + std::to_string(unfinished) + "\n";
  return out;
}

std::string delay_row(const metrics::Snapshot& total, std::string_view name,
                      std::string_view label) {
  const metrics::Histogram* histogram = total.histogram(name);
  if (histogram == nullptr || histogram->count() == 0) return {};
  const Figures figures = figures_of(*histogram, kDelayDecimals);
  return "  " + std::string(label) + ": median " + fixed(figures.median, kDelayDecimals) +
         " ms, p99 " + fixed(figures.p99, kDelayDecimals) + " ms, max " +
         fixed(figures.max, kDelayDecimals) + " ms\n";
}

// One by one, as long as they fit on a line.
std::string cpu_text(const std::vector<metrics::WorkerInfo>& workers) {
  constexpr std::size_t kMaxListed = 16;
  if (workers.empty()) return {};
  std::vector<double> shares;
  for (const metrics::WorkerInfo& worker : workers) {
    const double elapsed = std::max(core::to_seconds(worker.elapsed), 1e-9);
    shares.push_back(core::to_seconds(worker.cpu) / elapsed * 100);
  }
  if (shares.size() > kMaxListed) {
    std::sort(shares.begin(), shares.end());
    return "  CPU share of " + std::to_string(shares.size()) + " workers: lowest " +
           fixed(shares.front(), 0) + " %, median " + fixed(shares[shares.size() / 2], 0) +
           " %, highest " + fixed(shares.back(), 0) + " %\n";
  }
  std::string out = "  CPU share of the workers:";
  for (const double share : shares) out += " " + fixed(share, 0) + " %";
  return out + "\n";
}

std::string generator_text(const metrics::RunDocument& document) {
  const metrics::Snapshot& total = document.total;
  std::string out = "\nGenerator:\n" + users_text(document);
  out += delay_row(total, "slsart.start_delay", "start delay");
  out += delay_row(total, "slsart.send_delay", "send delay");
  out += delay_row(total, "slsart.loop_lag", "loop lag");
  out += delay_row(total, "slsart.connection_wait", "wait for a connection");
  out += cpu_text(document.workers);
  if (const auto clamped = total.counter("slsart.histogram_clamped"); clamped > 0) {
    out += "  values beyond what histograms hold: " + std::to_string(clamped) + "\n";
  }
  return out;
}

std::string notes_text(const metrics::RunDocument& document) {
  if (document.notes.empty()) return {};
  std::string out = "\nNotes:\n";
  for (const std::string& note : document.notes) out += "  " + printable(note) + "\n";
  return out;
}

std::string ending_text(const metrics::RunDocument& document) {
  switch (document.ending) {
    case metrics::Ending::kCompleted:
      return "All VUs finished. Total time: " + words(document.elapsed);
    case metrics::Ending::kStopped:
      return "Stopped after " + words(document.elapsed);
    case metrics::Ending::kIncomplete:
      return "Incomplete: part of the results is missing. Total time: " + words(document.elapsed);
  }
  return {};
}

}  // namespace

std::string period_text(const metrics::Snapshot& window, core::WallTime period_end,
                        const ConsoleStyle& style) {
  core::Duration width{};
  if (!window.empty()) width = *window.last_event - *window.first_event;
  const std::int64_t milliseconds = std::chrono::round<std::chrono::milliseconds>(width).count();
  std::string list = window.empty() ? std::string() : list_text(window, style);
  if (list.empty()) list = "No measurements recorded during this period\n";
  return heading("Metrics for period to: " + clock_text(period_end),
                 " (width: " + plain(static_cast<double>(milliseconds) / 1000) + "s)") +
         list + "\n";
}

std::string summary_text(const metrics::RunDocument& document, const ConsoleStyle& style) {
  const KeptUp verdict = judge_generator(document);
  return ending_text(document) + "\n\n" +
         heading("Summary report @ " + clock_text(document.started + document.elapsed), "") +
         list_text(document.total, style) + expectations_text(document.total, style) +
         apdex_text(document.total) + checks_text(document, style) +
         latencies_text(document.total) + generator_text(document) + notes_text(document) + "\n" +
         coloured(verdict.sentence, verdict.kept_up ? kGreen : kRed, style) + "\n";
}

}  // namespace slsart::report
