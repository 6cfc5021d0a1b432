#include "metrics/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace slsart::metrics {
namespace {

constexpr double kQuantiles[] = {0, 0.001, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1};

// Samples spread evenly over the doublings below 2^bits.
std::vector<std::int64_t> make_samples(std::size_t count, int bits, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> exponent(0, bits);
  std::vector<std::int64_t> samples;
  for (std::size_t i = 0; i < count; ++i) {
    samples.push_back(static_cast<std::int64_t>(std::exp2(exponent(random))));
  }
  return samples;
}

Histogram make_histogram(const std::vector<std::int64_t>& samples) {
  Histogram histogram;
  for (const std::int64_t sample : samples) histogram.record(sample);
  return histogram;
}

void expect_equal(const Histogram& a, const Histogram& b) {
  EXPECT_EQ(a.count(), b.count());
  EXPECT_EQ(a.clamped(), b.clamped());
  EXPECT_EQ(a.min(), b.min());
  EXPECT_EQ(a.max(), b.max());
  EXPECT_DOUBLE_EQ(a.mean(), b.mean());
  EXPECT_EQ(a.encode(), b.encode());
}

TEST(Histogram, IsAllZeroWhenEmpty) {
  const Histogram empty;
  EXPECT_EQ(empty.count(), 0u);
  EXPECT_EQ(empty.min(), 0);
  EXPECT_EQ(empty.max(), 0);
  EXPECT_EQ(empty.mean(), 0);
  EXPECT_EQ(empty.quantile(0.5), 0);
}

TEST(Histogram, BucketsAreContiguousAndEndAtTheLargestValue) {
  EXPECT_EQ(Histogram::bucket_of(0), 0u);
  EXPECT_EQ(Histogram::bucket_of(255), 255u);
  EXPECT_EQ(Histogram::bucket_of(256), 256u);
  EXPECT_EQ(Histogram::bucket_of(257), 256u);
  for (int bit = 8; bit < Histogram::kValueBits; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    EXPECT_EQ(Histogram::bucket_of(power - 1) + 1, Histogram::bucket_of(power)) << bit;
  }
  EXPECT_EQ(Histogram::bucket_of(Histogram::kMaxValue), Histogram::kBuckets - 1);
  EXPECT_EQ(Histogram::kBuckets, 4608u);
}

TEST(Histogram, SmallValuesAreExact) {
  for (std::int64_t value = 0; value < 256; ++value) {
    Histogram histogram;
    histogram.record(0);
    histogram.record(value);
    histogram.record(100000);
    EXPECT_EQ(histogram.quantile(0.5), value);
  }
}

TEST(Histogram, QuantilesAreWithinOneIn256OfTheSortedSamples) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::vector<std::int64_t> samples =
        make_samples(1 + seed * 97, 8 + static_cast<int>(seed), seed);
    for (std::int64_t& sample : samples) sample = std::min(sample, Histogram::kMaxValue);
    const Histogram histogram = make_histogram(samples);
    std::sort(samples.begin(), samples.end());
    for (const double q : kQuantiles) {
      const auto rank = static_cast<std::size_t>(q * static_cast<double>(samples.size() - 1));
      const auto exact = static_cast<double>(samples[rank]);
      EXPECT_NEAR(static_cast<double>(histogram.quantile(q)), exact, exact / 256 + 1);
    }
    EXPECT_EQ(histogram.min(), samples.front());
    EXPECT_EQ(histogram.max(), samples.back());
    double sum = 0;
    for (const std::int64_t sample : samples) sum += static_cast<double>(sample);
    EXPECT_NEAR(histogram.mean(), sum / static_cast<double>(samples.size()), 1e-6 * sum);
  }
}

TEST(Histogram, QuantileTakesTheSampleOfTheFlooredRankNotTheNextOne) {
  // 2, 4, 4, 6, 14: Artillery 2 reports p99 = 6 (its corpus script 1).
  const Histogram histogram = make_histogram({14, 2, 4, 6, 4});
  EXPECT_EQ(histogram.quantile(0.99), 6);
  EXPECT_EQ(histogram.quantile(0.5), 4);
  EXPECT_EQ(histogram.quantile(1), 14);
}

TEST(Histogram, QuantileNeverLeavesTheRangeOfTheSamples) {
  const Histogram histogram = make_histogram({1000001, 1000001});
  EXPECT_EQ(histogram.quantile(0), 1000001);
  EXPECT_EQ(histogram.quantile(1), 1000001);
}

