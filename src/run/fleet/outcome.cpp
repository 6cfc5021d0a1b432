#include <algorithm>

#include "core/text.h"
#include "metrics/stored_document.h"
#include "report/ensure.h"
#include "run/fleet/driver.h"
#include "run/fleet/keys.h"
#include "run/fleet/outcome.h"

namespace slsart::run::fleet {
namespace {

using core::Value;
using Gaps = metrics::DocumentMerger::Gaps;

// Numbers one after the other as ranges: "0-3, 7".
std::string listed(const std::vector<std::uint32_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) ++end;
    if (!text.empty()) text += ", ";
    text += std::to_string(numbers[i]);
    if (end > i) text += (end == i + 1 ? ", " : "-") + std::to_string(numbers[end]);
    i = end + 1;
  }
  return text;
}

metrics::RunDocument nothing_measured(const StoredPlan& plan) {
  metrics::RunDocument document;
  document.run_id = plan.run;
  document.script_name = plan.script_name;
  document.target = plan.target;
  document.seed = plan.seed;
  document.dialect = plan.dialect;
  document.version = plan.version;
  document.started = plan.submitted;
  return document;
}

}  // namespace

core::ExitCode exit_code_of(const Outcome& outcome) {
  const metrics::RunDocument& document = outcome.document;
  if (document.interrupted) return core::ExitCode::kInterrupted;
  if (outcome.analysis && !outcome.analysis->passed()) return core::ExitCode::kVerdict;
  if (document.ending == metrics::Ending::kIncomplete) return core::ExitCode::kIncomplete;
  const auto fails = [](const metrics::Check& check) { return check.strict && !check.passed; };
  if (std::ranges::any_of(document.checks, fails)) return core::ExitCode::kEnsure;
  if (document.total.counter("plugins.expect.failed") > 0) return core::ExitCode::kVerdict;
  return core::ExitCode::kOk;
}

Outcome Driver::outcome() const {
  Outcome out{.document = collector_.is_empty() ? nothing_measured(plan_)
                                                : collector_.merger().document(Gaps::kIgnored)};
  metrics::RunDocument& document = out.document;
  report::judge_again(document);
  document.arrivals_planned = plan_.arrivals;
  out.mode = plan_.mode;
  out.chunks = plan_.chunk_count;
  out.duplicates_refused = refused_;
  std::map<std::string, std::vector<std::uint32_t>> troubles;
  std::vector<std::uint32_t> not_started;
  for (std::uint32_t i = 0; i < states_.size(); ++i) {
    if (is_whole(i)) {
      ++out.reported;
    } else if (!states_[i].trouble.empty()) {
      troubles[states_[i].trouble].push_back(i);
    } else if (states_[i].final) {
      troubles["part of what it measured is missing"].push_back(i);
    } else if (states_[i].is_lost) {
      not_started.push_back(i);
    } else {
      troubles["has not ended yet"].push_back(i);
    }
  }
  for (const auto& [trouble, numbers] : troubles) {
    document.notes.push_back((numbers.size() == 1 ? "Worker " : "Workers ") + listed(numbers) +
                             " of " + std::to_string(states_.size()) + ": " + trouble + ".");
  }
  if (!not_started.empty())
    document.notes.push_back("Stopped before these workers began: " + listed(not_started) + ".");
  if (!collector_.fault().empty())
    document.notes.push_back("What a worker stored could not be read: " + collector_.fault() + ".");
  document.notes.insert(document.notes.end(), notes_.begin(), notes_.end());
  if (!troubles.empty() || !collector_.fault().empty())
    document.ending = metrics::Ending::kIncomplete;
  else if (stopped_at_)
    document.ending = metrics::Ending::kStopped;
  document.interrupted = stop_wanted_;
  if (script::is_sampling(plan_.mode)) out.analysis = analyse_samples();
  return out;
}

