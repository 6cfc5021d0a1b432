#include "engine/hooks/world.h"

#include <algorithm>

#include "core/value.h"

namespace slsart::engine {
namespace {

using core::Value;

std::string_view kind_name(HookKind kind) {
  switch (kind) {
    case HookKind::kFunction:
      return "function";
    case HookKind::kWhile:
      return "while";
    case HookKind::kCondition:
      return "condition";
    case HookKind::kBeforeRequest:
      return "before";
    case HookKind::kAfterResponse:
      return "after";
    case HookKind::kOnError:
      return "error";
  }
  return {};
}

Value describe_point(const HookPoint& point) {
  const bool is_static = std::ranges::all_of(
      point.names, [](const script::HookName* name) { return name->name.is_static(); });
  Value names{Value::Null()};
  if (is_static) {
    names = Value(Value::List());
    for (const script::HookName* name : point.names) names.push(Value(name->name.source()));
  }
  return Value::make_object({{"kind", Value(kind_name(point.kind))},
                             {"names", std::move(names)},
                             {"step", Value(static_cast<std::int64_t>(point.request))},
                             {"keeps", Value(point.keeps_request)}});
}

Value describe_step(const RequestPlan& request) {
  const double seconds = core::to_seconds(request.timeout());
  return Value::make_object({{"spec", request.step().written},
                             {"method", Value(request.step().method)},
                             {"timeout", Value(seconds)}});
}

// With `before` and `after` behind the scenarios, in the order FlowProgram numbers have.
Value describe_scenarios(const script::Script& script) {
  Value list{Value::List()};
  for (const script::Scenario& scenario : script.scenarios) list.push(scenario.written);
  for (const char* name : {"before", "after"}) {
    const Value* section = script.merged.find(name);
    list.push(section != nullptr ? *section : Value(Value::Object()));
  }
  return list;
}

std::string_view body_name(script::HookBody body) {
  switch (body) {
    case script::HookBody::kBoth:
      return "both";
    case script::HookBody::kParsed:
      return "parsed";
    case script::HookBody::kText:
      return "text";
  }
  return {};
}

}  // namespace

std::string hook_world(const Program& program, const expr::Variables& shared,
                       const HookWorld& world) {
  const script::Script& script = *program.script;
  Value names{Value::List()};
  for (std::uint32_t id = 0; id < script.symbols->size(); ++id) {
    names.push(Value(script.symbols->name(core::Symbol{id})));
  }
  Value common{Value::Object()};
  for (const auto& [name, value] : shared) {
    common.as_object().push_back({std::string(script.symbols->name(name)), value});
  }
  Value points{Value::List()};
  for (const HookPoint& point : program.hook_points) points.push(describe_point(point));
  Value steps{Value::List()};
  for (const auto& request : program.requests) steps.push(describe_step(*request));
  const Value slsart =
      Value::make_object({{"workerIndex", Value(static_cast<std::int64_t>(world.worker_index))},
                          {"workerCount", Value(static_cast<std::int64_t>(world.worker_count))},
                          {"runId", Value(world.run_id)}});
  return core::to_json(
      Value::make_object({{"processor", Value(script.config.processor->path)},
                          {"names", std::move(names)},
                          {"shared", std::move(common)},
                          {"target", Value(script.config.target)},
                          {"points", std::move(points)},
                          {"steps", std::move(steps)},
                          {"scenarios", describe_scenarios(script)},
                          {"slsart", slsart},
                          {"jsonBodies", Value(body_name(script.dialect.hook_body))},
                          {"keepsAll", Value(world.keeps_all)}}));
}

}  // namespace slsart::engine