TEST(Histogram, MergeEqualsRecordingEverythingIntoOne) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const auto left = make_samples(seed * 50, 20, seed);
    const auto right = make_samples(seed * 31, 41, seed + 100);
    Histogram merged = make_histogram(left);
    merged.merge(make_histogram(right));
    std::vector<std::int64_t> all = left;
    all.insert(all.end(), right.begin(), right.end());
    expect_equal(merged, make_histogram(all));
  }
}

TEST(Histogram, MergingAnEmptyOneChangesNothing) {
  Histogram histogram = make_histogram({5, 7000});
  histogram.merge(Histogram());
  expect_equal(histogram, make_histogram({5, 7000}));
  Histogram empty;
  empty.merge(histogram);
  expect_equal(empty, histogram);
}

TEST(Histogram, CountsBeyond32BitsSurviveRecordingAndMerging) {
  constexpr std::uint64_t kMany = (std::uint64_t{1} << 32) - 1;
  Histogram histogram = Histogram::make_full_range();
  histogram.record(1000, kMany);
  histogram.record(1000);
  histogram.record(5);
  Histogram merged;
  merged.record(1000, kMany);
  merged.merge(histogram);
  EXPECT_EQ(histogram.count(), kMany + 2);
  EXPECT_EQ(merged.count(), 2 * kMany + 2);
  EXPECT_NEAR(merged.mean(), 1000, 1e-3);
  EXPECT_EQ(merged.quantile(0), 5);
  EXPECT_EQ(merged.quantile(1), 1000);
}

TEST(Histogram, TheSumDoesNotOverflow) {
  Histogram histogram;
  histogram.record(Histogram::kMaxValue, 3);
  histogram.record(Histogram::kMaxValue, std::uint64_t{1} << 40);
  for (int i = 0; i < 10; ++i) histogram.record(Histogram::kMaxValue, std::uint64_t{1} << 20);
  EXPECT_NEAR(histogram.mean() / static_cast<double>(Histogram::kMaxValue), 1, 1e-12);
}

TEST(Histogram, ValuesAboveTheRangeAreClampedAndCounted) {
  Histogram histogram;
  histogram.record(Histogram::kMaxValue);
  histogram.record(Histogram::kMaxValue + 1);
  histogram.record(std::numeric_limits<std::int64_t>::max(), 2);
  EXPECT_EQ(histogram.count(), 4u);
  EXPECT_EQ(histogram.clamped(), 3u);
  EXPECT_EQ(histogram.max(), Histogram::kMaxValue);
}

TEST(Histogram, NegativeValuesCountAsZero) {
  const Histogram histogram = make_histogram({-1, std::numeric_limits<std::int64_t>::min()});
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_EQ(histogram.clamped(), 0u);
}

TEST(Histogram, ClearLeavesNothingBehind) {
  for (Histogram histogram : {Histogram(), Histogram::make_full_range()}) {
    histogram.record(3);
    histogram.record(Histogram::kMaxValue + 7);
    histogram.record(70000, std::uint64_t{1} << 33);
    histogram.clear();
    expect_equal(histogram, Histogram());
    histogram.record(42);
    expect_equal(histogram, make_histogram({42}));
  }
}

TEST(Histogram, SparseFormIsAsTheManualShowsIt) {
  Histogram histogram;
  histogram.record(5, 3);
  histogram.record(9);
  histogram.record(10, 4);
  std::string bytes;
  histogram.write_sparse(bytes);
  EXPECT_EQ(bytes, std::string("\x08\x05\x05\x00\x40\x00\x02\x30\x03", 9));
}

TEST(Histogram, SumsStayExactBeyond64Bits) {
  constexpr std::int64_t kLarge = Histogram::kMaxValue;
  Histogram one, many;
  one.record(kLarge, std::uint64_t{1} << 40);
  one.record(1, 7);
  many.record(1, 7);
  for (int i = 0; i < 1024; ++i) {
    Histogram part;
    part.record(kLarge, std::uint64_t{1} << 30);
    many.merge(part);
  }
  std::string a, b;
  one.write_sparse(a);
  many.write_sparse(b);
  EXPECT_EQ(a, b);
  EXPECT_NEAR(many.mean(), static_cast<double>(kLarge), 30);
}

}  // namespace
}  // namespace slsart::metrics
