#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "plan/chunk.h"
#include "plan/flow_bound.h"
#include "plan/schedule.h"
#include "script/script.h"

namespace slsart::plan {

// What the executors of a run can do, and what its user agreed to.
struct PlanOptions {
  // An executor is ended so long after it was started; nothing: it never is (threads of our own).
  std::optional<core::Duration> timeout = std::chrono::seconds(300);
  core::Duration flush = std::chrono::seconds(10);  // it needs to hand in its result
  bool is_confirmed = false;                        // --yes: soft limits do not bind
};

// A stretch of a run whose chunks fire side by side, each a stripe of the same arrivals.
struct Window {
  core::Duration start{};  // since the start of the run
  core::Duration duration{};
  std::vector<ArrivalRange> ranges;  // ascending, never empty
  std::int64_t arrivals = 0;         // in all ranges, at least as many as chunks
  std::int64_t peak = 0;             // users (or paced requests) in the busiest second, rounded up
  std::uint32_t first_chunk = 0;
  std::uint32_t chunks = 1;

  friend bool operator==(const Window&, const Window&) = default;
};

// What is going to happen: data, made before anything starts. Chunks are numbered through window by
// window, so that chunk 0 is the first to start.
struct Plan {
  script::Mode mode = script::Mode::kPerformance;
  script::SplitSettings settings;
  std::vector<Window> windows;  // ascending; they do not overlap, the lives of their executors may
  std::uint32_t chunk_count = 0;
  std::int64_t arrivals = 0;
  std::int64_t peak = 0;           // of all windows
  core::Duration duration{};       // of the phases
  FlowBound tail;                  // how long users of the last second may take
  std::uint32_t most_at_once = 0;  // executors alive at the same time, from their early start on
  std::vector<std::string> notes;  // sentences for people: what is unusual about this plan

  // Requires: index < chunk_count.
  Chunk chunk(std::uint32_t index) const;
};

inline constexpr std::uint32_t kMostChunks = 1'000'000;
inline constexpr core::Duration kShortestWindow = std::chrono::seconds(15);

// Cuts a run into chunks. The union of all chunks' arrivals is the schedule's, each exactly once,
// because chunks are index ranges and stripes of one numbering; nothing is rounded.
//
// - Windows last at most `script.split.max_chunk_duration`, less where an executor would not live
//   long enough for its users (buffer + window + tail + flush <= time-out). They begin at the first
//   arrival that no window has, on a whole second, so stretches in which nobody arrives cost
//   nothing.
// - A window has ceil(peak / max_chunk_rate) chunks, but never more than arrivals, and never more
//   than a `maxVusers` of its phases, which is shared out among them. A phase whose maxVusers is
//   smaller than what its neighbours need has windows of its own.
// - In acceptance and monitoring every scenario has one chunk (sampling_plan.h).
//
// Errors: kLimit above a soft limit without `is_confirmed` (the hint names --yes) or above a hard
// one; kInvalidInput when nobody arrives.
core::Result<Plan> make_plan(const script::Script& script, const Schedule& schedule,
                             const PlanOptions& options = {});

// What a chunk may have at once of a phase's maxVusers: stripe k of n gets the whole part, the
// first stripes one more each. Requires: n <= max_vusers, as make_plan() sees to.
std::int64_t share_of(std::int64_t max_vusers, const Stripe& stripe);

}  // namespace slsart::plan
