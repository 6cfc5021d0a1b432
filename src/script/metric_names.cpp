#include "script/metric_names.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace slsart::script {
namespace {

constexpr std::array<std::string_view, 20> kCounters = {"vusers.created",
                                                        "vusers.completed",
                                                        "vusers.failed",
                                                        "vusers.skipped",
                                                        "http.requests",
                                                        "http.responses",
                                                        "http.downloaded_bytes",
                                                        "http.request_rate",
                                                        "plugins.expect.ok",
                                                        "plugins.expect.failed",
                                                        "apdex.satisfied",
                                                        "apdex.tolerated",
                                                        "apdex.frustrated",
                                                        "slsart.arrivals_missed",
                                                        "slsart.users_unfinished",
                                                        "slsart.local_ports_exhausted",
                                                        "slsart.descriptors_exhausted",
                                                        "slsart.connections_opened",
                                                        "slsart.log_lines_dropped",
                                                        "slsart.histogram_clamped"};
constexpr std::array<std::string_view, 16> kHistograms = {"http.response_time",
                                                          "http.response_time.1xx",
                                                          "http.response_time.2xx",
                                                          "http.response_time.3xx",
                                                          "http.response_time.4xx",
                                                          "http.response_time.5xx",
                                                          "vusers.session_length",
                                                          "http.dns",
                                                          "http.tcp",
                                                          "http.tls",
                                                          "http.total",
                                                          "slsart.start_delay",
                                                          "slsart.send_delay",
                                                          "slsart.loop_lag",
                                                          "slsart.connection_wait",
                                                          "slsart.response_time_from_due"};
// Names that begin so are counters of what happened; what never did is 0.
constexpr std::array<std::string_view, 5> kCounterFamilies = {
    "errors.", "http.codes.", "vusers.created_by_name.", "plugins.expect.", "slsart.ended."};
constexpr std::array<std::string_view, 3> kOtherFamilies = {"plugins.", "websocket.", "socketio."};
// Names of these families hold blanks, slashes, parentheses and the like.
constexpr std::array<std::string_view, 4> kOpenFamilies = {
    "errors.", "plugins.", "vusers.created_by_name.", "slsart.ended."};
constexpr std::array<std::string_view, 5> kAggregations = {"min", "max", "mean", "median", "count"};
constexpr std::string_view kApdex = "apdex";

template <typename Names>
bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <typename Names>
bool begins_with_one(const Names& families, std::string_view name) {
  return std::any_of(families.begin(), families.end(), [&](std::string_view family) {
    return name.starts_with(family) && name.size() > family.size();
  });
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

double quantile_of(std::string_view aggregation) {
  constexpr std::size_t kMostDigits = 9;
  if (aggregation.size() < 2 || aggregation[0] != 'p') return -1;
  const std::string_view digits = aggregation.substr(1);
  if (digits.size() > kMostDigits || !is_digit(digits.front()) || !is_digit(digits.back())) {
    return -1;
  }
  if (digits.find('.') == std::string_view::npos && digits.size() > 2) {
    if (digits == "100") return 1;
    return quantile_of("p" + std::string(digits.substr(0, 2)) + "." +
                       std::string(digits.substr(2)));
  }
  const auto percent = core::parse_number(digits);
  return percent && *percent <= 100 ? *percent / 100 : -1;
}

bool is_aggregation(std::string_view text) {
  return has(kAggregations, text) || quantile_of(text) >= 0;
}

MetricName split_metric_name(std::string_view name) {
  // "p99.9" holds a dot of its own: the longer tail is tried as well.
  std::size_t dot = name.rfind('.');
  for (int i = 0; i < 2 && dot != std::string_view::npos && dot > 0; ++i) {
    if (is_aggregation(name.substr(dot + 1))) return {name.substr(0, dot), name.substr(dot + 1)};
    dot = name.rfind('.', dot - 1);
  }
  return {name, {}};
}

bool is_known_counter(std::string_view name) {
  return has(kCounters, name) || begins_with_one(kCounterFamilies, name);
}

bool is_known_metric(std::string_view name) {
  if (is_known_counter(name) || name == kApdex || begins_with_one(kOtherFamilies, name))
    return true;
  const MetricName parts = split_metric_name(name);
  return !parts.aggregation.empty() && has(kHistograms, parts.metric);
}

std::string nearest_metric(std::string_view name) {
  const MetricName parts = split_metric_name(name);
  if (has(kHistograms, name)) return std::string(name) + ".p95";
  if (!parts.aggregation.empty()) {
    const std::string_view near = core::nearest_name(parts.metric, kHistograms);
    if (!near.empty()) return std::string(near) + "." + std::string(parts.aggregation);
  }
  const std::size_t dot = name.rfind('.');
  const bool knows_metric = dot != std::string_view::npos && has(kHistograms, name.substr(0, dot));
  if (knows_metric) return std::string(name.substr(0, dot)) + ".p95";
  return std::string(core::nearest_name(name, kCounters));
}

std::vector<std::string> metric_words(std::string_view expression) {
  std::vector<std::string> words;
  for (const std::string_view family : kOpenFamilies) {
    std::size_t at = expression.find(family);
    for (; at != std::string_view::npos; at = expression.find(family, at + 1)) {
      const std::size_t end =
          std::min(expression.find_first_of(" \t\r\n<>=!,'\"", at), expression.size());
      std::string_view word = expression.substr(at, end - at);
      // A closing parenthesis without its opening one belongs to the expression.
      const auto count = [&](char c) { return std::count(word.begin(), word.end(), c); };
      while (word.ends_with(')') && count(')') > count('(')) word.remove_suffix(1);
      words.emplace_back(word);
    }
  }
  return words;
}

}  // namespace slsart::script
