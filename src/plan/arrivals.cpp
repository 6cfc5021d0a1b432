#include "plan/arrivals.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/rng.h"

namespace slsart::plan {

using detail::Even;
using detail::Smooth;
using detail::Steps;

namespace {

__extension__ using Int128 = __int128;

constexpr std::int64_t kNano = 1'000'000'000;

// Users of a rate over a time, rounded down after forgiving a billionth.
std::int64_t users_of(Int128 nano_nano) {
  return static_cast<std::int64_t>((nano_nano + kNano) / (static_cast<Int128>(kNano) * kNano));
}

// A sample of the Poisson distribution. Knuth's product method in pieces of at most 30, whose means
// add up, because exp(-mean) of a large mean underflows; linear in the mean, paid once a second of
// load.
std::int64_t draw_poisson(double mean, core::Rng& rng) {
  std::int64_t drawn = 0;
  while (mean > 0) {
    const double piece = std::min(mean, 30.0);
    mean -= piece;
    const double limit = std::exp(-piece);
    for (double product = rng.unit(); product > limit; product *= rng.unit()) ++drawn;
  }
  return drawn;
}

}  // namespace

core::Duration duration_of(const script::Phase& phase) {
  return std::visit([](const auto& load) { return load.duration; }, phase.load);
}

PhaseArrivals::PhaseArrivals(const script::Phase& phase, const script::Dialect& dialect,
                             std::uint64_t seed, std::size_t number)
    : duration_(duration_of(phase)) {
  const std::int64_t offset =
      dialect.first_arrival == script::FirstArrival::kAfterOneInterval ? 1 : 0;
  if (const auto* constant = std::get_if<script::Constant>(&phase.load)) {
    count_ = users_of(static_cast<Int128>(constant->rate.nano_per_second) * duration_.count());
    // i / rate seconds = i * 10^18 / nano-rate nanoseconds; span/parts keeps that fraction exact.
    const auto rate = static_cast<long double>(constant->rate.nano_per_second) / kNano;
    shape_ = Smooth{rate, rate, static_cast<long double>(duration_.count()) / kNano, offset};
    if (constant->rate.nano_per_second > 0 && constant->rate.nano_per_second % kNano == 0) {
      shape_ = Even{kNano, constant->rate.nano_per_second / kNano, offset};
    }
  } else if (const auto* counted = std::get_if<script::Count>(&phase.load)) {
    count_ = counted->arrivals;
    shape_ = Even{duration_.count(), std::max<std::int64_t>(1, count_), offset};
  } else if (const auto* ramp = std::get_if<script::Ramp>(&phase.load)) {
    count_ = users_of((static_cast<Int128>(ramp->from.nano_per_second) + ramp->to.nano_per_second) *
                      duration_.count() / 2);
    shape_ = Smooth{static_cast<long double>(ramp->from.nano_per_second) / kNano,
                    static_cast<long double>(ramp->to.nano_per_second) / kNano,
                    static_cast<long double>(duration_.count()) / kNano, 0};
    if (dialect.ramp == script::RampShape::kSecondSteps) {
      shape_ = ramp_steps(*ramp);
      count_ = std::get<Steps>(shape_).before.back();
    }
  }
  if (phase.mode == script::ArrivalMode::kPoisson && count_ > 0) {
    Steps steps = poisson_steps(seed, number);
    count_ = steps.before.back();
    shape_ = std::move(steps);
  }
}

// Artillery 2: second i of a ramp gets floor(from + i (to - from) / (seconds - 1)) users, so that
// the first second has `from` and the last `to`; a ramp of one second gets the mean of both.
Steps PhaseArrivals::ramp_steps(const script::Ramp& ramp) {
  const std::int64_t seconds =
      std::max<std::int64_t>(1, (ramp.duration.count() + kNano - 1) / kNano);
  Steps steps{.before = {0}, .duration = ramp.duration};
  const std::int64_t difference = ramp.to.nano_per_second - ramp.from.nano_per_second;
  for (std::int64_t i = 0; i < seconds; ++i) {
    const std::int64_t nano =
        seconds == 1
            ? ramp.from.nano_per_second + difference / 2
            : ramp.from.nano_per_second +
                  static_cast<std::int64_t>(static_cast<Int128>(difference) * i / (seconds - 1));
    steps.before.push_back(steps.before.back() + nano / kNano);
  }
  return steps;
}

// Each second's number is drawn around the integral of the rate over that second, from the stream
// of (seed, phase, second): any worker can compute any second, so splitting changes nothing.
Steps PhaseArrivals::poisson_steps(std::uint64_t seed, std::size_t number) const {
  const std::int64_t seconds = (duration_.count() + kNano - 1) / kNano;
  Steps steps{
      .before = {0}, .poisson = true, .seed = seed, .number = number, .duration = duration_};
  const auto users_until = [this](long double t) -> long double {
    if (const auto* smooth = std::get_if<Smooth>(&shape_)) {
      return smooth->from * t + (smooth->to - smooth->from) * t * t / (2 * smooth->duration);
    }
    if (const auto* even = std::get_if<Even>(&shape_)) {
      return t * kNano * static_cast<long double>(even->parts) /
             static_cast<long double>(even->span_nanoseconds);
    }
    return static_cast<long double>(index_at(core::Duration(static_cast<std::int64_t>(t * kNano))));
  };
  const long double end = static_cast<long double>(duration_.count()) / kNano;
  for (std::int64_t second = 0; second < seconds; ++second) {
    const auto from = static_cast<long double>(second);
    const long double mean = users_until(std::min(from + 1, end)) - users_until(from);
    core::Rng rng =
        core::make_rng(seed, static_cast<std::uint64_t>(second), core::Purpose::kPoisson, number);
    steps.before.push_back(steps.before.back() + draw_poisson(static_cast<double>(mean), rng));
  }
  return steps;
}

core::Duration PhaseArrivals::due_in_steps(const Steps& steps, std::int64_t i) const {
  const auto after = std::upper_bound(steps.before.begin(), steps.before.end(), i);
  const auto second = static_cast<std::int64_t>(after - steps.before.begin()) - 1;
  const std::int64_t first = steps.before[static_cast<std::size_t>(second)];
  const std::int64_t in_second = *after - first;
  const std::int64_t width = std::min(kNano, steps.duration.count() - second * kNano);
  if (!steps.poisson) {
    // Spaced evenly, the first one gap after the second began.
    const std::int64_t at =
        static_cast<std::int64_t>(static_cast<Int128>(width) * (i - first + 1) / in_second);
    return core::Duration(second * kNano + at);
  }
  // The (i - first)-th smallest of `in_second` uniform positions. Drawn anew for each question:
  // workers ask in order, so the last second is remembered.
  struct Drawn {
    std::uint64_t seed = 0;
    std::size_t number = 0;
    std::int64_t second = -1, width = 0;
    std::vector<std::int64_t> positions;
  };
  thread_local Drawn drawn;
  const bool known = drawn.seed == steps.seed && drawn.number == steps.number &&
                     drawn.second == second && drawn.width == width &&
                     drawn.positions.size() == static_cast<std::size_t>(in_second);
  if (!known) {
    core::Rng rng = core::make_rng(steps.seed, static_cast<std::uint64_t>(second),
                                   core::Purpose::kPoisson, steps.number ^ 0x8000000000000000ULL);
    drawn = {steps.seed, steps.number, second, width, {}};
    for (std::int64_t k = 0; k < in_second; ++k) {
      drawn.positions.push_back(
          static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(width))));
    }
    std::sort(drawn.positions.begin(), drawn.positions.end());
  }
  return core::Duration(second * kNano + drawn.positions[static_cast<std::size_t>(i - first)]);
}

