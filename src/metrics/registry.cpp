#include "metrics/registry.h"

#include <limits>

#include "core/check.h"

namespace slsart::metrics {

CounterId Registry::counter(std::string_view name) {
  return add(name, Kind::kCounter);
}

CounterId Registry::rate(std::string_view name) {
  return add(name, Kind::kRate);
}

HistogramId Registry::histogram(std::string_view name) {
  SLSART_CHECK(histograms_.size() < std::numeric_limits<std::uint32_t>::max());
  const auto next = static_cast<std::uint32_t>(histograms_.size());
  const auto [entry, is_new] = histogram_ids_.try_emplace(std::string(name), next);
  if (is_new) histograms_.emplace_back(name);
  return {entry->second};
}

CounterId Registry::add(std::string_view name, Kind kind) {
  SLSART_CHECK(counters_.size() < std::numeric_limits<std::uint32_t>::max());
  const auto next = static_cast<std::uint32_t>(counters_.size());
  const auto [entry, is_new] = counter_ids_.try_emplace(std::string(name), next);
  if (is_new) counters_.push_back({std::string(name), kind});
  return {entry->second};
}

}  // namespace slsart::metrics
