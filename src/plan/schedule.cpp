#include "plan/schedule.h"

#include <algorithm>

#include "core/check.h"

namespace slsart::plan {

Schedule::Schedule(const script::Script& script, std::uint64_t seed) {
  for (std::size_t number = 0; number < script.config.phases.size(); ++number) {
    const script::Phase& phase = script.config.phases[number];
    phases_.push_back({.start = duration_,
                       .duration = duration_of(phase),
                       .first_arrival = count_,
                       .arrivals = PhaseArrivals(phase, script.dialect, seed, number)});
    count_ += phases_.back().arrivals.count();
    if (!phase.paces_requests) users_ += phases_.back().arrivals.count();
    duration_ += phases_.back().duration;
  }
  const auto rows = script.config.first_without_row(expr::AtEnd::kStop);
  if (rows) count_ = std::min(count_, *rows);
  users_ = std::min(users_, count_);
}

ArrivalCursor::ArrivalCursor(const Schedule& schedule, Stripe stripe)
    : schedule_(&schedule), step_(stripe.n), index_(stripe.k) {
  SLSART_CHECK(stripe.n > 0 && stripe.k >= 0 && stripe.k < stripe.n);
  settle();
}

void ArrivalCursor::next() {
  index_ += step_;
  settle();
}

void ArrivalCursor::settle() {
  const auto& phases = schedule_->phases();
  if (index_ >= schedule_->count()) phase_ = phases.size();
  while (phase_ < phases.size() &&
         index_ >= phases[phase_].first_arrival + phases[phase_].arrivals.count()) {
    ++phase_;
  }
  if (at_end()) return;
  const Schedule::Phase& phase = phases[phase_];
  due_ = phase.start + phase.arrivals.due(index_ - phase.first_arrival);
}

}  // namespace slsart::plan
