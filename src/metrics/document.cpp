#include "metrics/document.h"

#include <algorithm>

namespace slsart::metrics {

void Snapshot::merge(const Snapshot& other) {
  for (const auto& [name, value] : other.counters) counters[name] += value;
  for (const auto& [name, value] : other.rates) rates[name] += value;
  for (const auto& [name, histogram] : other.histograms) histograms[name].merge(histogram);
  if (!other.first_event) return;
  first_event = std::min(first_event.value_or(*other.first_event), *other.first_event);
  last_event = std::max(last_event.value_or(*other.last_event), *other.last_event);
}

std::uint64_t Snapshot::counter(std::string_view name) const {
  const auto found = counters.find(name);
  return found == counters.end() ? 0 : found->second;
}

const Histogram* Snapshot::histogram(std::string_view name) const {
  const auto found = histograms.find(name);
  return found == histograms.end() ? nullptr : &found->second;
}

}  // namespace slsart::metrics
