#include "run/fleet/final_state.h"

#include "run/fleet/detail/object_reader.h"
#include "run/fleet/envelope.h"

namespace slsart::run::fleet {

std::string to_json(const FinalState& state) {
  core::Value value;
  value.set("parts", std::int64_t{state.parts});
  value.set("ending", state.ending);
  value.set("failure", state.failure);
  value.set("at", to_milliseconds(state.at));
  if (!state.variables.empty()) value.set("variables", core::Value(state.variables));
  return core::to_json(value);
}

core::Result<FinalState> parse_final_state(std::string_view bytes) {
  constexpr std::int64_t kLatest = 253'402'300'799'000;
  const auto value = core::parse_json(bytes);
  if (!value) return value.error();
  detail::ObjectReader reader(*value, "the final state");
  FinalState state;
  state.parts = static_cast<std::uint32_t>(reader.integer("parts", 0, 10'000'000));
  state.ending = reader.text("ending", 16);
  state.failure = reader.text("failure", 65'536);
  state.at = from_milliseconds(reader.integer("at", 0, kLatest));
  if (reader.has("variables")) {
    const core::Value& variables = reader.any("variables");
    if (!variables.is_object()) reader.fail("has wrong \"variables\"");
    if (variables.is_object()) state.variables = variables.as_object();
  }
  if (auto done = reader.finish(); !done) return std::move(done).error();
  return state;
}

}  // namespace slsart::run::fleet
