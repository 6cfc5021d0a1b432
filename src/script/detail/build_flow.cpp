#include <algorithm>

#include "core/text.h"
#include "script/detail/build.h"
#include "script/detail/schema_table.h"
#include "script/detail/value_types.h"
#include "script/duration.h"

namespace slsart::script::detail {
namespace {

void append_flow(const Node& list, std::vector<Step>& steps, Building& building);

// A number of milliseconds, or text that ends with % or holds a template.
std::optional<core::Value> build_jitter(const Node* jitter) {
  if (!jitter) return std::nullopt;
  if (const auto number = number_in(*jitter)) return core::Value(*number);
  return core::Value(std::string(core::trim(jitter->text())));
}

ThinkStep build_think(const Entry& entry, const Fields& step, Building& building) {
  ThinkStep think;
  think.span = entry.key_span;
  think.jitter = build_jitter(step.find("jitter"));
  if (!think.jitter) think.jitter = building.think_jitter;
  if (entry.value.refused) return think;
  think.text = build_template(entry.value, building);
  if (!think.text.is_static()) return think;
  const core::Result<core::Duration> pause = parse_think(entry.value.text(), building.dialect);
  if (pause) {
    think.constant = *pause;
  } else {
    report_error(pause.error(), "wrong-value", entry.value, building);
  }
  return think;
}

core::Symbol name_of(const Fields& fields, std::string_view key, std::string_view fallback,
                     Building& building) {
  return building.scope.symbols.intern(fields.text(key).value_or(std::string(fallback)));
}

// The name of a variable, or a path into one, as the template that reads it.
std::optional<expr::Template> build_over_variable(const Node& name, Building& building) {
  if (has_slot(name)) return build_template(name, building);
  constexpr std::string_view kOpen = "{{ ";
  const std::string text = std::string(kOpen) + name.text() + " }}";
  auto compiled = expr::Template::compile(text, building.scope.symbols);
  if (compiled && !compiled->is_static()) return *std::move(compiled);
  core::Error error{.code = core::ErrorCode::kInvalidInput,
                    .message = quoted(name.text()) + " is not the name of a variable",
                    .hint = "give a list, or the name of a variable that holds one",
                    .offset = {}};
  report_error(error, "variable-name", name, building);
  return std::nullopt;
}

// A condition that is nothing but a name may be the name of a function.
std::optional<HookName> function_of(const expr::UserCondition& condition, const Node& text,
                                    Building& building) {
  if (!building.has_processor || !condition.is_lone_name()) return std::nullopt;
  return HookName{.name = build_template(text, building), .span = text.span};
}

LoopStep build_loop(const Entry& entry, const Fields& step, Building& building) {
  LoopStep loop;
  loop.span = entry.key_span;
  loop.index = name_of(step, "loopValue", "$loopCount", building);
  loop.element = name_of(step, "loopElement", "$loopElement", building);
  loop.while_true = build_condition(step.find("whileTrue"), building);
  if (entry.value.is_list()) append_flow(entry.value, loop.steps, building);
  if (loop.while_true)
    loop.while_function = function_of(*loop.while_true, *step.find("whileTrue"), building);
  if (const Node* over = step.find("over")) {
    if (over->is_list()) {
      loop.over_list = build_value(*over, building);
    } else {
      loop.over_variable = build_over_variable(*over, building);
    }
  } else if (const Node* count = step.find("count")) {
    if (integer_in(*count) != 0) loop.count = build_template(*count, building);
  }
  return loop;
}

ParallelStep build_parallel(const Entry& entry, const Fields& step, Building& building) {
  ParallelStep parallel;
  parallel.span = entry.key_span;
  parallel.limit = step.integer("limit").value_or(parallel.limit);
  if (entry.value.is_list()) append_flow(entry.value, parallel.steps, building);
  return parallel;
}

void set_condition(Step& step, const Fields& fields, Building& building) {
  if (const Node* percent = fields.find("probability")) {
    if (const auto number = number_in(*percent)) {
      step.probability = expr::ValueTemplate(core::Value(*number));
    } else {
      step.probability = expr::ValueTemplate(build_template(*percent, building));
    }
  }
  step.if_true = build_condition(fields.find("ifTrue"), building);
  if (step.if_true) step.if_function = function_of(*step.if_true, *fields.find("ifTrue"), building);
}

std::optional<Step> build_kind(const Node& node, Building& building) {
  const Fields fields(&node);
  for (const Entry& entry : node.entries) {
    if (entry.key == "think") return Step{build_think(entry, fields, building)};
    if (entry.key == "loop") return Step{build_loop(entry, fields, building)};
    if (entry.key == "parallel") return Step{build_parallel(entry, fields, building)};
    if (entry.key == "log") {
      if (entry.value.refused) return std::nullopt;
      return Step{LogStep{.text = build_template(entry.value, building), .span = entry.key_span}};
    }
    if (entry.key == "function") {
      std::vector<HookName> names = build_hooks(&entry.value, building);
      if (names.empty()) return std::nullopt;
      return Step{FunctionStep{.function = std::move(names.front())}};
    }
    if (is_custom_method(entry.key, entry.value) && !entry.value.refused) {
      Step step{build_request(entry.value, entry.key, entry.key_span, building)};
      set_condition(step, Fields(&entry.value), building);
      return step;
    }
  }
  return std::nullopt;  // refused, or of a kind that is not there yet
}

// Whether a request is made stands among its attributes, that of any other step beside it.
std::optional<Step> build_step(const Node& node, Building& building) {
  std::optional<Step> step = build_kind(node, building);
  const bool is_request = step && std::holds_alternative<HttpStep>(step->what);
  if (step && !is_request) set_condition(*step, Fields(&node), building);
  return step;
}

void append_flow(const Node& list, std::vector<Step>& steps, Building& building) {
  for (const Node& item : list.items) {
    if (item.is_list()) {
      append_flow(item, steps, building);
    } else if (item.is_map() && !item.refused) {
      if (auto step = build_step(item, building)) steps.push_back(*std::move(step));
    }
  }
}

// A template of config variables is allowed; fractions are cut as in the reference.
std::int64_t build_weight(const Node* weight, Building& building) {
  if (!weight) return 1;
  Node filled = *weight;
  if (has_slot(*weight)) {
    const auto value = fill_text(*weight, building.scope);
    if (value) filled = make_scalar(*value, weight->span);
  }
  const auto number = number_in(filled);
  if (!number || *number < 0) {
    building.report.error("wrong-value", weight->span,
                          "this weight does not come out as a whole number",
                          "it may only use config.variables that are no lists");
    return 1;
  }
  constexpr double kMost = 1e9;
  return static_cast<std::int64_t>(std::min(*number, kMost));
}

}  // namespace

std::vector<Step> build_flow(const Node* list, Building& building) {
  std::vector<Step> steps;
  if (list && list->is_list()) append_flow(*list, steps, building);
  return steps;
}

std::vector<Scenario> build_scenarios(const Node* list, Building& building) {
  std::vector<Scenario> scenarios;
  if (!list || !list->is_list()) return scenarios;
  for (const Node& map : list->items) {
    if (map.refused) continue;
    const Fields fields(&map);
    const bool default_of_all = building.continue_on_error;
    building.continue_on_error = fields.boolean("continueOnError").value_or(default_of_all);
    scenarios.push_back({.name = fields.text("name").value_or(""),
                         .weight = build_weight(fields.find("weight"), building),
                         .flow = build_flow(fields.find("flow"), building),
                         .hooks = build_flow_hooks(fields, building),
                         .written = building.has_processor ? to_value(map) : core::Value(),
                         .span = map.span});
    building.continue_on_error = default_of_all;
  }
  return scenarios;
}

}  // namespace slsart::script::detail