Analysis Driver::analyse_samples() const {
  std::vector<SampleResult> results;
  for (std::uint32_t i = 0; i < states_.size(); ++i) {
    const std::size_t scenario = chunks_[i].scenario.value_or(i);
    SampleResult result{.scenario = scenario < plan_.scenarios.size() ? plan_.scenarios[scenario]
                                                                      : std::to_string(scenario),
                        .document = {},
                        .failure = {}};
    const metrics::DocumentMerger* const merger = collector_.chunk(i);
    if (merger != nullptr && is_whole(i))
      result.document = merger->document(Gaps::kIgnored);
    else
      result.failure = states_[i].trouble.empty() ? "its worker did not report"
                                                  : "its worker " + states_[i].trouble;
    results.push_back(std::move(result));
  }
  return analyse(plan_.mode, plan_.error_budget, results);
}

report::LiveFrame Driver::frame() const {
  report::LiveFrame frame;
  frame.planned = plan_.duration;
  frame.arrivals_planned = plan_.arrivals;
  if (!start_) return frame;
  const core::WallTime now = clock_.now();
  frame.elapsed = std::max<core::Duration>(core::Duration::zero(), now - *start_);
  frame.draining = frame.elapsed >= plan_.duration;
  if (collector_.is_empty()) return frame;
  frame.total = collector_.merger().counters();
  const metrics::Snapshot& total = frame.total;
  const std::uint64_t ended = total.counter("vusers.completed") + total.counter("vusers.failed") +
                              total.counter("slsart.users_unfinished");
  frame.users_active =
      total.counter("vusers.created") - std::min(ended, total.counter("vusers.created"));
  frame.arrivals_done = total.counter("vusers.created") + total.counter("vusers.skipped") +
                        total.counter("slsart.arrivals_missed");
  // The newest second that all have told of: a delta is an interval old when the next comes.
  const core::WallTime told = now - plan_.part_interval - std::chrono::seconds(2);
  const std::int64_t second =
      std::chrono::floor<std::chrono::seconds>(told).time_since_epoch().count();
  frame.last_second = collector_.merger().between(second, second + 1);
  return frame;
}

std::string end_of(const Outcome& outcome, core::WallTime now) {
  static constexpr std::string_view kEndings[] = {"completed", "stopped", "incomplete"};
  Value value;
  value.set("ending", kEndings[static_cast<std::size_t>(outcome.document.ending)]);
  value.set("at", to_milliseconds(now));
  value.set("reported", std::int64_t{outcome.reported});
  value.set("duplicates", std::int64_t{outcome.duplicates_refused});
  if (outcome.analysis) value.set("analysis", outcome.analysis->to_value());
  return core::to_json(value);
}

core::Result<Outcome> read_end(const StoredPlan& plan, std::string_view end,
                               std::string_view result) {
  const auto value = core::parse_json(end);
  if (!value) return value.error();
  const auto stored = metrics::StoredDocument::open(result);
  if (!stored) return stored.error();
  metrics::DocumentMerger merger;
  if (const auto added = merger.add(*stored); !added) return added.error();
  Outcome out{.document = merger.document()};
  report::judge_again(out.document);
  out.mode = plan.mode;
  out.chunks = plan.chunk_count;
  const auto count = [&](std::string_view name) {
    const Value* const member = value->find(name);
    const bool fits = member != nullptr && member->kind() == Value::Kind::kInteger &&
                      member->as_integer() >= 0 && member->as_integer() <= UINT32_MAX;
    return fits ? static_cast<std::uint32_t>(member->as_integer()) : 0;
  };
  out.reported = count("reported");
  out.duplicates_refused = count("duplicates");
  if (const Value* const analysis = value->find("analysis")) {
    const Value* const reports = analysis->find("reports");
    if (reports != nullptr && reports->is_list())
      out.analysis = analyse_reports(plan.mode, plan.error_budget, reports->as_list());
  }
  return out;
}

}  // namespace slsart::run::fleet
