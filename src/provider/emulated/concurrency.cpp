#include "provider/emulated/concurrency.h"

#include <algorithm>

namespace slsart::provider::emulated {
namespace {

constexpr std::int64_t kOne = 1'000'000;

}  // namespace

Concurrency::Concurrency(Limits limits, core::TimePoint now)
    : limits_(limits), tokens_micro_(limits.per_ten_s * kOne), refilled_(now) {}

std::uint32_t Concurrency::at_once() const {
  return limits_.reserved ? *limits_.reserved : limits_.account;
}

Concurrency::Verdict Concurrency::start(core::TimePoint now, bool needs_environment) {
  if (active_ >= at_once()) {
    return limits_.reserved ? Verdict::kReservedLimit : Verdict::kAccountLimit;
  }
  if (needs_environment) {
    const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now - refilled_);
    refilled_ += passed;  // the rest of a microsecond counts next time
    // Per microsecond per_ten_s / 10^7 environments.
    const std::int64_t most = limits_.per_ten_s * kOne;
    const std::int64_t longest = 10'000'000;
    const std::int64_t gained =
        std::min<std::int64_t>(passed.count(), longest) * limits_.per_ten_s / 10;
    tokens_micro_ = std::min(most, tokens_micro_ + gained);
    if (tokens_micro_ < kOne) return Verdict::kScalingLimit;
    tokens_micro_ -= kOne;
  }
  ++active_;
  return Verdict::kStarts;
}

}  // namespace slsart::provider::emulated
