#pragma once

#include <cstdint>
#include <vector>

#include "core/time.h"
#include "metrics/document.h"
#include "metrics/packed_snapshot.h"
#include "metrics/recorder.h"
#include "metrics/timeline.h"

namespace slsart::metrics {

// Merges the sealed intervals of all workers into windows and the total. One thread (not a
// worker's).
//
// Memory does not grow with the length of a run: metrics/timeline.h.
//
// Clamped histogram values are counted under "slsart.histogram_clamped".
class Collector {
 public:
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
  // The windows of single seconds within [from, to) that are still fine: what a worker stores of
  // itself meanwhile.
  std::vector<Window> windows(std::int64_t from_second, std::int64_t to_second) const;
  // The newest second of which every worker has sealed something, or -1. Once all workers finished,
  // the newest second in which anything was recorded.
  std::int64_t newest_complete_second() const;

 private:
  Snapshot to_snapshot(const Recorder::Sealed& sealed) const;

  const Registry& registry_;
  std::vector<Recorder*> workers_;
  std::vector<std::int64_t> until_;  // by worker: its seconds before this one are sealed
  std::int64_t wall_second_;         // of second 0, by which the timeline counts
  std::int64_t newest_ = -1;
  Snapshot total_;
  Timeline<PackedSnapshot> timeline_;
};

}  // namespace slsart::metrics
