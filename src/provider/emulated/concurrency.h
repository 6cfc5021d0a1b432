#pragma once

#include <cstdint>
#include <optional>

#include "core/time.h"

namespace slsart::provider::emulated {

// How many invocations of the function may run at a time and how quickly new execution environments
// may be made, by Lambda's rules: the function's reserved concurrency, else what the account has
// left for functions without one; 1,000 new environments per 10 s and function, refilled
// continuously and not saved up. Pure.
class Concurrency {
 public:
  static constexpr std::uint32_t kMustStayUnreserved = 100;

  struct Limits {
    std::uint32_t account = 1000;
    std::optional<std::uint32_t> reserved;  // 0: nothing starts
    std::uint32_t per_ten_s = 1000;
  };
  enum class Verdict { kStarts, kReservedLimit, kAccountLimit, kScalingLimit };

  Concurrency(Limits limits, core::TimePoint now);
  void set_limits(Limits limits) { limits_ = limits; }
  const Limits& limits() const { return limits_; }

  // Counts the invocation when it may start. `needs_environment`: none is idle.
  Verdict start(core::TimePoint now, bool needs_environment);
  void end() { --active_; }
  std::uint32_t active() const { return active_; }
  // What may run at the same time.
  std::uint32_t at_once() const;

 private:
  Limits limits_;
  std::uint32_t active_ = 0;
  std::int64_t tokens_micro_ = 0;  // of new environments, in millionths
  core::TimePoint refilled_;
};

}  // namespace slsart::provider::emulated
