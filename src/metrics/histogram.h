#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace slsart::metrics {

// A histogram of durations or plain values in HdrHistogram's layout: log-linear buckets with 256
// sub-buckets a doubling, from 1 unit to kMaxValue, relative error at most 1/256. Values above are put
// into the last bucket and counted as clamped; nothing is ever dropped. Sum, minimum and maximum are
// exact. Counts are 32 bits wide while recording and 64 bits wide when merged.
//
// Units: durations are recorded in nanoseconds. Plain values of hooks are recorded in millionths.
class Histogram {
 public:
  static constexpr int kSubBucketBits = 8;
  static constexpr std::int64_t kMaxValue = (std::int64_t{1} << 42) - 1;  // 73 minutes in nanoseconds

  Histogram();

  // Hot path. Negative values count as 0.
  void record(std::int64_t value) { record(value, 1); }
  void record(std::int64_t value, std::uint64_t count);
  void merge(const Histogram& other);
  void clear();

  std::uint64_t count() const;
  std::uint64_t clamped() const;
  std::int64_t min() const;  // 0 when empty
  std::int64_t max() const;
  double mean() const;
  // The value at quantile q of 0..1: the midpoint of the bucket that holds the sample of rank
  // q * (count - 1), never outside [min, max]. 0 when empty.
  std::int64_t quantile(double q) const;

  // HdrHistogram's V2 encoding with zlib ("HISTFAAAA..." when written in base64): cookie, payload of
  // ZigZag LEB128 counts. Any HdrHistogram library reads it.
  std::string encode() const;
  static core::Result<Histogram> decode(std::string_view bytes);

 private:
  // implementation by the room
  std::vector<std::uint64_t> counts_;
};

}  // namespace slsart::metrics
