#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/time.h"

namespace slsart::script {

// `mode`: what is planned, and how the result is judged.
enum class Mode { kPerformance, kAcceptance, kMonitoring };

// perf, performance, acc, acceptance, mon or monitoring in any case; nothing for another word.
std::optional<Mode> find_mode(std::string_view name);
// "performance", "acceptance" or "monitoring".
std::string_view name_of(Mode mode);
// Whether each scenario is walked a few times and its errors are counted, instead of the phases.
inline bool is_sampling(Mode mode) {
  return mode != Mode::kPerformance;
}

// Users a second that one function is asked for where the script says nothing. A user with a
// connection of its own over TLS costs about a millisecond of CPU, and a function of 1,024 MB has
// 0.58 of a CPU: this leaves more than half of it idle. To be replaced by what `scripts/bench
// lambda-rate` measures (docs/benchmarks.md).
inline constexpr std::int64_t kChunkRate = 250;

// `_split`: how a run is cut into chunks. Rates are users a second, as the original's "requests".
struct SplitSettings {
  core::Duration max_chunk_duration = std::chrono::seconds(120);
  core::Duration max_script_duration = std::chrono::hours(24);
  std::int64_t max_chunk_rate = kChunkRate;
  std::int64_t max_script_rate = 5000;
  core::Duration time_buffer = std::chrono::seconds(15);  // executors start so long before a window

  friend bool operator==(const SplitSettings&, const SplitSettings&) = default;
};

// What no run may have, whatever it says of itself.
inline constexpr core::Duration kLongestRun = std::chrono::hours(6 * 24);
inline constexpr std::int64_t kHighestRate = 50'000;

// Which answers count as errors though the exchange went well, unless the step matches or expects
// something.
enum class StatusErrors { kNone, k5xx, k4xx };  // k4xx: 400 and above

// `sampling`, with the defaults of the mode filled in.
struct SamplingSettings {
  std::int64_t size = 1;  // users of each scenario
  core::Duration average_pause = std::chrono::milliseconds(200);
  core::Duration pause_variance = std::chrono::milliseconds(100);
  std::int64_t error_budget = 0;  // errors that are still no failure
  double warning_threshold = 0.9;
  StatusErrors status_errors = StatusErrors::k5xx;

  friend bool operator==(const SamplingSettings&, const SamplingSettings&) = default;
};

// A pause between average - variance and average + variance. Requires: 0 <= unit < 1.
core::Duration sampling_pause(const SamplingSettings& sampling, double unit);

}  // namespace slsart::script