core::Duration PhaseArrivals::due(std::int64_t i) const {
  SLSART_DCHECK(i >= 0 && i < count_);
  if (const auto* even = std::get_if<Even>(&shape_)) {
    return core::Duration(static_cast<std::int64_t>(static_cast<Int128>(i + even->offset) *
                                                    even->span_nanoseconds / even->parts));
  }
  if (const auto* steps = std::get_if<Steps>(&shape_)) return due_in_steps(*steps, i);

  // N(t) = from t + a t^2 / 2 with a = (to - from) / duration. N(t) = n is solved by
  //   t = 2 n / (from + sqrt(from^2 + 2 a n)),
  // the form without cancellation, which also covers a = 0. Under the root stands the square of the
  // rate at t, so it cannot be negative within the phase but for rounding. 64 bits of mantissa
  // leave an error far below a nanosecond; a millionth is forgiven so that arrivals due on a whole
  // second do not fall into the one before.
  const Smooth& smooth = std::get<Smooth>(shape_);
  const auto n = static_cast<long double>(i + smooth.offset);
  if (n == 0) return core::Duration(0);
  const long double a = (smooth.to - smooth.from) / smooth.duration;
  const long double root = std::sqrt(std::max(0.0L, smooth.from * smooth.from + 2 * a * n));
  const long double t = 2 * n / (smooth.from + root);
  const auto nanoseconds = static_cast<std::int64_t>(std::floor(t * kNano + 1e-6L));
  return std::min(core::Duration(nanoseconds), duration_);
}

std::int64_t PhaseArrivals::peak(core::Duration from, core::Duration to) const {
  if (count_ == 0 || to <= from) return 0;
  if (const auto* even = std::get_if<Even>(&shape_)) {
    const Int128 nano_rate = static_cast<Int128>(even->parts) * kNano;
    return static_cast<std::int64_t>((nano_rate + even->span_nanoseconds - 1) /
                                     even->span_nanoseconds);
  }
  if (const auto* smooth = std::get_if<Smooth>(&shape_)) {
    const auto rate_at = [&](core::Duration t) {
      const long double share = static_cast<long double>(t.count()) / kNano / smooth->duration;
      return smooth->from + (smooth->to - smooth->from) * std::min(1.0L, share);
    };
    // Rates have nine decimal places; what is smaller comes from the division.
    return static_cast<std::int64_t>(std::ceil(std::max(rate_at(from), rate_at(to)) - 1e-10L));
  }
  const Steps& steps = std::get<Steps>(shape_);
  const auto seconds = static_cast<std::int64_t>(steps.before.size()) - 1;
  const std::int64_t end = std::min(seconds, (to.count() + kNano - 1) / kNano);
  std::int64_t most = 0;
  for (std::int64_t second = from.count() / kNano; second < end; ++second) {
    const auto s = static_cast<std::size_t>(second);
    most = std::max(most, steps.before[s + 1] - steps.before[s]);
  }
  return most;
}

std::int64_t PhaseArrivals::index_at(core::Duration t) const {
  std::int64_t low = 0;
  std::int64_t high = count_;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (due(middle) < t)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace slsart::plan
