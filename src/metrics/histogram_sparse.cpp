#include <algorithm>
#include <limits>
#include <utility>

#include "metrics/detail/bytes.h"
#include "metrics/detail/product.h"
#include "metrics/histogram.h"

// Layout: docs/document-format.md. One byte holds both the distance to the bucket before and the
// count, because with the few hundred samples of a second most are small; it also squeezes better
// than two streams of bytes.

namespace slsart::metrics {
namespace {

constexpr unsigned kEscape = 15;  // the number is not in the byte but follows, less this
constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 56;

void put_entry(std::uint64_t gap, std::uint64_t count, std::string& out) {
  const std::uint64_t high = gap < kEscape ? gap : kEscape;
  const std::uint64_t low = count - 1 < kEscape ? count - 1 : kEscape;
  out.push_back(static_cast<char>(static_cast<unsigned char>(high << 4 | low)));
  if (high == kEscape) put_varint(gap - kEscape, out);
  if (low == kEscape) put_varint(count - 1 - kEscape, out);
}

// Requires: checked before.
std::uint64_t trusted_varint(const unsigned char*& at) {
  std::uint64_t value = *at & 0x7f;
  for (int shift = 7; *at++ >= 0x80; shift += 7) value |= std::uint64_t{*at & 0x7fu} << shift;
  return value;
}

// The entries up to bucket `last`, counted from the first. Requires: checked before.
template <typename Word>
void add_entries(Word* counts, std::size_t last, const unsigned char*& at) {
  const unsigned char* from = at;
  for (std::size_t bucket = 0;; ++bucket) {
    const unsigned entry = *from++;
    std::size_t gap = entry >> 4;
    std::uint64_t count = entry & 15;
    if (gap == kEscape) [[unlikely]]
      gap += trusted_varint(from);
    if (count == kEscape) [[unlikely]]
      count += trusted_varint(from);
    bucket += gap;
    counts[bucket] += static_cast<Word>(count + 1);
    if (bucket == last) break;
  }
  at = from;
}

// Whether `count` samples in the buckets 0..last follow. Counts in bytes cannot overflow the sum:
// there are at most kBuckets of them.
bool entries_are_good(ByteReader& reader, std::uint64_t last, std::uint64_t count) {
  const unsigned char* at = reader.at;
  if (at == reader.end || *at >> 4 != 0) return false;  // the first bucket is in use
  std::uint64_t sum = 0;
  std::uint64_t bucket = 0;
  for (;; ++bucket) {
    if (at == reader.end) return false;
    const unsigned entry = *at++;
    std::uint64_t gap = entry >> 4;
    std::uint64_t more = entry & 15;
    if (gap == kEscape || more == kEscape) [[unlikely]] {
      reader.at = at;
      if (gap == kEscape) gap += reader.varint_at_most(Histogram::kBuckets);
      if (more == kEscape) more += reader.varint_at_most(kMaxCount);
      if (reader.failed || sum > count || more > count - sum) return false;
      at = reader.at;
    }
    bucket += gap;
    sum += more + 1;
    if (bucket >= last) break;
  }
  reader.at = at;
  return bucket == last && sum == count;
}

}  // namespace

void Histogram::write_sparse(std::string& out) const {
  put_varint(count_, out);
  if (count_ == 0) return;
  put_varint(static_cast<std::uint64_t>(min_), out);
  put_varint(static_cast<std::uint64_t>(max_ - min_), out);
  put_varint(clamped_, out);
  put_varint(sum_, out);
  put_varint(sum_high_, out);
  const std::size_t last = bucket_of(static_cast<std::uint64_t>(max_));
  std::uint64_t gap = 0;
  for (std::size_t bucket = bucket_of(static_cast<std::uint64_t>(min_)); bucket <= last; ++bucket) {
    const std::uint64_t count = count_at(bucket);
    if (count != 0) put_entry(std::exchange(gap, 0), count, out);
    if (count == 0) ++gap;
  }
}

std::optional<std::size_t> Histogram::check_sparse(const unsigned char*& at,
                                                   const unsigned char* end) {
  ByteReader reader(at, end);
  const std::uint64_t count = reader.varint_at_most(kMaxCount);
  std::size_t span = 0;
  if (count != 0) {
    const std::uint64_t min = reader.varint_at_most(kMaxValue);
    const std::uint64_t max = min + reader.varint_at_most(kMaxValue - min);
    reader.varint_at_most(count);  // clamped
    Product sum{.low = reader.varint(), .high = 0};
    sum.high = reader.varint();
    if (reader.failed || !(multiply(min, count) <= sum) || !(sum <= multiply(max, count))) {
      return std::nullopt;
    }
    const std::size_t last = bucket_of(max) - bucket_of(min);
    if (!entries_are_good(reader, last, count)) return std::nullopt;
    span = last + 1;
  }
  if (reader.failed) return std::nullopt;
  at = reader.at;
  return span;
}

void Histogram::merge_sparse(const unsigned char*& at) {
  const std::uint64_t count = trusted_varint(at);
  if (count == 0) return;
  const std::uint64_t min = trusted_varint(at);
  const std::uint64_t max = min + trusted_varint(at);
  clamped_ += trusted_varint(at);
  const std::uint64_t low = trusted_varint(at);
  add_to_sum(low, trusted_varint(at));
  const std::size_t first = bucket_of(min);
  const std::size_t last = bucket_of(max) - first;
  cover(first, first + last);
  // No bucket holds more than the total, so one look spares one at every bucket.
  constexpr std::uint64_t kNarrowMax = std::numeric_limits<std::uint32_t>::max();
  count_ += count;
  if (wide_.empty() && count_ > kNarrowMax) widen();
  if (wide_.empty()) {
    add_entries(narrow_.data() + (first - base_), last, at);
  } else {
    add_entries(wide_.data() + (first - base_), last, at);
  }
  min_ = std::min(min_, static_cast<std::int64_t>(min));
  max_ = std::max(max_, static_cast<std::int64_t>(max));
}

}  // namespace slsart::metrics
