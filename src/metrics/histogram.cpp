// Hot path: see architecture §9
#include "metrics/histogram.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "core/check.h"
#include "metrics/detail/product.h"

namespace slsart::metrics {
namespace {

constexpr std::uint64_t kNarrowMax = std::numeric_limits<std::uint32_t>::max();

// The middle of a bucket: below 2^kSubBucketBits a bucket is one value; above, bucket
// shift * kHalf + top holds the values whose leading bits are `top` and whose other bits are
// `shift`.
std::int64_t midpoint(std::size_t bucket) {
  if (bucket < 2 * Histogram::kHalf) return static_cast<std::int64_t>(bucket);
  const std::size_t shift = bucket / Histogram::kHalf - 1;
  const std::size_t top = bucket - shift * Histogram::kHalf;
  return static_cast<std::int64_t>((std::uint64_t{top} << shift) +
                                   (std::uint64_t{1} << (shift - 1)));
}

template <typename Word>
void grow(std::vector<Word>& counts, std::size_t in_front, std::size_t size) {
  std::vector<Word> grown(size);
  std::copy(counts.begin(), counts.end(), grown.begin() + static_cast<std::ptrdiff_t>(in_front));
  counts = std::move(grown);
}

}  // namespace

Histogram Histogram::make_full_range() {
  Histogram histogram;
  histogram.narrow_.resize(kBuckets);
  return histogram;
}

std::size_t Histogram::bucket_of(std::uint64_t value) {
  constexpr std::uint64_t kExact = 2 * kHalf - 1;
  const auto shift = static_cast<std::size_t>(std::bit_width(value | kExact) - kSubBucketBits);
  return shift * kHalf + static_cast<std::size_t>(value >> shift);
}

void Histogram::record(std::int64_t value, std::uint64_t count) {
  if (count == 0) return;
  const std::int64_t kept = std::clamp<std::int64_t>(value, 0, kMaxValue);
  if (value > kMaxValue) clamped_ += count;
  const std::size_t bucket = bucket_of(static_cast<std::uint64_t>(kept));
  const std::size_t at = bucket - base_;  // wraps around when below base_: not < size either
  if (at < narrow_.size() && count <= kNarrowMax - narrow_[at]) {
    narrow_[at] += static_cast<std::uint32_t>(count);
  } else {
    add_slowly(bucket, count);
  }
  count_ += count;
  min_ = std::min(min_, kept);
  max_ = std::max(max_, kept);
  constexpr std::uint64_t kSmallCount = std::numeric_limits<std::uint64_t>::max() >> kValueBits;
  if (count <= kSmallCount) {
    add_to_sum(static_cast<std::uint64_t>(kept) * count, 0);
  } else {
    const Product product = multiply(static_cast<std::uint64_t>(kept), count);
    add_to_sum(product.low, product.high);
  }
}

void Histogram::add_to_sum(std::uint64_t low, std::uint64_t high) {
  sum_ += low;
  sum_high_ += high + (sum_ < low ? 1 : 0);
}

std::uint64_t Histogram::count_at(std::size_t bucket) const {
  const std::size_t at = bucket - base_;
  if (at < narrow_.size()) return narrow_[at];
  return at < wide_.size() ? wide_[at] : 0;
}

void Histogram::add_slowly(std::size_t bucket, std::uint64_t count) {
  cover(bucket, bucket);
  const std::size_t at = bucket - base_;
  if (wide_.empty()) {
    if (count <= kNarrowMax - narrow_[at]) {
      narrow_[at] += static_cast<std::uint32_t>(count);
      return;
    }
    widen();
  }
  wide_[at] += count;
}

// Makes room for the buckets first..last, in whole doublings so that neighbours come cheaply.
void Histogram::cover(std::size_t first_bucket, std::size_t last_bucket) {
  const std::size_t size = std::max(narrow_.size(), wide_.size());
  std::size_t first = first_bucket / kHalf * kHalf;
  std::size_t end = (last_bucket / kHalf + 1) * kHalf;
  if (size != 0) {
    first = std::min(first, base_);
    end = std::max(end, base_ + size);
    if (first == base_ && end == base_ + size) return;
  }
  const std::size_t in_front = size == 0 ? 0 : base_ - first;
  if (wide_.empty()) {
    grow(narrow_, in_front, end - first);
  } else {
    grow(wide_, in_front, end - first);
  }
  base_ = first;
}

void Histogram::widen() {
  wide_.assign(narrow_.begin(), narrow_.end());
  narrow_ = {};
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  const std::size_t first = bucket_of(static_cast<std::uint64_t>(other.min_));
  const std::size_t last = bucket_of(static_cast<std::uint64_t>(other.max_));
  cover(first, last);
  for (std::size_t bucket = first; bucket <= last; ++bucket) {
    const std::uint64_t count = other.count_at(bucket);
    if (count != 0) add_slowly(bucket, count);
  }
  count_ += other.count_;
  clamped_ += other.clamped_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  add_to_sum(other.sum_, other.sum_high_);
}

void Histogram::clear() {
  if (count_ == 0) return;
  const auto first =
      static_cast<std::ptrdiff_t>(bucket_of(static_cast<std::uint64_t>(min_)) - base_);
  const auto end =
      static_cast<std::ptrdiff_t>(bucket_of(static_cast<std::uint64_t>(max_)) - base_ + 1);
  if (wide_.empty()) {
    std::fill(narrow_.begin() + first, narrow_.begin() + end, 0);
  } else {
    std::fill(wide_.begin() + first, wide_.begin() + end, 0);
  }
  count_ = clamped_ = sum_ = sum_high_ = 0;
  min_ = kMaxValue;
  max_ = 0;
}

double Histogram::mean() const {
  if (count_ == 0) return 0;
  constexpr double kHigh = 18446744073709551616.0;  // 2^64
  return (static_cast<double>(sum_) + static_cast<double>(sum_high_) * kHigh) /
         static_cast<double>(count_);
}

// As Artillery 2 ranks (a DDSketch): the first bucket at which the running count exceeds the rank.
std::int64_t Histogram::quantile(double q) const {
  if (count_ == 0) return 0;
  SLSART_DCHECK(q >= 0 && q <= 1);
  const double rank = q * static_cast<double>(count_ - 1);
  const std::size_t last = bucket_of(static_cast<std::uint64_t>(max_));
  std::uint64_t running = 0;
  for (std::size_t bucket = bucket_of(static_cast<std::uint64_t>(min_)); bucket <= last; ++bucket) {
    running += count_at(bucket);
    if (static_cast<double>(running) > rank) return std::clamp(midpoint(bucket), min_, max_);
  }
  return max_;
}

}  // namespace slsart::metrics
