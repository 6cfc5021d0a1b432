#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/time.h"
#include "metrics/document.h"
#include "metrics/recorder.h"

namespace slsart::metrics {

// Merges the sealed intervals of all workers into windows and the total. One thread (not a
// worker's).
//
// Memory does not grow with the length of a run: windows are one second wide for the last
// kFineSeconds; older ones are merged into windows of kCoarseSeconds, and those, when there are
// more than kMaxCoarse, pairwise into wider ones.
//
// Clamped histogram values are counted under "slsart.histogram_clamped".
class Collector {
 public:
  static constexpr std::int64_t kFineSeconds = 120;
  static constexpr std::int64_t kCoarseSeconds = 10;
  static constexpr std::size_t kMaxCoarse = 1000;

  // Requires: registry and recorders outlive the collector. Coarse windows begin at whole multiples
  // of their width of the wall clock that shows `run_start` at second 0, so that a report by the
  // wall clock finds its slices; the default lets them begin at multiples since the start.
  Collector(const Registry& registry, std::vector<Recorder*> workers,
            core::WallTime run_start = core::WallTime{});

  // Takes what is sealed. Call about once a second, and once more after all workers finished.
  void collect();

  const Snapshot& total() const { return total_; }
  // All windows in order of time: coarse ones, then fine ones. Copies.
  std::vector<Window> series() const;
  // The merge of the windows that begin within [from, to) seconds and are still fine.
  Snapshot between(std::int64_t from_second, std::int64_t to_second) const;
  // The newest second of which every worker has sealed something, or -1. Once all workers finished,
  // the newest second in which anything was recorded.
  std::int64_t newest_complete_second() const;

 private:
  Snapshot to_snapshot(const Recorder::Sealed& sealed) const;
  void add(std::int64_t second, const Snapshot& snapshot);
  void age();
  void add_coarse(std::int64_t second, const Snapshot& snapshot);
  void widen_coarse();

  const Registry& registry_;
  std::vector<Recorder*> workers_;
  std::vector<std::int64_t> until_;  // by worker: its seconds before this one are sealed
  std::int64_t wall_second_;         // of second 0, where coarse windows are measured from
  std::int64_t coarse_width_ = kCoarseSeconds;
  std::int64_t newest_ = -1;
  Snapshot total_;
  std::map<std::int64_t, Snapshot> fine_;    // by second
  std::map<std::int64_t, Snapshot> coarse_;  // by multiple of coarse_width_ of the wall clock
};

}  // namespace slsart::metrics
