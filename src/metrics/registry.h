#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace slsart::metrics {

// What a metric is. A rate is a counter that reports show per second.
enum class Kind : std::uint8_t { kCounter, kRate, kHistogram };

// Index of a counter or rate, of a histogram. Only meaningful with the registry that made it.
struct CounterId {
  std::uint32_t index = 0;
};
struct HistogramId {
  std::uint32_t index = 0;
};

// Every metric name that can be known before a run starts. Filled by one thread, then only read.
// Asking for a name again gives the same id; a name stays what it was first, counter or rate.
class Registry {
 public:
  CounterId counter(std::string_view name);
  CounterId rate(std::string_view name);
  HistogramId histogram(std::string_view name);

  struct CounterInfo {
    std::string name;
    Kind kind;
  };
  const std::vector<CounterInfo>& counters() const { return counters_; }
  const std::vector<std::string>& histograms() const { return histograms_; }

 private:
  CounterId add(std::string_view name, Kind kind);
  std::vector<CounterInfo> counters_;
  std::vector<std::string> histograms_;
  std::unordered_map<std::string, std::uint32_t> counter_ids_;
  std::unordered_map<std::string, std::uint32_t> histogram_ids_;
};

}  // namespace slsart::metrics
