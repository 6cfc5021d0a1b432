#include <algorithm>
#include <cmath>

#include "script/detail/build.h"
#include "script/detail/decimal.h"
#include "script/detail/value_types.h"

namespace slsart::script::detail {
namespace {

SplitSettings build_split(const Fields& fields, const Dialect& dialect) {
  SplitSettings split;
  split.max_chunk_rate = fields.integer("maxChunkRequestsPerSecond").value_or(dialect.chunk_rate);
  split.max_script_rate =
      fields.integer("maxScriptRequestsPerSecond").value_or(split.max_script_rate);
  if (const auto seconds = fields.integer("maxChunkDurationInSeconds"))
    split.max_chunk_duration = std::chrono::seconds(*seconds);
  if (const auto seconds = fields.integer("maxScriptDurationInSeconds"))
    split.max_script_duration = std::chrono::seconds(*seconds);
  if (const auto milliseconds = fields.integer("timeBufferInMilliseconds"))
    split.time_buffer = std::chrono::milliseconds(*milliseconds);
  return split;
}

std::optional<core::Duration> seconds_in(const Fields& fields, std::string_view key) {
  const Node* const node = fields.find(key);
  const auto nano = node ? parse_nano(node->text()) : std::nullopt;
  return nano ? std::optional(core::Duration(*nano)) : std::nullopt;
}

SamplingSettings build_sampling(const Fields& fields, Mode mode) {
  SamplingSettings sampling;
  if (mode == Mode::kMonitoring) {
    sampling.size = 5;
    sampling.error_budget = 4;
  }
  sampling.size = fields.integer("size").value_or(sampling.size);
  sampling.average_pause = seconds_in(fields, "averagePause").value_or(sampling.average_pause);
  sampling.pause_variance = seconds_in(fields, "pauseVariance").value_or(sampling.pause_variance);
  // Errors are counted, so a fraction above a whole number changes nothing.
  if (const Node* const budget = fields.find("errorBudget"))
    sampling.error_budget = static_cast<std::int64_t>(std::floor(number_in(*budget).value_or(0)));
  if (const Node* const threshold = fields.find("warningThreshold"))
    sampling.warning_threshold = number_in(*threshold).value_or(sampling.warning_threshold);
  const std::string status = fields.text("statusErrors").value_or("5xx");
  if (status == "none") sampling.status_errors = StatusErrors::kNone;
  if (status == "4xx") sampling.status_errors = StatusErrors::k4xx;
  return sampling;
}

std::string seconds(core::Duration duration) {
  std::string text;
  core::write_number(core::to_seconds(duration), text);
  return text;
}

// Rules between the settings (reference/slsart-behaviour.md §17), with the original's sentences.
void check_sampling(const Script& script, const core::Span& place, std::int64_t scenarios,
                    Report& report) {
  const SamplingSettings& sampling = script.sampling;
  const std::int64_t total = sampling.size * scenarios;
  const std::string product = "size * scenarios (" + std::to_string(total) + ")";
  if (total <= sampling.error_budget) {
    report.error("wrong-value", place,
                 "The given " + product + " and errorBudget (" +
                     std::to_string(sampling.error_budget) +
                     ") values (perhaps from defaults) succeeds even if all samples fail",
                 "raise size or lower errorBudget");
  }
  const std::string average = seconds(sampling.average_pause);
  const std::string variance = seconds(sampling.pause_variance);
  if (sampling.pause_variance > sampling.average_pause) {
    report.error("wrong-value", place,
                 "The given pauseVariance (" + variance +
                     ") cannot exceed the given averagePause (" + average + ")");
  }
  const double most = core::to_seconds(sampling.average_pause + sampling.pause_variance) *
                      static_cast<double>(total);
  const double longest = core::to_seconds(script.split.max_script_duration);
  const std::string values = "averagePause (" + average + "), pauseVariance (" + variance +
                             "), and " + product + " values";
  if (most > longest) {
    report.error("wrong-value", place,
                 "The given " + values +
                     " in combination could, even ignoring request duration, exceed the maximum "
                     "allowable duration (" +
                     seconds(script.split.max_script_duration) + ")");
  } else if (most > longest * sampling.warning_threshold) {
    report.warning("long-sampling", place,
                   "the given " + values +
                       " could, even ignoring request duration, come near the maximum duration (" +
                       seconds(script.split.max_script_duration) + ")",
                   "make them smaller, or raise _split.maxScriptDurationInSeconds");
  }
}

Phase pause_phase(core::Duration pause) {
  Phase phase;
  phase.load = Pause{.duration = pause};
  phase.written = core::Value::make_object({{"pause", core::to_seconds(pause)}});
  return phase;
}

// One user of each scenario, a little apart.
Phase sample_phase(std::int64_t scenarios) {
  Phase phase;
  phase.load = Count{.arrivals = scenarios, .duration = core::kSecond};
  phase.written = core::Value::make_object({{"duration", 1}, {"arrivalCount", scenarios}});
  return phase;
}

bool is_true(const Fields& fields, std::string_view key) {
  const Node* const node = fields.find(key);
  return node && (!node->is_scalar() || node->scalar.is_truthy());
}

}  // namespace

void build_distribution(Script& script, const Fields& root, Building& building) {
  const std::optional<Mode> written = find_mode(root.text("mode").value_or("performance"));
  script.mode = building.options.mode.value_or(written.value_or(Mode::kPerformance));
  script.split = build_split(root.section("_split"), script.dialect);
  script.sampling = build_sampling(root.section("sampling"), script.mode);
  script.trace = is_true(root, "_trace");
  script.simulation = is_true(root, "_simulation");
}

void make_samples(Script& script, const Fields& root, const LoadOptions& options, Report& report) {
  if (!is_sampling(script.mode) || report.has_errors()) return;
  const Node* const sampling = root.find("sampling");
  const Node* const place = sampling ? sampling : root.find("scenarios");
  if (!place) return;
  const auto scenarios = static_cast<std::int64_t>(script.scenarios.size());
  check_sampling(script, place->span, scenarios, report);
  if (report.has_errors() || options.solo) return;
  script.config.phases.clear();
  for (std::int64_t i = 0; i < script.sampling.size; ++i) {
    core::Rng rng =
        core::make_rng(options.seed, static_cast<std::uint64_t>(i), core::Purpose::kSampling);
    const core::Duration pause = sampling_pause(script.sampling, rng.unit());
    script.config.phases.push_back(pause_phase(pause));
    script.config.phases.push_back(sample_phase(scenarios));
  }
}

}  // namespace slsart::script::detail
