#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "core/value.h"
#include "metrics/histogram.h"

namespace slsart::metrics {

// Measurements of some stretch of time by name: of all workers, merged.
struct Snapshot {
  std::map<std::string, std::uint64_t, std::less<>> counters;
  std::map<std::string, std::uint64_t, std::less<>> rates;  // number of events, not per second
  std::map<std::string, Histogram, std::less<>> histograms;
  // When the first and last event happened, since the start of the run; nothing if there was none
  // (a histogram of the generator's own, "slsart.*", is no event: metrics/recorder.h).
  std::optional<core::Duration> first_event;
  std::optional<core::Duration> last_event;

  bool empty() const { return !first_event.has_value(); }
  void merge(const Snapshot& other);
  std::uint64_t counter(std::string_view name) const;  // 0 if absent
  const Histogram* histogram(std::string_view name) const;
};

// A stretch of the run in the series: whole seconds [from, to) since its start.
struct Window {
  std::int64_t from_second = 0;
  std::int64_t to_second = 0;
  Snapshot snapshot;
};

// How one worker fared, for the question whether the generator kept up.
struct WorkerInfo {
  std::uint32_t index = 0;
  core::Duration cpu{};  // user + system time of its thread
  core::Duration elapsed{};
  std::uint64_t arrivals_missed = 0;
};

struct PhaseInfo {
  std::string name;  // empty: unnamed
  std::size_t index = 0;
  core::Duration start{};  // since the start of the run
  core::Duration duration{};
  core::Value written;  // as in the script
};

// A judgement over the result: one ensure condition, one expectation.
struct Check {
  std::string text;
  bool passed = false;
  bool strict = true;
  std::string measured;
  std::string expression = {};  // of ensure, to judge a merged result again; empty: no such thing
};

// How a run ended.
enum class Ending { kCompleted, kStopped, kIncomplete };

// The neutral result of a run: plain data from which every report is made and which can be stored,
// read again and merged.
struct RunDocument {
  std::string run_id;
  std::string script_name;
  std::string target;
  std::uint64_t seed = 0;
  std::string dialect;
  std::string version;     // of slsart
  core::WallTime started;  // wall time of the start of the run (second 0)
  core::Duration elapsed{};
  Ending ending = Ending::kCompleted;
  bool interrupted = false;  // whoever started it stopped it
  std::uint64_t arrivals_planned = 0;
  std::vector<PhaseInfo> phases;
  std::vector<WorkerInfo> workers;
  Snapshot total;
  std::vector<Window> series;  // in order, without gaps in time only where something happened
  std::vector<Check> checks;
  std::vector<std::string> notes;  // things the reader must know, one sentence each
};

}  // namespace slsart::metrics
