#pragma once

#include <cstdint>

namespace slsart::metrics {

// high * 2^64 + low.
struct Product {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  friend bool operator<=(const Product& a, const Product& b) {
    return a.high < b.high || (a.high == b.high && a.low <= b.low);
  }
};

// Exact. By halves of 32 bits: (a1 2^32 + a0) (b1 2^32 + b0); no partial sum below exceeds 64 bits,
// since (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1.
inline Product multiply(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kLow = 0xffffffff;
  const std::uint64_t low = (a & kLow) * (b & kLow);
  const std::uint64_t one = (a >> 32) * (b & kLow) + (low >> 32);
  const std::uint64_t other = (a & kLow) * (b >> 32) + (one & kLow);
  return {.low = other << 32 | (low & kLow),
          .high = (a >> 32) * (b >> 32) + (one >> 32) + (other >> 32)};
}

}  // namespace slsart::metrics
