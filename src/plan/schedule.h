#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/time.h"
#include "plan/arrivals.h"
#include "script/script.h"

namespace slsart::plan {

// All arrivals of a script, phase after phase, numbered through from 0. Immutable, any thread.
class Schedule {
 public:
  struct Phase {
    core::Duration start{};     // since the start of the run
    core::Duration duration{};
    std::int64_t first_arrival = 0;  // global index of its arrival 0
    std::int64_t count = 0;
    std::unique_ptr<const PhaseArrivals> arrivals;
  };
  Schedule(const script::Script& script, std::uint64_t seed);

  const std::vector<Phase>& phases() const { return phases_; }
  std::int64_t count() const { return count_; }
  core::Duration duration() const { return duration_; }

 private:
  std::vector<Phase> phases_;
  std::int64_t count_ = 0;
  core::Duration duration_{};
};

// Which arrivals a worker takes: those whose global index i has i mod n == k.
struct Stripe {
  std::int64_t k = 0;
  std::int64_t n = 1;
};

// Walks through the arrivals of a stripe in order of time.
class ArrivalCursor {
 public:
  // Requires: the schedule outlives the cursor.
  ArrivalCursor(const Schedule& schedule, Stripe stripe);

  bool at_end() const { return phase_ == schedule_->phases().size(); }
  // Requires for the rest: !at_end().
  std::int64_t index() const { return index_; }  // global
  core::Duration due() const { return due_; }    // since the start of the run
  std::size_t phase() const { return phase_; }
  void next();

 private:
  void settle();
  const Schedule* schedule_;
  Stripe stripe_;
  std::size_t phase_ = 0;
  std::int64_t index_ = 0;
  core::Duration due_{};
};

}  // namespace slsart::plan
