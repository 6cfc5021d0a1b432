#include "plan/flow_bound.h"

#include <algorithm>
#include <variant>

#include "core/text.h"

namespace slsart::plan {
namespace {

using script::Step;

constexpr core::Duration kLongest = std::chrono::hours(24 * 365);

// Sums that stay below a year: a bound that is too long is too long, whatever its size.
core::Duration times(core::Duration duration, std::int64_t count) {
  if (duration.count() <= 0 || count <= 0) return {};
  return count > kLongest / duration ? kLongest : duration * count;
}

class Walk {
 public:
  explicit Walk(core::Duration default_timeout) : timeout_(default_timeout) {}

  core::Duration of(const std::vector<Step>& steps) {
    core::Duration sum{};
    for (const Step& step : steps) {
      sum += std::visit([this](const auto& what) { return of(what); }, step.what);
      sum = std::min(sum, kLongest);
    }
    return sum;
  }

  core::Duration longest_timeout() const { return longest_timeout_; }
  bool is_known() const { return is_known_; }

 private:
  core::Duration of(const script::HttpStep& step) {
    longest_timeout_ = std::max(longest_timeout_, step.timeout.value_or(timeout_));
    return {};
  }
  core::Duration of(const script::LogStep&) { return {}; }
  core::Duration of(const script::FunctionStep&) { return {}; }

  core::Duration of(const script::ThinkStep& step) {
    if (!step.constant) {
      is_known_ = false;
      return {};
    }
    return *step.constant + jitter_of(step);
  }

  // A number of milliseconds, or a share such as "20%".
  static core::Duration jitter_of(const script::ThinkStep& step) {
    if (!step.jitter) return {};
    if (step.jitter->is_number()) {
      const double most = std::min(std::abs(step.jitter->as_number()), 1e9);
      return core::Duration(static_cast<std::int64_t>(most * 1e6));
    }
    if (!step.jitter->is_string()) return {};
    std::string_view text = core::trim(step.jitter->as_string());
    if (!text.ends_with('%')) return {};
    text.remove_suffix(1);
    const double share = std::clamp(core::parse_number(core::trim(text)).value_or(0), 0.0, 100.0);
    return core::Duration(
        static_cast<std::int64_t>(static_cast<double>(step.constant->count()) * share / 100));
  }

  core::Duration of(const script::LoopStep& step) {
    const core::Duration body = of(step.steps);
    if (const auto passes = passes_of(step)) return times(body, *passes);
    const bool may_be_endless = !step.count && !step.over_list && !step.over_variable;
    if (may_be_endless || body.count() > 0) is_known_ = false;
    return body;
  }

  static std::optional<std::int64_t> passes_of(const script::LoopStep& step) {
    if (step.while_true || step.while_function) return std::nullopt;
    if (step.over_list) {
      const auto* const list = std::get_if<expr::ValueTemplate::List>(&step.over_list->data());
      if (list) return static_cast<std::int64_t>(list->size());
      const auto* const value = std::get_if<core::Value>(&step.over_list->data());
      if (!value || !value->is_list()) return std::nullopt;
      return static_cast<std::int64_t>(value->as_list().size());
    }
    if (!step.count || !step.count->is_static()) return std::nullopt;
    const std::string_view text = core::trim(step.count->source());
    if (const auto count = core::parse_integer(text)) return *count;
    const std::size_t dash = text.find('-', 1);
    if (dash == std::string_view::npos) return std::nullopt;
    const auto from = core::parse_integer(core::trim(text.substr(0, dash)));
    const auto to = core::parse_integer(core::trim(text.substr(dash + 1)));
    return from && to ? std::optional(*to - *from) : std::nullopt;
  }

  core::Duration of(const script::ParallelStep& step) {
    core::Duration longest{};
    for (const Step& branch : step.steps) {
      longest =
          std::max(longest, std::visit([this](const auto& what) { return of(what); }, branch.what));
    }
    const auto branches = static_cast<std::int64_t>(step.steps.size());
    const std::int64_t at_once = std::max<std::int64_t>(1, step.limit);
    return times(longest, (branches + at_once - 1) / at_once);
  }

  core::Duration timeout_;
  core::Duration longest_timeout_{};
  bool is_known_ = true;
};

}  // namespace

FlowBound longest_flow(const script::Script& script) {
  FlowBound bound;
  const core::Duration timeout =
      script.config.http.timeout.value_or(script.dialect.default_timeout);
  for (const script::Scenario& scenario : script.scenarios) {
    Walk walk(timeout);
    const core::Duration thinks = walk.of(scenario.flow);
    bound.duration = std::max(bound.duration, thinks + walk.longest_timeout());
    bound.is_known = bound.is_known && walk.is_known();
  }
  return bound;
}

}  // namespace slsart::plan
