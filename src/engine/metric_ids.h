#pragma once

#include <array>
#include <vector>

#include "metrics/registry.h"
#include "script/script.h"

namespace slsart::engine {

// The ids of every metric the engine records by itself (docs/reports.md describes them). Names are
// the reference's, ours stand under "slsart.".
struct MetricIds {
  metrics::CounterId created, completed, failed, skipped;
  std::vector<metrics::CounterId> created_by_scenario;  // by scenario number

  metrics::CounterId requests, responses, downloaded_bytes, request_rate;
  metrics::HistogramId response_time;
  std::array<metrics::HistogramId, 6> response_time_by_class;  // [2] is 2xx; [0] is not used
  metrics::HistogramId session_length;
  metrics::HistogramId dns, tcp, tls, total;  // only registered with http.extendedMetrics

  metrics::CounterId apdex_satisfied, apdex_tolerated, apdex_frustrated;

  metrics::HistogramId start_delay;  // start of a user, seen from its due time
  metrics::HistogramId send_delay;   // first byte of a user's first request, seen from its due time
  metrics::HistogramId from_due;     // first byte of the first answer, seen from the due time
  metrics::HistogramId loop_lag;  // how late the loop came to its timers, the worst of each second
  metrics::HistogramId
      connection_wait;        // from a request being ready to a connection being ready for it
  metrics::CounterId missed;  // arrivals too late to be fired
  metrics::CounterId requests_missed;  // of a phase with a requestRate: no user was free
  metrics::CounterId unfinished;       // users that were still under way when the run was stopped
  metrics::CounterId ports_exhausted, descriptors_exhausted, connections_opened;
  metrics::CounterId log_lines_dropped;
};

// Registers them for a script.
MetricIds register_metrics(const script::Script& script, metrics::Registry& registry);

}  // namespace slsart::engine
