// The due time of an arrival, computed from its index.
#include <benchmark/benchmark.h>

#include "plan/arrivals.h"

namespace slsart::plan {
namespace {

using namespace std::chrono_literals;

constexpr script::Rate per_second(std::int64_t users) {
  return script::Rate{users * 1'000'000'000};
}

void Due(benchmark::State& state, const script::Phase& phase) {
  const PhaseArrivals arrivals(phase, script::Dialect{}, 1, 0);
  std::int64_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(arrivals.due(i));
    if (++i == arrivals.count()) i = 0;
  }
}

void DueConstant(benchmark::State& state) {
  Due(state, {.load = script::Constant{per_second(20'000), 60s}});
}
void DueRamp(benchmark::State& state) {
  Due(state, {.load = script::Ramp{per_second(1), per_second(20'000), 60s}});
}
BENCHMARK(DueConstant);
BENCHMARK(DueRamp);

}  // namespace
}  // namespace slsart::plan
