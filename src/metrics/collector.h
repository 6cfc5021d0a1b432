#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "metrics/document.h"
#include "metrics/recorder.h"

namespace slsart::metrics {

// Merges the sealed intervals of all workers into windows and the total. One thread (not a worker's).
//
// Memory does not grow with the length of a run: windows are one second wide for the last
// kFineSeconds; older ones are merged into windows of kCoarseSeconds, and those, when there are more
// than kMaxCoarse, pairwise into wider ones.
class Collector {
 public:
  static constexpr std::int64_t kFineSeconds = 120;
  static constexpr std::int64_t kCoarseSeconds = 10;
  static constexpr std::size_t kMaxCoarse = 1000;

  Collector(const Registry& registry, std::vector<Recorder*> workers);

  // Takes what is sealed. Call about once a second, and once more after all workers finished.
  void collect();

  const Snapshot& total() const { return total_; }
  // All windows in order of time: coarse ones, then fine ones. Copies.
  std::vector<Window> series() const;
  // The merge of the windows that begin within [from, to) seconds and are still fine.
  Snapshot between(std::int64_t from_second, std::int64_t to_second) const;
  // The newest second of which every worker has sealed something, or -1.
  std::int64_t newest_complete_second() const;

 private:
  const Registry& registry_;
  std::vector<Recorder*> workers_;
  Snapshot total_;
};

}  // namespace slsart::metrics
