#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slsart::script {

// The names of metrics as conditions of `ensure` use them: `vusers.created`, `http.codes.200`,
// `http.response_time.p95`.

// What a histogram's name is followed by: min, max, mean, median, count, or a percentile - `p` and
// its digits, the first two before the decimal point: p5, p95, p999 is 99.9, p99.9 too. Gives the
// quantile of 0..1 for a percentile, -1 for the others and anything else.
double quantile_of(std::string_view aggregation);
bool is_aggregation(std::string_view text);
// "http.response_time.p99.9" is "http.response_time" and "p99.9"; nothing behind: no aggregation.
struct MetricName {
  std::string_view metric;
  std::string_view aggregation;
};
MetricName split_metric_name(std::string_view name);

// Whether a counter of that name exists although nothing was counted, so that its absence means 0:
// those of the engine, and families such as `errors.` and `http.codes.`.
bool is_known_counter(std::string_view name);
// Whether such a metric can be recorded without a user's own code.
bool is_known_metric(std::string_view name);
// The nearest known name, empty if none is near.
std::string nearest_metric(std::string_view name);

// The words of an expression that belong to a family whose names hold any characters
// (`errors.`, `plugins.`, ...): up to a blank or an operator of comparison. For
// expr::Condition::compile().
std::vector<std::string> metric_words(std::string_view expression);

}  // namespace slsart::script
