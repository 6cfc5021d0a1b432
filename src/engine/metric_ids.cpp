#include "engine/metric_ids.h"

#include <string>

namespace slsart::engine {

MetricIds register_metrics(const script::Script& script, metrics::Registry& registry) {
  MetricIds ids;
  ids.created = registry.counter("vusers.created");
  ids.completed = registry.counter("vusers.completed");
  ids.failed = registry.counter("vusers.failed");
  ids.skipped = registry.counter("vusers.skipped");
  for (std::size_t i = 0; i < script.scenarios.size(); ++i) {
    const std::string& name = script.scenarios[i].name;
    ids.created_by_scenario.push_back(
        registry.counter("vusers.created_by_name." + (name.empty() ? std::to_string(i) : name)));
  }
  ids.requests = registry.counter("http.requests");
  ids.responses = registry.counter("http.responses");
  ids.downloaded_bytes = registry.counter("http.downloaded_bytes");
  ids.request_rate = registry.rate("http.request_rate");
  ids.response_time = registry.histogram("http.response_time");
  for (std::size_t digit = 1; digit < ids.response_time_by_class.size(); ++digit) {
    ids.response_time_by_class[digit] =
        registry.histogram("http.response_time." + std::to_string(digit) + "xx");
  }
  ids.session_length = registry.histogram("vusers.session_length");
  if (script.config.http.extended_metrics) {
    ids.dns = registry.histogram("http.dns");
    ids.tcp = registry.histogram("http.tcp");
    ids.tls = registry.histogram("http.tls");
    ids.total = registry.histogram("http.total");
  }
  if (script.config.apdex.is_on) {
    ids.apdex_satisfied = registry.counter("apdex.satisfied");
    ids.apdex_tolerated = registry.counter("apdex.tolerated");
    ids.apdex_frustrated = registry.counter("apdex.frustrated");
  }
  ids.start_delay = registry.histogram("slsart.start_delay");
  ids.send_delay = registry.histogram("slsart.send_delay");
  ids.from_due = registry.histogram("slsart.response_time_from_due");
  ids.loop_lag = registry.histogram("slsart.loop_lag");
  ids.connection_wait = registry.histogram("slsart.connection_wait");
  ids.requests_missed = registry.counter("slsart.requests_missed");
  ids.missed = registry.counter("slsart.arrivals_missed");
  ids.unfinished = registry.counter("slsart.users_unfinished");
  ids.ports_exhausted = registry.counter("slsart.local_ports_exhausted");
  ids.descriptors_exhausted = registry.counter("slsart.descriptors_exhausted");
  ids.connections_opened = registry.counter("slsart.connections_opened");
  ids.log_lines_dropped = registry.counter("slsart.log_lines_dropped");
  return ids;
}

}  // namespace slsart::engine
