// worker_documents FOLDER COUNT SECONDS: writes the stored documents of COUNT workers of one run,
// as 00000.slsart and so on: SECONDS windows of a second each, in each 12 counters and 3 histograms
// of 25 to 500 log-normal samples. The measurements of kDistinct workers are made; the others
// repeat those, under a worker number of their own. Prints how many samples of http.response_time
// there are in all, their sum in nanoseconds, and the size of the documents in bytes.
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "core/text.h"
#include "metrics/stored_document.h"

namespace {

using namespace slsart;

constexpr std::uint32_t kDistinct = 500;
constexpr const char* kCounters[] = {
    "errors.ECONNRESET", "errors.ETIMEDOUT", "http.codes.200",
    "http.codes.404",    "http.codes.503",   "http.downloaded_bytes",
    "http.requests",     "http.responses",   "slsart.connections_opened",
    "vusers.completed",  "vusers.created",   "vusers.created_by_name.browse"};
constexpr const char* kHistograms[] = {"http.response_time", "slsart.start_delay",
                                       "vusers.session_length"};

struct Sums {
  std::uint64_t samples = 0;
  std::uint64_t nanoseconds = 0;
};

metrics::RunDocument make(std::uint32_t seed, std::int64_t seconds, Sums& sums) {
  std::mt19937_64 random(seed);
  metrics::RunDocument document;
  document.run_id = "tbench";
  document.script_name = "bench.yml";
  document.target = "http://127.0.0.1:1";
  document.dialect = "slsart";
  document.version = "0.1.0";
  document.started = core::WallTime(std::chrono::seconds(1795319525));
  document.elapsed = std::chrono::seconds(seconds);
  document.workers.push_back(
      {.index = 0, .cpu = std::chrono::seconds(1), .elapsed = document.elapsed});
  // A place of its own for every worker, a second with its own spread.
  std::normal_distribution<double> place(16.8, 0.4);  // e^16.8 ns: 20 ms
  const double centre = place(random);
  for (std::int64_t second = 0; second < seconds; ++second) {
    metrics::Snapshot snapshot;
    for (const char* name : kCounters) snapshot.counters[name] = 1 + random() % 5000;
    for (const char* name : kHistograms) {
      metrics::Histogram& histogram = snapshot.histograms[name];
      const bool is_latency = name == kHistograms[0];
      std::lognormal_distribution<double> values(centre - (name == kHistograms[1] ? 6 : 0), 0.5);
      for (std::uint64_t left = 25 + random() % 476; left > 0; --left) {
        const auto value = static_cast<std::int64_t>(values(random));
        histogram.record(value);
        if (is_latency) {
          ++sums.samples;
          sums.nanoseconds += static_cast<std::uint64_t>(value);
        }
      }
    }
    snapshot.first_event = std::chrono::seconds(second) + std::chrono::milliseconds(3);
    snapshot.last_event = std::chrono::seconds(second) + std::chrono::milliseconds(997);
    document.series.push_back({second, second + 1, std::move(snapshot)});
  }
  return document;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string folder = argv[1];
  const auto count = static_cast<std::uint32_t>(std::atoi(argv[2]));
  const std::int64_t seconds = std::atoi(argv[3]);
  Sums total;
  std::uint64_t bytes = 0;
  for (std::uint32_t seed = 0; seed < std::min(count, kDistinct); ++seed) {
    Sums sums;
    const metrics::RunDocument document = make(seed, seconds, sums);
    for (std::uint32_t worker = seed; worker < count; worker += kDistinct) {
      const auto stored = metrics::encode_document(document, {.worker = worker, .workers = count});
      char name[32];
      std::snprintf(name, sizeof name, "/%05u.slsart", worker);
      if (!stored || !core::write_file(folder + name, *stored)) return 1;
      bytes += stored->size();
      total.samples += sums.samples;
      total.nanoseconds += sums.nanoseconds;
    }
  }
  std::printf("%llu %llu %llu\n", static_cast<unsigned long long>(total.samples),
              static_cast<unsigned long long>(total.nanoseconds),
              static_cast<unsigned long long>(bytes));
  return 0;
}
