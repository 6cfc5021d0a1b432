// Hot path: see architecture §9
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/time.h"
#include "engine/http/request_plan.h"
#include "metrics/recorder.h"
#include "script/script.h"

namespace slsart::engine {

// What an endpoint is called: "/items/7", ":8081/x" or "other.test/x" where port or host are not
// those of the target, with "(name)" behind. `url` may be a path or an address, its slots filled or
// not; `name` is empty for an unnamed request. Empty: the request has no figures.
// (artillery-plugin-metrics-by-endpoint, calculateBaseUrl and getReqName.)
std::string endpoint_name(const script::EndpointSettings& settings, std::string_view target,
                          std::string_view url, std::string_view name);

// The milliseconds of `total;dur=12.5` in a Server-Timing header; nothing without it.
std::optional<double> server_timing_total(std::string_view header);

// Figures by endpoint, of one worker, on its thread:
//
//   plugins.metrics-by-endpoint.response_time.<endpoint>   first byte, as http.response_time
//   plugins.metrics-by-endpoint.server-timing.<endpoint>   where the server tells it
//   plugins.metrics-by-endpoint.<endpoint>.codes.200
//   plugins.metrics-by-endpoint.<endpoint>.errors.ETIMEDOUT
//
// Names are made when an endpoint, status or error is first seen. At most kMostEndpoints are told
// apart, the others are "_other".
class EndpointMetrics {
 public:
  static constexpr std::size_t kMostEndpoints = 500;

  // Requires: all references outlive this.
  EndpointMetrics(metrics::Recorder& recorder, const script::Script& script)
      : recorder_(recorder), script_(script) {}

  struct Request {
    const RequestPlan& plan;
    const RequestParts& sent;
    std::string_view name;  // rendered; only looked at when urls are not grouped
  };
  void answered(const Request& request, int status, core::Duration response_time,
                std::optional<double> server_timing);
  void failed(const Request& request, std::string_view error);

 private:
  struct Endpoint {
    std::string name;  // empty: no figures
    metrics::HistogramId response_time;
    std::optional<metrics::HistogramId> server_timing;
    std::vector<std::pair<int, metrics::CounterId>> codes;
  };
  Endpoint& endpoint_of(const Request& request);
  Endpoint& named(std::string name);

  metrics::Recorder& recorder_;
  const script::Script& script_;
  std::vector<Endpoint*> by_request_;  // grouped: by request number
  std::unordered_map<std::string, std::unique_ptr<Endpoint>> by_name_;
};

}  // namespace slsart::engine
