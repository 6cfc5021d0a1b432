// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <vector>

#include "core/value.h"
#include "metrics/recorder.h"

namespace slsart::engine {

// Records what functions emit. The process numbers its metrics and tells each name once; frames
// then hold sums and samples (hooks/frame.h). Whatever has another shape is passed over.
class HookMetrics {
 public:
  // Requires: the recorder outlives this.
  explicit HookMetrics(metrics::Recorder& recorder) : recorder_(recorder) {}

  void take(const core::Value& frame);
  // Another process numbers anew.
  void clear() { metrics_.clear(); }

 private:
  struct Metric {
    enum class Kind { kUnknown, kCounter, kHistogram };
    Kind kind = Kind::kUnknown;
    std::uint32_t index = 0;
  };
  void take_names(const core::Value& list);
  void take_counts(const core::Value& list);
  void take_samples(const core::Value& list);

  metrics::Recorder& recorder_;
  std::vector<Metric> metrics_;
};

}  // namespace slsart::engine
