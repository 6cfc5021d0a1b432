#include "metrics/packed_snapshot.h"

#include <gtest/gtest.h>

#include "core/rng.h"

namespace slsart::metrics {
namespace {

Snapshot random_snapshot(core::Rng& rng) {
  Snapshot snapshot;
  for (std::uint64_t i = rng.below(6); i > 0; --i) {
    snapshot.counters["counter " + std::to_string(rng.below(9))] += rng.below(1u << 30);
    snapshot.rates["rate " + std::to_string(rng.below(3))] += 1 + rng.below(1000);
    Histogram& histogram = snapshot.histograms["histogram " + std::to_string(rng.below(4))];
    for (std::uint64_t k = rng.below(50); k > 0; --k) {
      histogram.record(static_cast<std::int64_t>(rng.below(1ull << rng.below(44))));
    }
  }
  if (rng.below(4) > 0) {
    snapshot.first_event = core::Duration(rng.below(1000));
    snapshot.last_event = core::Duration(1000 + static_cast<std::int64_t>(rng.below(1000)));
  }
  return snapshot;
}

void expect_equal(const Snapshot& a, const Snapshot& b) {
  EXPECT_EQ(a.counters, b.counters);
  EXPECT_EQ(a.rates, b.rates);
  EXPECT_EQ(a.first_event, b.first_event);
  EXPECT_EQ(a.last_event, b.last_event);
  ASSERT_EQ(a.histograms.size(), b.histograms.size());
  for (const auto& [name, histogram] : a.histograms) {
    const Histogram* other = b.histogram(name);
    ASSERT_NE(other, nullptr) << name;
    EXPECT_EQ(histogram.encode(), other->encode());
    EXPECT_EQ(histogram.clamped(), other->clamped());
    EXPECT_EQ(histogram.min(), other->min());
    EXPECT_EQ(histogram.max(), other->max());
    EXPECT_EQ(histogram.mean(), other->mean());
  }
}

TEST(PackedSnapshot, MergesAsTheSnapshotsThemselvesDo) {
  core::Rng rng = core::make_rng(5, 0, core::Purpose::kScenario);
  for (int round = 0; round < 200; ++round) {
    Snapshot plain;
    PackedSnapshot packed;
    for (std::uint64_t i = rng.below(4); i > 0; --i) {
      const Snapshot one = random_snapshot(rng);
      plain.merge(one);
      packed.merge(one);
    }
    PackedSnapshot copy;
    copy.merge(packed);
    expect_equal(packed.unpack(), plain);
    expect_equal(copy.unpack(), plain);
  }
}

}  // namespace
}  // namespace slsart::metrics
