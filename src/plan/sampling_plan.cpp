#include "plan/sampling_plan.h"

#include <algorithm>

namespace slsart::plan {

Window sampling_window(const script::Script& script, const Schedule& schedule) {
  Window window{.duration = schedule.duration(), .arrivals = schedule.count()};
  for (std::size_t number = 0; number < schedule.phases().size(); ++number) {
    const Schedule::Phase& phase = schedule.phases()[number];
    const std::int64_t last =
        std::min(phase.first_arrival + phase.arrivals.count(), schedule.count());
    if (last <= phase.first_arrival) continue;
    window.ranges.push_back({.phase = number, .first = phase.first_arrival, .last = last});
    window.peak = std::max(window.peak, phase.arrivals.peak({}, phase.duration));
  }
  window.chunks = static_cast<std::uint32_t>(
      std::min(static_cast<std::int64_t>(script.scenarios.size()), window.arrivals));
  return window;
}

}  // namespace slsart::plan
