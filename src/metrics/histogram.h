#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace slsart::metrics {

// A histogram of durations or plain values in HdrHistogram's layout for two significant digits:
// log-linear buckets, 128 a doubling (256 for the values below 256, which are exact), from 0 to
// kMaxValue. A bucket's midpoint is at most 1/256 away from every value in it. Larger values count
// as kMaxValue and as clamped, negative ones as 0; nothing is ever dropped. Sum, minimum and
// maximum are those of the values themselves, not of buckets. All are integers, so that merging
// gives the same whatever the order.
//
// Units: durations are recorded in nanoseconds, plain values of hooks in millionths. Reports show
// either divided by 10^6: milliseconds, and the plain value.
//
// Memory: only the doublings in use are kept, with 32 bits a bucket until one of them needs more. A
// full-range histogram takes 18 KiB at once and records without allocating.
class Histogram {
 public:
  static constexpr int kSubBucketBits = 8;
  static constexpr int kValueBits = 42;
  static constexpr std::int64_t kMaxValue = (std::int64_t{1} << kValueBits) - 1;  // 73 min in ns
  static constexpr std::size_t kHalf = std::size_t{1} << (kSubBucketBits - 1);
  static constexpr std::size_t kBuckets = kHalf * (kValueBits - kSubBucketBits + 2);

  Histogram() = default;  // takes memory when first recorded into
  static Histogram make_full_range();

  // Hot path.
  void record(std::int64_t value) { record(value, 1); }
  void record(std::int64_t value, std::uint64_t count);
  void merge(const Histogram& other);
  // Back to empty, memory kept. Costs only the stretch between the former minimum and maximum.
  void clear();

  std::uint64_t count() const { return count_; }
  std::uint64_t clamped() const { return clamped_; }
  std::int64_t min() const { return count_ == 0 ? 0 : min_; }  // 0 when empty
  std::int64_t max() const { return max_; }
  double mean() const;  // 0 when empty
  // The value at quantile q of 0..1: the midpoint of the bucket that holds the sample of rank
  // floor(q * (count - 1)), counted from 0, never outside [min, max]. 0 when empty.
  std::int64_t quantile(double q) const;

  // HdrHistogram's V2 encoding with zlib ("HISTFAAAA..." when written in base64), two significant
  // digits, 1 .. kMaxValue, which any HdrHistogram library reads bucket for bucket. All integers
  // are big-endian.
  //
  //   u32 0x1c849314 | u32 length of what follows | zlib(
  //     u32 0x1c849313 | u32 payload length | u32 0 | u32 digits | u64 lowest | u64 highest |
  //     f64 1.0 | payload: ZigZag LEB128 (9 bytes at most): n >= 0 a bucket's count, n < 0 -n empty
  //     ones )
  std::string encode() const;
  // Reads the above and what other encoders write: any number of digits and lowest value,
  // compressed or not. Each bucket goes where its midpoint belongs; sum, minimum and maximum are
  // those of the midpoints, and what was clamped is not known any more. Errors: kInvalidInput for
  // anything else, kLimit for more than a few megabytes.
  static core::Result<Histogram> decode(std::string_view bytes);

  // Appends the histogram as stored documents hold it: everything there is to know of it, in about
  // a byte for each bucket in use. docs/document-format.md has the layout.
  void write_sparse(std::string& out) const;
  // Moves `at` behind what write_sparse() wrote and says how many buckets, empty ones included, it
  // spans. Nothing: `at`..`end` does not begin with that.
  static std::optional<std::size_t> check_sparse(const unsigned char*& at,
                                                 const unsigned char* end);
  // Merges what write_sparse() wrote and moves `at` behind it, without a histogram in between.
  // Requires: check_sparse() found it good.
  void merge_sparse(const unsigned char*& at);

  // The bucket a value of 0 .. kMaxValue belongs to.
  static std::size_t bucket_of(std::uint64_t value);

 private:
  std::uint64_t count_at(std::size_t bucket) const;
  void add_slowly(std::size_t bucket, std::uint64_t count);
  void cover(std::size_t first_bucket, std::size_t last_bucket);
  void widen();
  void add_to_sum(std::uint64_t low, std::uint64_t high);

  std::vector<std::uint32_t> narrow_;  // buckets from base_ on; empty once wide_ is used
  std::vector<std::uint64_t> wide_;
  std::size_t base_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t clamped_ = 0;
  std::uint64_t sum_ = 0;  // of all values, with sum_high_ * 2^64
  std::uint64_t sum_high_ = 0;
  std::int64_t min_ = kMaxValue;
  std::int64_t max_ = 0;
};

}  // namespace slsart::metrics
