#include "script/distribution.h"

#include <array>
#include <utility>

#include "core/text.h"

namespace slsart::script {

std::optional<Mode> find_mode(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Mode>, 6> kNames{
      {{"perf", Mode::kPerformance},
       {"performance", Mode::kPerformance},
       {"acc", Mode::kAcceptance},
       {"acceptance", Mode::kAcceptance},
       {"mon", Mode::kMonitoring},
       {"monitoring", Mode::kMonitoring}}};
  for (const auto& [known, mode] : kNames) {
    if (core::equals_ignoring_case(known, name)) return mode;
  }
  return std::nullopt;
}

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::kPerformance:
      return "performance";
    case Mode::kAcceptance:
      return "acceptance";
    case Mode::kMonitoring:
      return "monitoring";
  }
  return {};
}

core::Duration sampling_pause(const SamplingSettings& sampling, double unit) {
  const auto spread = static_cast<double>(2 * sampling.pause_variance.count());
  return sampling.average_pause - sampling.pause_variance +
         core::Duration(static_cast<std::int64_t>(unit * spread));
}

}  // namespace slsart::script
