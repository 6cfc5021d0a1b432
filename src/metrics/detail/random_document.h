#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "metrics/stored_document.h"

// For this room's tests only: documents with everything in them, made from a seed.
namespace slsart::metrics {

using Random = std::mt19937_64;

inline std::uint64_t below(Random& random, std::uint64_t end) {
  return random() % end;
}

// Exponentially distributed, from one to so many bits: every size of number is met.
inline std::uint64_t any_size(Random& random, int bits) {
  return random() >> (64 - 1 - below(random, static_cast<std::uint64_t>(bits)));
}

inline Histogram make_histogram(Random& random) {
  Histogram histogram;
  switch (below(random, 4)) {
    case 0:  // a few anywhere, some beyond the end
      for (std::uint64_t i = below(random, 6); i > 0; --i) {
        histogram.record(static_cast<std::int64_t>(any_size(random, 44)));
      }
      break;
    case 1:  // one value, often
      histogram.record(static_cast<std::int64_t>(any_size(random, 40)), 1 + any_size(random, 45));
      break;
    default: {  // latencies
      std::lognormal_distribution<double> latency(16, 0.1 * static_cast<double>(below(random, 20)));
      for (std::uint64_t i = below(random, 400); i > 0; --i) {
        histogram.record(static_cast<std::int64_t>(latency(random)));
      }
    }
  }
  return histogram;
}

inline Snapshot make_snapshot(Random& random, std::int64_t from, std::int64_t to) {
  static const std::vector<std::string> kNames = {
      "http.requests", "vusers.created", "errors.\x01 \xc3\xa9", "", "slsart.other", "a", "b"};
  Snapshot snapshot;
  for (std::uint64_t i = below(random, 5); i > 0; --i) {
    snapshot.counters[kNames[below(random, kNames.size())]] = any_size(random, 50);
    snapshot.rates[kNames[below(random, kNames.size())]] = any_size(random, 30);
  }
  for (std::uint64_t i = below(random, 3); i > 0; --i) {
    snapshot.histograms[kNames[below(random, kNames.size())]].merge(make_histogram(random));
  }
  if (below(random, 4) > 0) {
    const std::uint64_t width = static_cast<std::uint64_t>(to - from) * 1'000'000'000;
    const auto first = static_cast<std::int64_t>(below(random, width));
    snapshot.first_event = from * core::kSecond + core::Duration(first);
    snapshot.last_event = *snapshot.first_event +
                          core::Duration(below(random, width - static_cast<std::uint64_t>(first)));
  }
  return snapshot;
}

// `seconds` windows of a second at most, with gaps, from `from` on.
inline std::vector<Window> make_series(Random& random, std::int64_t from, std::int64_t seconds) {
  std::vector<Window> series;
  for (std::int64_t second = from; second < from + seconds; ++second) {
    if (below(random, 5) == 0) continue;
    series.push_back({second, second + 1, make_snapshot(random, second, second + 1)});
  }
  return series;
}

inline void set_series(std::vector<Window> series, RunDocument& document) {
  document.series = std::move(series);
  document.total = {};
  for (const Window& window : document.series) document.total.merge(window.snapshot);
}

// Without a series.
inline RunDocument make_head(Random& random) {
  RunDocument document;
  document.run_id = "t1";
  document.script_name = "a script.yml";
  document.target = "http://127.0.0.1:1";
  document.seed = ~std::uint64_t{0};
  document.dialect = "slsart";
  document.version = "0.1.0";
  document.started = core::WallTime(std::chrono::milliseconds(1795319525250));
  document.elapsed = core::Duration(any_size(random, 50));
  document.ending = static_cast<Ending>(below(random, 3));
  document.interrupted = below(random, 2) == 0;
  document.arrivals_planned = any_size(random, 60);
  document.phases.push_back({.name = "warm up",
                             .index = 0,
                             .start = {},
                             .duration = core::kSecond,
                             .written = core::Value::make_object({{"duration", 1}, {"x", 0.5}})});
  document.phases.push_back({.name = "", .index = 1, .start = core::kSecond});
  for (std::uint32_t i = 0; i < below(random, 4); ++i) {
    document.workers.push_back({.index = i,
                                .cpu = core::Duration(any_size(random, 40)),
                                .elapsed = core::Duration(any_size(random, 40)),
                                .arrivals_missed = any_size(random, 64)});
  }
  document.checks.push_back({.text = "p99 < 5",
                             .passed = below(random, 2) == 0,
                             .strict = false,
                             .measured = {},
                             .expression = "http.response_time.p99 < 5"});
  document.checks.push_back({.text = "max < 9", .passed = true, .measured = "7"});
  if (below(random, 2) == 0) document.notes = {"One.", "Two.", "One."};
  return document;
}

inline RunDocument make_document(Random& random) {
  RunDocument document = make_head(random);
  std::vector<Window> series;
  // Aligned to tens of the wall clock, as a collector's are.
  const std::int64_t aligned = 10 - 1795319525 % 10;
  std::int64_t from = aligned;
  // Within Timeline::kFineSeconds in all, so that the windows stay as wide as they are.
  for (std::uint64_t i = below(random, 3); i > 0; --i, from += 10) {
    series.push_back({from, from + 10, make_snapshot(random, from, from + 10)});
  }
  for (Window& window : make_series(random, from, static_cast<std::int64_t>(below(random, 40)))) {
    series.push_back(std::move(window));
  }
  set_series(std::move(series), document);
  return document;
}

// Equal texts: equal documents, totals included.
inline std::string fingerprint(const RunDocument& document) {
  RunDocument total;
  total.series.push_back({0, 1, document.total});
  return encode_document(document, {}).value() + encode_document(total, {}).value();
}

}  // namespace slsart::metrics
