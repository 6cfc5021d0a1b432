#pragma once

#include <cstdint>

namespace slsart::core {

// What a random stream is for. Streams of different purposes never share numbers, so adding a draw
// in one place changes nothing elsewhere. Values are part of the seed: never renumber.
enum class Purpose : std::uint64_t {
  kScenario = 1,   // which scenario an arrival walks through
  kPayload = 2,    // which row of a payload in random order
  kVariables = 3,  // which element of a list in config.variables, and the user's $uuid
  kStep = 4,       // everything drawn while one step of one visit is rendered
  kPoisson = 5,    // arrivals of one second of a Poisson phase
  kThink = 6,      // jitter
  kSampling = 7,   // pauses of acceptance and monitoring
};

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). Eight
// bytes of state, so a user can carry one. Not for secrets.
class Rng {
 public:
  explicit Rng(std::uint64_t state) : state_(state) {}
  std::uint64_t next();
  // Uniform in [0, bound). Requires: bound > 0. Unbiased (Lemire's method with rejection).
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [0, 1), 53 bits.
  double unit();

 private:
  std::uint64_t state_;
};

// The stream of (run seed, arrival index, purpose, detail). `detail` tells the streams of one
// purpose apart (the payload's number; step and visit). Equal arguments give equal streams on every
// machine.
Rng make_rng(std::uint64_t seed, std::uint64_t arrival, Purpose purpose, std::uint64_t detail = 0);

}  // namespace slsart::core
