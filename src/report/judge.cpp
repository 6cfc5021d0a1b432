#include <algorithm>
#include <cmath>

#include "report/console.h"
#include "report/detail/text.h"

namespace slsart::report {
namespace {

// Rounded up, so that "within" holds.
std::string milliseconds_up(std::int64_t nanoseconds) {
  return fixed(std::ceil(static_cast<double>(nanoseconds) / 1e5) / 10, 1) + " ms";
}

std::int64_t p99_of(const metrics::RunDocument& document, std::string_view name) {
  const metrics::Histogram* histogram = document.total.histogram(name);
  return histogram == nullptr ? 0 : histogram->quantile(0.99);
}

std::string counted(std::uint64_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::vector<std::string> reasons_against(const metrics::RunDocument& document) {
  const metrics::Snapshot& total = document.total;
  std::vector<std::string> reasons;
  if (const auto missed = total.counter("slsart.arrivals_missed"); missed > 0) {
    reasons.push_back(counted(missed, "arrival was", "arrivals were") + " missed");
  }
  if (const auto count = total.counter("slsart.local_ports_exhausted"); count > 0) {
    reasons.push_back("local ports ran out " + counted(count, "time", "times"));
  }
  if (const auto count = total.counter("slsart.descriptors_exhausted"); count > 0) {
    reasons.push_back("file descriptors ran out " + counted(count, "time", "times"));
  }
  if (const auto p99 = p99_of(document, "slsart.start_delay"); p99 > KeptUp::kTolerated.count()) {
    reasons.push_back("1 % of the users started " + milliseconds_up(p99) + " or more late");
  }
  if (const auto p99 = p99_of(document, "slsart.loop_lag"); p99 > KeptUp::kTolerated.count()) {
    reasons.push_back("its loop lagged by " + milliseconds_up(p99) +
                      " or more in 1 % of its passes");
  }
  return reasons;
}

// The worker with the largest share, if that is large enough to be the cause.
std::string busiest_worker(const metrics::RunDocument& document) {
  double largest = 0;
  std::uint32_t index = 0;
  for (const metrics::WorkerInfo& worker : document.workers) {
    if (worker.elapsed <= core::Duration::zero()) continue;
    const double share = core::to_seconds(worker.cpu) / core::to_seconds(worker.elapsed);
    if (share <= largest) continue;
    largest = share;
    index = worker.index;
  }
  if (largest < KeptUp::kBusy) return {};
  return "; worker " + std::to_string(index) + " was busy " + fixed(largest * 100, 0) +
         " % of the time";
}

}  // namespace

KeptUp judge_generator(const metrics::RunDocument& document) {
  const std::vector<std::string> reasons = reasons_against(document);
  if (reasons.empty()) {
    const metrics::Histogram* delay = document.total.histogram("slsart.start_delay");
    if (delay == nullptr || delay->count() == 0) {
      return {.kept_up = true, .sentence = "The generator kept up: no user was due."};
    }
    return {.kept_up = true,
            .sentence = "The generator kept up: 99 % of the users started within " +
                        milliseconds_up(delay->quantile(0.99)) + " of their due time."};
  }
  std::string sentence = "The generator did not keep up: ";
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (i > 0) sentence += i + 1 == reasons.size() ? " and " : ", ";
    sentence += reasons[i];
  }
  sentence += busiest_worker(document);
  sentence += "; the latencies above include its own delay.";
  return {.kept_up = false, .sentence = sentence};
}

}  // namespace slsart::report
