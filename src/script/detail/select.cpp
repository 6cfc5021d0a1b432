#include "script/detail/select.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "expr/extractor.h"
#include "script/detail/node.h"

namespace slsart::script::detail {
namespace {

std::string names_of(const std::vector<Scenario>& scenarios) {
  std::string names;
  for (const Scenario& scenario : scenarios) {
    if (!names.empty()) names += ", ";
    names += scenario.name.empty() ? "(unnamed)" : quoted(scenario.name);
  }
  return names;
}

// The regular expressions of captures are JavaScript's; one is asked here whether it finds a name.
core::Result<std::vector<const Scenario*>> matching(const std::vector<Scenario>& scenarios,
                                                    const std::string& pattern) {
  std::vector<const Scenario*> found;
  for (const Scenario& scenario : scenarios) {
    if (scenario.name == pattern) return std::vector<const Scenario*>{&scenario};
  }
  auto regexp = expr::Extractor::regexp(pattern, {});
  if (!regexp) return std::move(regexp).error();
  core::Rng rng(0);
  for (const Scenario& scenario : scenarios) {
    const expr::ResponseView view{.status = 0, .headers = {}, .body = scenario.name};
    if (!regexp->extract(view, rng).is_undefined()) found.push_back(&scenario);
  }
  return found;
}

void keep_named(Script& script, const std::string& pattern, Report& report) {
  const auto found = matching(script.scenarios, pattern);
  if (!found) {
    report.error("scenario-name", {}, "--scenario-name: " + found.error().message,
                 found.error().hint);
    return;
  }
  if (found->size() == 1) {
    Scenario only = *found->front();
    only.weight = std::max<std::int64_t>(only.weight, 1);
    script.scenarios = {std::move(only)};
    return;
  }
  report.error("scenario-name", {},
               "--scenario-name " + quoted(pattern) + " fits " +
                   (found->empty() ? "no scenario" : "several scenarios"),
               "there are " + names_of(script.scenarios));
}

void keep_weighted(Script& script, Report& report) {
  if (script.scenarios.empty()) return;
  const core::Span first = script.scenarios.front().span;
  std::erase_if(script.scenarios, [](const Scenario& scenario) { return scenario.weight == 0; });
  if (!script.scenarios.empty() || report.has_errors()) return;
  report.error("no-scenarios", first, "every scenario has the weight 0, so none can be chosen",
               "give at least one a weight of 1");
}

}  // namespace

void select(Script& script, const LoadOptions& options, Report& report) {
  if (options.scenario_name && !report.has_errors())
    keep_named(script, *options.scenario_name, report);
  keep_weighted(script, report);
  if (!options.solo) return;
  Phase one;
  one.load = Count{.arrivals = 1, .duration = core::kSecond};
  one.written = core::Value::make_object({{"duration", 1}, {"arrivalCount", 1}});
  script.config.phases = {std::move(one)};
}

}  // namespace slsart::script::detail
