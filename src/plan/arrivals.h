#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/time.h"
#include "script/dialect.h"
#include "script/script.h"

namespace slsart::plan {

// The arrivals of one phase as mathematics: arrival i (0-based) is due at due(i) after the phase's
// start. Immutable, any thread. Times are exact to the nanosecond and never decrease with i.
class PhaseArrivals {
 public:
  virtual ~PhaseArrivals() = default;
  virtual std::int64_t count() const = 0;
  // Requires: 0 <= i < count().
  virtual core::Duration due(std::int64_t i) const = 0;
  // The number of arrivals due before t: the smallest i with due(i) >= t.
  std::int64_t index_at(core::Duration t) const;
};

// `seed` and `number` (of the phase) choose the stream of a Poisson phase.
std::unique_ptr<const PhaseArrivals> make_arrivals(const script::Phase& phase, const script::Dialect& dialect,
                                                   std::uint64_t seed, std::size_t number);

core::Duration duration_of(const script::Phase& phase);

}  // namespace slsart::plan
