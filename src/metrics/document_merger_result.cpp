#include <algorithm>
#include <set>

#include "core/check.h"
#include "metrics/document_merger.h"

// What DocumentMerger makes of what it was given.

namespace slsart::metrics {
namespace {

constexpr std::size_t kMaxListed = 10;
constexpr std::size_t kMaxNotes = 1000;

// "3", "3, 4 and 7", "1, 2, 3, ... (17 in all)".
std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), kMaxListed); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  if (words.size() > kMaxListed) text += ", ... (" + std::to_string(words.size()) + " in all)";
  return text;
}

// The different values of a field, in the order of the runs.
template <typename Runs>
std::string joined(const Runs& runs, std::string RunDocument::*field) {
  std::vector<std::string> values;
  for (const auto* run : runs) {
    const std::string& value = run->identity.*field;
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  }
  return listed(values);
}

void add_note(const std::string& note, RunDocument& out) {
  if (std::find(out.notes.begin(), out.notes.end(), note) != out.notes.end()) return;
  if (out.notes.size() < kMaxNotes) out.notes.push_back(note);
}

void add_check(const Check& check, RunDocument& out) {
  const auto same = std::find_if(out.checks.begin(), out.checks.end(),
                                 [&](const Check& other) { return other.text == check.text; });
  if (same == out.checks.end()) {
    out.checks.push_back(check);
  } else if (same->passed && !check.passed) {
    *same = check;
  }
}

}  // namespace

RunDocument DocumentMerger::document(Gaps gaps) const {
  SLSART_CHECK(!runs_.empty());
  const std::vector<const Run*> runs = ordered_runs();
  RunDocument out;
  describe(runs, out);
  add_workers(runs, gaps, out);
  add_measurements(out);
  return out;
}

// By the time of their start, then by id.
std::vector<const DocumentMerger::Run*> DocumentMerger::ordered_runs() const {
  std::map<std::pair<core::WallTime, std::string_view>, const Run*> ordered;
  for (const auto& [id, run] : runs_) {
    core::WallTime started = core::WallTime::max();
    for (const auto& [index, worker] : run.workers) started = std::min(started, worker.started);
    ordered.emplace(std::pair(started, std::string_view(id)), &run);
  }
  std::vector<const Run*> runs;
  for (const auto& [key, run] : ordered) runs.push_back(run);
  return runs;
}

void DocumentMerger::describe(const std::vector<const Run*>& runs, RunDocument& out) {
  out = runs.front()->identity;
  if (runs.size() == 1) return;
  out.run_id = joined(runs, &RunDocument::run_id);
  out.script_name = joined(runs, &RunDocument::script_name);
  out.target = joined(runs, &RunDocument::target);
  out.dialect = joined(runs, &RunDocument::dialect);
  out.version = joined(runs, &RunDocument::version);
  std::set<std::string> seen;
  out.phases.clear();
  for (const Run* run : runs) {
    for (const PhaseInfo& phase : run->identity.phases) {
      const std::string key = phase.name + '\0' + std::to_string(phase.index) + '\0' +
                              std::to_string(phase.start.count()) + '\0' +
                              core::to_json(phase.written);
      if (seen.insert(key).second) out.phases.push_back(phase);
    }
  }
  add_note("Put together from " + std::to_string(runs.size()) + " runs: " + out.run_id + ".", out);
}

