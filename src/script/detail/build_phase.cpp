#include <algorithm>

#include "core/text.h"
#include "script/detail/build.h"
#include "script/detail/decimal.h"

namespace slsart::script::detail {
namespace {

std::optional<Rate> rate(const Fields& fields, std::string_view key) {
  const auto text = fields.text(key);
  const auto nano = text ? parse_nano(core::trim(*text)) : std::nullopt;
  return nano ? std::optional(Rate{.nano_per_second = *nano}) : std::nullopt;
}

using Load = std::variant<Constant, Ramp, Count, Pause>;

// Nothing when a value that is needed was refused.
std::optional<Load> build_load(const Node& map) {
  const Fields fields(&map);
  if (map.find("pause")) {
    const auto pause = fields.duration("pause");
    return pause ? std::optional<Load>(Pause{.duration = *pause}) : std::nullopt;
  }
  const auto duration = fields.duration("duration");
  if (!duration) return std::nullopt;
  if (map.find("arrivalCount")) {
    const auto arrivals = fields.integer("arrivalCount");
    if (!arrivals) return std::nullopt;
    if (*arrivals == 0) return Pause{.duration = *duration};
    return Count{.arrivals = *arrivals, .duration = *duration};
  }
  const std::string_view key = map.find("requestRate") ? "requestRate" : "arrivalRate";
  const std::optional<Rate> from = map.find(key) ? rate(fields, key) : std::optional(Rate{});
  if (!from) return std::nullopt;
  if (map.find("rampTo")) {
    const std::optional<Rate> to = rate(fields, "rampTo");
    if (!to) return std::nullopt;
    if (from->nano_per_second != 0 || to->nano_per_second != 0) {
      return Ramp{.from = *from, .to = *to, .duration = *duration};
    }
  }
  if (from->nano_per_second == 0) return Pause{.duration = *duration};
  return Constant{.rate = *from, .duration = *duration};
}

}  // namespace

std::vector<Phase> build_phases(const Node* list, ArrivalMode mode, Building& building) {
  std::vector<Phase> phases;
  for (const Node* map : one_or_list(list)) {
    const std::optional<Load> load = build_load(*map);
    if (!load) continue;
    const Fields fields(map);
    Phase phase;
    phase.load = *load;
    phase.mode = mode;
    if (const auto own = fields.text("mode")) {
      phase.mode = *own == "poisson" ? ArrivalMode::kPoisson : ArrivalMode::kUniform;
    }
    phase.name = fields.text("name").value_or("");
    phase.max_vusers = fields.integer("maxVusers");
    const bool is_rate = !map->find("pause") && !map->find("arrivalCount");
    phase.paces_requests = is_rate && map->find("requestRate") != nullptr;
    phase.written = to_value(*map);
    phase.span = map->span;
    phases.push_back(std::move(phase));
  }
  if (phases.empty() && !building.report.has_errors()) {
    Phase one;
    one.load = Count{.arrivals = 1, .duration = core::kSecond};
    one.written = core::Value::make_object({{"duration", 1}, {"arrivalCount", 1}});
    phases.push_back(std::move(one));
  }
  return phases;
}

}  // namespace slsart::script::detail
