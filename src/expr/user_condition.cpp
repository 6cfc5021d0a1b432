// Hot path: see architecture §9
#include "expr/user_condition.h"

#include <array>
#include <span>

#include "core/text.h"

namespace slsart::expr {
namespace {

core::Value constant(std::string_view name) {
  if (name == "true") return core::Value(true);
  if (name == "false") return core::Value(false);
  if (name == "null") return core::Value(core::Value::Null());
  return {};
}

}  // namespace

core::Result<UserCondition> UserCondition::compile(std::string_view text,
                                                   core::SymbolTable& symbols,
                                                   SingleQuotes quotes) {
  auto condition = Condition::compile(text, {}, quotes);
  if (!condition) return std::move(condition).error();
  UserCondition result;
  result.source_ = text;
  for (const Condition::Name& name : condition->names()) {
    Operand operand{.name = symbols.intern(name.text), .fallback = constant(name.text)};
    auto path = Template::compile("{{ " + name.text + " }}", symbols);
    if (path && path->is_lone_slot()) operand.path = *std::move(path);
    result.operands_.push_back(std::move(operand));
  }
  result.condition_ = *std::move(condition);
  return result;
}

bool UserCondition::holds(const Scope& scope) const {
  // Few names stand in one condition: room for them without asking for memory.
  constexpr std::size_t kUsual = 8;
  std::array<core::Value, kUsual> usual_scratch;
  std::array<const core::Value*, kUsual> usual_values{};
  std::vector<core::Value> more_scratch;
  std::vector<const core::Value*> more_values;
  std::span<core::Value> scratch(usual_scratch);
  std::span<const core::Value*> values(usual_values);
  if (operands_.size() > kUsual) {
    more_scratch.resize(operands_.size());
    more_values.resize(operands_.size());
    scratch = more_scratch;
    values = more_values;
  }
  for (std::size_t i = 0; i < operands_.size(); ++i) {
    const Operand& operand = operands_[i];
    const core::Value* value =
        operand.path ? &operand.path->peek(scope, scratch[i]) : scope.find(operand.name);
    const bool is_missing = value == nullptr || value->is_undefined();
    values[i] = is_missing ? &operand.fallback : value;
  }
  core::Rng unseeded(0);
  core::Rng& rng = scope.rng == nullptr ? unseeded : *scope.rng;
  return condition_.evaluate(values.first(operands_.size()), rng).is_truthy();
}

bool UserCondition::is_lone_name() const {
  return operands_.size() == 1 && operands_[0].fallback.is_undefined() &&
         core::trim(source_) == condition_.names()[0].text;
}

std::vector<core::Symbol> UserCondition::variables() const {
  std::vector<core::Symbol> all;
  for (const Operand& operand : operands_) {
    all.push_back(operand.name);
    if (!operand.path) continue;
    for (const core::Symbol root : operand.path->variables()) all.push_back(root);
  }
  return all;
}

}  // namespace slsart::expr
