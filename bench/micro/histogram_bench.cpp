// Recording, merging and reading a histogram of response times.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>

#include "metrics/histogram.h"

namespace slsart::metrics {
namespace {

std::vector<std::int64_t> log_normal_times() {
  std::mt19937_64 random(1);
  std::normal_distribution<> normal;
  std::vector<std::int64_t> values(4096);
  for (auto& value : values)
    value = static_cast<std::int64_t>(5e6 * std::exp(0.5 * normal(random)));
  return values;
}

Histogram filled() {
  Histogram histogram = Histogram::make_full_range();
  for (const std::int64_t value : log_normal_times()) histogram.record(value);
  return histogram;
}

void HistogramRecord(benchmark::State& state) {
  const auto values = log_normal_times();
  Histogram histogram = Histogram::make_full_range();
  std::size_t i = 0;
  for (auto _ : state) histogram.record(values[i++ & 4095]);
  benchmark::DoNotOptimize(histogram.count());
}
BENCHMARK(HistogramRecord);

void HistogramMerge(benchmark::State& state) {
  const Histogram one = filled();
  Histogram sum = Histogram::make_full_range();
  for (auto _ : state) sum.merge(one);
  benchmark::DoNotOptimize(sum.count());
}
BENCHMARK(HistogramMerge);

void HistogramQuantile(benchmark::State& state) {
  const Histogram one = filled();
  for (auto _ : state) benchmark::DoNotOptimize(one.quantile(0.99));
}
BENCHMARK(HistogramQuantile);

void HistogramEncode(benchmark::State& state) {
  const Histogram one = filled();
  for (auto _ : state) benchmark::DoNotOptimize(one.encode());
}
BENCHMARK(HistogramEncode);

}  // namespace
}  // namespace slsart::metrics
