#pragma once

#include <cstdint>
#include <vector>

#include "core/time.h"
#include "plan/arrivals.h"
#include "script/script.h"

namespace slsart::plan {

// All arrivals of a script, phase after phase, numbered through from 0. Never changes; any thread.
class Schedule {
 public:
  struct Phase {
    core::Duration start{};  // since the start of the run
    core::Duration duration{};
    std::int64_t first_arrival = 0;  // number of its arrival 0 in the whole run
    PhaseArrivals arrivals;
  };
  Schedule(const script::Script& script, std::uint64_t seed);

  const std::vector<Phase>& phases() const { return phases_; }
  // Arrivals in all; fewer than the phases have where a payload ends them (`atEnd: stop`).
  std::int64_t count() const { return count_; }
  core::Duration duration() const { return duration_; }
  // How many of them start a user; the others are requests of phases with a requestRate.
  std::int64_t users() const { return users_; }

 private:
  std::vector<Phase> phases_;
  std::int64_t count_ = 0;
  std::int64_t users_ = 0;
  core::Duration duration_{};
};

// Which arrivals a worker takes: those whose number i has i mod n == k.
struct Stripe {
  std::int64_t k = 0;
  std::int64_t n = 1;

  friend bool operator==(const Stripe&, const Stripe&) = default;
};

// Walks through the arrivals of a stripe in order of time. One thread; must not outlive its
// schedule.
class ArrivalCursor {
 public:
  ArrivalCursor(const Schedule& schedule, Stripe stripe);

  bool at_end() const { return phase_ == schedule_->phases().size(); }
  // Requires for the rest: !at_end().
  std::int64_t index() const { return index_; }
  core::Duration due() const { return due_; }  // since the start of the run
  std::size_t phase() const { return phase_; }
  void next();

 private:
  void settle();  // moves on to the phase that holds index_ and computes due_

  const Schedule* schedule_;
  std::int64_t step_;
  std::size_t phase_ = 0;
  std::int64_t index_ = 0;
  core::Duration due_{};
};

}  // namespace slsart::plan
