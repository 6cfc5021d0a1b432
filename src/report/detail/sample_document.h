#pragma once

#include <cstdlib>
#include <ctime>
#include <string>

#include "metrics/document.h"

// For this room's tests only: small results with known figures.
namespace slsart::report {

// Local time is UTC for the rest of the process, whatever the machine says.
inline void use_time_zone(const char* zone) {
  setenv("TZ", zone, 1);
  tzset();
}

inline metrics::Snapshot make_second(std::int64_t second, std::uint64_t requests) {
  metrics::Snapshot snapshot;
  snapshot.counters["vusers.created"] = requests / 2;
  snapshot.counters["vusers.created_by_name.browse"] = requests / 2;
  snapshot.counters["vusers.completed"] = requests / 2;
  snapshot.counters["http.requests"] = requests;
  snapshot.counters["http.responses"] = requests - 1;
  snapshot.counters["http.codes.200"] = requests - 2;
  snapshot.counters["http.codes.503"] = 1;
  snapshot.counters["http.downloaded_bytes"] = requests * 512;
  snapshot.counters["errors.ETIMEDOUT"] = 1;
  snapshot.counters["slsart.connections_opened"] = requests / 2;
  snapshot.rates["http.request_rate"] = requests;
  for (std::uint64_t i = 0; i + 1 < requests; ++i) {
    const auto nanoseconds = static_cast<std::int64_t>(2'000'000 + 350'000 * i);
    snapshot.histograms["http.response_time"].record(nanoseconds);
    snapshot.histograms["slsart.response_time_from_due"].record(nanoseconds + 900'000);
  }
  for (std::uint64_t i = 0; i < requests / 2; ++i) {
    snapshot.histograms["vusers.session_length"].record(25'400'000);
    snapshot.histograms["slsart.start_delay"].record(60'000 + static_cast<std::int64_t>(i) * 1000);
  }
  snapshot.histograms["slsart.loop_lag"].record(40'000);
  snapshot.first_event = std::chrono::seconds(second) + std::chrono::milliseconds(105);
  snapshot.last_event = std::chrono::seconds(second) + std::chrono::milliseconds(905);
  return snapshot;
}

// Three busy seconds (0, 4, 17) of a run that began at 2026-11-22T03:52:05.250Z.
inline metrics::RunDocument make_document() {
  metrics::RunDocument document;
  document.run_id = "r-1";
  document.script_name = "shop.yml";
  document.target = "http://shop.test";
  document.seed = 18446744073709551615u;
  document.dialect = "slsart";
  document.version = "0.1.0";
  document.started = core::WallTime(std::chrono::milliseconds(1795319525250));
  document.elapsed = std::chrono::milliseconds(18000);
  document.arrivals_planned = 30;
  core::Value written;
  written.set("duration", 18);
  written.set("arrivalCount", 30);
  document.phases.push_back({.name = "steady",
                             .index = 0,
                             .start = {},
                             .duration = std::chrono::seconds(18),
                             .written = written});
  document.workers.push_back(
      {.index = 0, .cpu = std::chrono::milliseconds(900), .elapsed = std::chrono::seconds(18)});
  for (const std::int64_t second : {0, 4, 17}) {
    document.series.push_back({second, second + 1, make_second(second, 20)});
    document.total.merge(document.series.back().snapshot);
  }
  document.checks.push_back(
      {.text = "http.response_time.p99 < 500", .passed = true, .strict = true, .measured = "8.3"});
  document.notes.push_back("Ramps follow the exact curve of the rate.");
  return document;
}

// The same with everything going wrong, and names and texts that must not reach a terminal as they
// are.
inline metrics::RunDocument make_bad_document() {
  metrics::RunDocument document = make_document();
  document.ending = metrics::Ending::kStopped;
  document.elapsed = std::chrono::seconds(65);
  auto& counters = document.total.counters;
  counters
      ["errors.bad \x1b[31mred\x07 \xc2\x9b"
       "31m\xff " +
       std::string(90, 'y')] = 2;
  counters["slsart.arrivals_missed"] = 12;
  counters["slsart.users_unfinished"] = 3;
  counters["slsart.ended.timeout"] = 4;
  counters["slsart.local_ports_exhausted"] = 1;
  counters["slsart.histogram_clamped"] = 5;
  for (int i = 0; i < 20; ++i) {
    document.total.histograms["slsart.start_delay"].record(34'512'000);
    document.total.histograms["slsart.loop_lag"].record(20'000'000);
  }
  document.workers.push_back({.index = 1,
                              .cpu = std::chrono::milliseconds(17500),
                              .elapsed = std::chrono::seconds(18),
                              .arrivals_missed = 12});
  document.checks.push_back({.text = "p95 < 5\x1b[2J", .passed = false});
  document.notes.push_back("line\nbreak");
  return document;
}

}  // namespace slsart::report
