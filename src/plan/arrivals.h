#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "core/time.h"
#include "script/dialect.h"
#include "script/script.h"

namespace slsart::plan {

namespace detail {

// N(t) = from t + (to - from) t^2 / (2 duration), rates in users per second.
struct Smooth {
  long double from = 0;
  long double to = 0;
  long double duration = 0;  // seconds
  std::int64_t offset = 0;   // 0: due where N = i; 1: due where N = i + 1
};
// Evenly spaced, in exact integers: arrival i at (i + offset) * span / parts.
struct Even {
  std::int64_t span_nanoseconds = 0;
  std::int64_t parts = 1;
  std::int64_t offset = 0;
};
// A number of arrivals for every second, each second spaced by itself.
struct Steps {
  std::vector<std::int64_t> before;  // arrivals before second s; one entry more than seconds
  bool poisson = false;              // positions drawn at random instead of evenly spaced
  std::uint64_t seed = 0;
  std::size_t number = 0;
  core::Duration duration{};
};

}  // namespace detail

// The arrivals of one phase as mathematics: arrival i (0-based) is due at due(i) after the phase's
// start. Never changes once made; any thread. Due times are whole nanoseconds and never decrease.
//
// How many: the integral N(t) of the rate over the phase, rounded down to whole users (a billionth
// of a user is forgiven, because rates are kept in billionths). When: arrival i is due where N(t) =
// i (the default), or where N(t) = i + 1 (Artillery's constant and counted phases, whose first user
// comes one interval after the start).
class PhaseArrivals {
 public:
  // `seed` and `number` (of the phase) choose the stream of a Poisson phase; nothing else uses
  // them.
  PhaseArrivals(const script::Phase& phase, const script::Dialect& dialect, std::uint64_t seed,
                std::size_t number);

  std::int64_t count() const { return count_; }
  // Requires: 0 <= i < count().
  core::Duration due(std::int64_t i) const;
  // The number of arrivals due before t, which is the index of the first one due at t or later.
  std::int64_t index_at(core::Duration t) const;
  // The most that a second between `from` and `to` asks for, rounded up: the highest rate; where
  // seconds have their own numbers (Poisson, ramps in steps) the highest of these.
  std::int64_t peak(core::Duration from, core::Duration to) const;

 private:
  static detail::Steps ramp_steps(const script::Ramp& ramp);
  detail::Steps poisson_steps(std::uint64_t seed, std::size_t number) const;
  core::Duration due_in_steps(const detail::Steps& steps, std::int64_t i) const;

  std::variant<detail::Even, detail::Smooth, detail::Steps> shape_;
  std::int64_t count_ = 0;
  core::Duration duration_{};
};

core::Duration duration_of(const script::Phase& phase);

}  // namespace slsart::plan