void DocumentMerger::add_workers(const std::vector<const Run*>& runs, Gaps gaps, RunDocument& out) {
  bool is_only = runs.size() == 1 && runs.front()->workers.size() == 1;
  bool is_first = true;
  bool is_stopped = false;
  core::WallTime end = core::WallTime::min();
  std::vector<std::string> silent, cut;
  out.started = core::WallTime::max();
  for (const Run* run : runs) {
    std::uint32_t next = 0;
    const auto miss_until = [&](std::uint32_t index) {
      // Of a hostile number of workers only so many are looked at.
      for (; next < index && silent.size() < StoredDocument::kMaxEntries; ++next) {
        silent.push_back(std::to_string(next));
      }
    };
    for (const auto& [index, worker] : run->workers) {
      miss_until(index);
      next = index + 1;
      if (!worker.last || worker.parts.size() != std::size_t{*worker.last} + 1) {
        cut.push_back(std::to_string(index));
      }
      out.started = std::min(out.started, worker.started);
      end = std::max(end, worker.started + worker.elapsed);
      out.arrivals_planned += worker.arrivals_planned;
      if (worker.ending == Ending::kIncomplete) out.ending = Ending::kIncomplete;
      if (worker.ending == Ending::kStopped) is_stopped = true;
      if (worker.interrupted) out.interrupted = true;
      for (WorkerInfo thread : worker.threads) {
        if (!is_only) thread.index = static_cast<std::uint32_t>(out.workers.size());
        out.workers.push_back(thread);
      }
      if (is_only || (is_first && out.notes.empty())) {
        out.notes = worker.notes;
        out.checks = worker.checks;
      } else {
        for (const std::string& note : worker.notes) add_note(note, out);
        for (const Check& check : worker.checks) add_check(check, out);
      }
      is_first = false;
    }
    miss_until(run->count);
  }
  out.elapsed = end - out.started;
  if (gaps == Gaps::kIgnored) {
    silent.clear();
    cut.clear();
  }
  if (!silent.empty()) out.notes.push_back("Nothing came from the workers " + listed(silent) + ".");
  if (!cut.empty()) {
    out.notes.push_back("Part of what these workers measured is missing: " + listed(cut) + ".");
  }
  if (!silent.empty() || !cut.empty()) out.ending = Ending::kIncomplete;
  if (out.ending == Ending::kCompleted && is_stopped) out.ending = Ending::kStopped;
}

Snapshot DocumentMerger::to_snapshot(const Cell& cell, core::WallTime started) const {
  Snapshot snapshot;
  for (std::size_t i = 0; i < cell.counters.size(); ++i) {
    if (cell.counters[i].is_set) snapshot.counters[counters_[i]] = cell.counters[i].value;
  }
  for (std::size_t i = 0; i < cell.rates.size(); ++i) {
    if (cell.rates[i].is_set) snapshot.rates[rates_[i]] = cell.rates[i].value;
  }
  for (std::size_t i = 0; i < cell.histograms.size(); ++i) {
    if (cell.histograms[i]) snapshot.histograms[histograms_[i]] = *cell.histograms[i];
  }
  if (cell.last >= 0) {
    const std::int64_t origin = started.time_since_epoch().count();
    snapshot.first_event = core::Duration(cell.first - origin);
    snapshot.last_event = core::Duration(cell.last - origin);
  }
  return snapshot;
}

Snapshot DocumentMerger::counters() const {
  std::vector<std::uint64_t> sums(counters_.size(), 0);
  timeline_.for_each_cell([&](const Cell& cell) {
    for (std::size_t i = 0; i < cell.counters.size(); ++i) sums[i] += cell.counters[i].value;
  });
  Snapshot snapshot;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (sums[i] > 0) snapshot.counters[counters_[i]] = sums[i];
  }
  return snapshot;
}

Snapshot DocumentMerger::between(std::int64_t from, std::int64_t to) const {
  Snapshot snapshot;
  const auto& fine = timeline_.fine();
  for (auto at = fine.lower_bound(from); at != fine.end() && at->first < to; ++at)
    snapshot.merge(to_snapshot(at->second, core::WallTime(std::chrono::seconds(from))));
  return snapshot;
}

void DocumentMerger::add_measurements(RunDocument& out) const {
  const std::int64_t origin =
      std::chrono::floor<std::chrono::seconds>(out.started).time_since_epoch().count();
  timeline_.for_each(origin, [&](std::int64_t from, std::int64_t to, const Cell& cell) {
    out.series.push_back({.from_second = from - origin,
                          .to_second = to - origin,
                          .snapshot = to_snapshot(cell, out.started)});
    out.total.merge(out.series.back().snapshot);
  });
}

}  // namespace slsart::metrics
