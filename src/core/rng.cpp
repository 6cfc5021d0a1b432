#include "core/rng.h"

namespace slsart::core {
namespace {

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

__extension__ using Uint128 = unsigned __int128;

}  // namespace

std::uint64_t Rng::next() {
  state_ += kGolden;
  return mix(state_);
}

std::uint64_t Rng::below(std::uint64_t bound) {
  Uint128 product = static_cast<Uint128>(next()) * bound;
  auto low = static_cast<std::uint64_t>(product);
  if (low < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (low < threshold) {
      product = static_cast<Uint128>(next()) * bound;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Rng::unit() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

Rng make_rng(std::uint64_t seed, std::uint64_t arrival, Purpose purpose, std::uint64_t detail) {
  std::uint64_t state = mix(seed + kGolden);
  state = mix(state ^ (arrival + kGolden));
  state = mix(state + static_cast<std::uint64_t>(purpose) * kGolden);
  state = mix(state ^ (detail * kGolden + 1));
  return Rng(state);
}

}  // namespace slsart::core
