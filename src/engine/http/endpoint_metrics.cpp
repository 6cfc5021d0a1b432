// Hot path: see architecture §9
#include "engine/http/endpoint_metrics.h"

#include <algorithm>

#include "core/text.h"

namespace slsart::engine {
namespace {

constexpr std::string_view kOther = "_other";

struct Address {
  std::string_view host;
  std::string_view port;
  std::string_view path;  // with its query
};

// Lenient: slots may stand anywhere.
Address split_address(std::string_view url) {
  Address address;
  const std::size_t scheme = url.find("://");
  if (!url.starts_with('/') && scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
    const std::size_t end = std::min(url.find_first_of("/?#"), url.size());
    std::string_view authority = url.substr(0, end);
    url.remove_prefix(end);
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
      authority.remove_prefix(at + 1);
    }
    const std::size_t colon = authority.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
    address.host = authority.substr(0, colon);
    if (!has_port) address.host = authority;
    if (has_port) address.port = authority.substr(colon + 1);
  }
  address.path = url.substr(0, url.find('#'));
  if (address.path.empty()) address.path = "/";
  return address;
}

// Escapes that are none leave the text as it is.
std::string decoded(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    const auto is_hex = [&](std::size_t i) {
      return i < text.size() &&
             std::string_view("0123456789abcdefABCDEF").find(text[i]) != std::string_view::npos;
    };
    if (!is_hex(at + 1) || !is_hex(at + 2)) return std::string(text);
  }
  return percent_decoded(text);
}

}  // namespace

std::string endpoint_name(const script::EndpointSettings& settings, std::string_view target,
                          std::string_view url, std::string_view name) {
  if (name.empty() && settings.ignore_unnamed) return {};
  if (!name.empty() && settings.use_only_names) return std::string(name);
  const Address here = split_address(url);
  const Address there = split_address(target);
  std::string base;
  if (!here.host.empty() && !core::equals_ignoring_case(here.host, there.host)) base += here.host;
  if (!here.port.empty() && here.port != there.port) base.append(":").append(here.port);
  if (url.starts_with('/')) {
    // The url is put behind the target as it is written.
    const bool is_bare = target.find('/', target.find("//") + 2) == std::string_view::npos;
    if (!is_bare) base += there.path.substr(0, there.path.find('?'));
  }
  base += settings.strip_query ? here.path.substr(0, here.path.find('?')) : here.path;
  base = decoded(base);
  return name.empty() ? base : base + " (" + std::string(name) + ")";
}

std::optional<double> server_timing_total(std::string_view header) {
  constexpr std::string_view kTotal = "total;dur=";
  for (std::size_t at = 0; at + kTotal.size() <= header.size(); ++at) {
    if (!core::equals_ignoring_case(header.substr(at, kTotal.size()), kTotal)) continue;
    std::string_view number = header.substr(at + kTotal.size());
    number = number.substr(0, std::min(number.find_first_not_of("0123456789."), number.size()));
    return core::parse_number(number);
  }
  return std::nullopt;
}

EndpointMetrics::Endpoint& EndpointMetrics::named(std::string name) {
  const bool is_full = by_name_.size() >= kMostEndpoints && !by_name_.contains(name);
  if (is_full) name = kOther;
  std::unique_ptr<Endpoint>& endpoint = by_name_[name];
  if (endpoint) return *endpoint;
  endpoint = std::make_unique<Endpoint>();
  endpoint->name = std::move(name);
  if (!endpoint->name.empty()) {
    endpoint->response_time = recorder_.late_histogram(script_.config.endpoints.metrics_namespace +
                                                       ".response_time." + endpoint->name);
  }
  return *endpoint;
}

EndpointMetrics::Endpoint& EndpointMetrics::endpoint_of(const Request& request) {
  const script::EndpointSettings& settings = script_.config.endpoints;
  const script::HttpStep& step = request.plan.step();
  const bool is_fixed = settings.group_dynamic_urls ||
                        (request.plan.is_static() && (!step.name || step.name->is_static()));
  if (!is_fixed) {
    const protocol::Url& url = request.sent.url;
    const bool is_http = url.origin.scheme == protocol::Scheme::kHttp;
    std::string address = (is_http ? "http://" : "https://") + url.origin.host;
    if (url.origin.port != (is_http ? 80 : 443)) address += ":" + std::to_string(url.origin.port);
    address += url.target;
    return named(endpoint_name(settings, script_.config.target, address, request.name));
  }
  const std::uint32_t number = request.plan.number();
  if (by_request_.size() <= number) by_request_.resize(number + 1);
  Endpoint*& known = by_request_[number];
  if (known == nullptr) {
    const std::string name = step.name ? step.name->source() : std::string();
    known = &named(endpoint_name(settings, script_.config.target, step.url.source(), name));
  }
  return *known;
}

void EndpointMetrics::answered(const Request& request, int status, core::Duration response_time,
                               std::optional<double> server_timing) {
  Endpoint& endpoint = endpoint_of(request);
  if (endpoint.name.empty()) return;
  recorder_.record(endpoint.response_time, response_time);
  const std::string& space = script_.config.endpoints.metrics_namespace;
  if (server_timing) {
    if (!endpoint.server_timing) {
      endpoint.server_timing = recorder_.late_histogram(space + ".server-timing." + endpoint.name);
    }
    constexpr double kNanosecondsOfOne = 1e6;
    recorder_.record_value(*endpoint.server_timing,
                           static_cast<std::int64_t>(*server_timing * kNanosecondsOfOne));
  }
  for (const auto& [code, id] : endpoint.codes) {
    if (code == status) return recorder_.count(id);
  }
  const auto id =
      recorder_.late_counter(space + "." + endpoint.name + ".codes." + std::to_string(status));
  endpoint.codes.emplace_back(status, id);
  recorder_.count(id);
}

void EndpointMetrics::failed(const Request& request, std::string_view error) {
  const Endpoint& endpoint = endpoint_of(request);
  if (endpoint.name.empty()) return;
  recorder_.count(recorder_.late_counter(script_.config.endpoints.metrics_namespace + "." +
                                         endpoint.name + ".errors." + std::string(error)));
}

}  // namespace slsart::engine
