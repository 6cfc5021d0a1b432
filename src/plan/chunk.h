#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/time.h"
#include "plan/schedule.h"

namespace slsart::plan {

// A run of arrivals of one phase: numbers [first, last) of the whole run's count
// (Schedule::Phase::first_arrival is the phase's own 0).
struct ArrivalRange {
  std::size_t phase = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;

  friend bool operator==(const ArrivalRange&, const ArrivalRange&) = default;
};

// The part of a run that one executor fires: of the arrivals in `ranges` those of `stripe`. The
// ranges of a window are whole numbers that the planner computed once, so that executors never
// derive a border from floating point; the chunks of a run take each arrival exactly once. An
// executor of several threads takes stripe k + n*t of n*threads for thread t.
//
// A plain value; travels in the event that starts the executor (docs/run-store.md).
struct Chunk {
  std::uint32_t index = 0;   // of the run's chunks; also the worker's number in documents
  std::uint32_t count = 1;   // chunks of the run
  std::uint32_t window = 0;  // chunks of one window fire at the same time
  core::Duration start{};    // of the window, since the start of the run
  core::Duration duration{};
  std::vector<ArrivalRange> ranges;  // ascending
  Stripe stripe;
  std::optional<std::size_t> scenario;  // all users take this one (sampling); none: by weight

  friend bool operator==(const Chunk&, const Chunk&) = default;
};

}  // namespace slsart::plan
