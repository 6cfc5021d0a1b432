#include "engine/hooks/processor.h"

#include <algorithm>
#include <functional>
#include <string>

#include "core/text.h"
#include "hooks/node_process.h"

namespace slsart::engine {
namespace {

constexpr core::Duration kLoadLimit = std::chrono::seconds(60);

using Names = std::vector<std::string>;

// A condition that is a lone name may mean a variable, too.
enum class Use { kFunction, kCondition };
using Visit = std::function<void(const script::HookName&, Use)>;

void visit_steps(const std::vector<script::Step>& steps, const Visit& visit) {
  const auto all = [&](const std::vector<script::HookName>& names) {
    for (const script::HookName& name : names) visit(name, Use::kFunction);
  };
  for (const script::Step& step : steps) {
    if (step.if_function) visit(*step.if_function, Use::kCondition);
    if (const auto* function = std::get_if<script::FunctionStep>(&step.what)) {
      visit(function->function, Use::kFunction);
    } else if (const auto* request = std::get_if<script::HttpStep>(&step.what)) {
      all(request->before_request);
      all(request->after_response);
    } else if (const auto* loop = std::get_if<script::LoopStep>(&step.what)) {
      visit_steps(loop->steps, visit);
      if (loop->while_function) visit(*loop->while_function, Use::kCondition);
    } else if (const auto* parallel = std::get_if<script::ParallelStep>(&step.what)) {
      visit_steps(parallel->steps, visit);
    }
  }
}

void visit_hooks(const script::Script& script, const Visit& visit) {
  const auto flow = [&](const script::FlowHooks& hooks, const std::vector<script::Step>& steps) {
    for (const auto* names : {&hooks.before_scenario, &hooks.after_scenario, &hooks.before_request,
                              &hooks.after_response, &hooks.on_error}) {
      for (const script::HookName& name : *names) visit(name, Use::kFunction);
    }
    visit_steps(steps, visit);
  };
  for (const script::Scenario& scenario : script.scenarios) flow(scenario.hooks, scenario.flow);
  flow(script.before_hooks, script.before);
  flow(script.after_hooks, script.after);
}

core::Diagnostic error_at(const core::Span& span, std::string message, std::string hint) {
  return {.severity = core::Severity::kError,
          .id = "processor",
          .span = span,
          .message = std::move(message),
          .hint = std::move(hint)};
}

core::Diagnostic describe_failure(const script::Processor& processor, const core::Error& error,
                                  const hooks::LoadFailure& failure) {
  if (error.code != core::ErrorCode::kInvalidInput)
    return error_at(processor.span, error.message, error.hint);
  std::string hint;
  if (failure.line > 0) {
    hint = "at " + failure.file + ":" + std::to_string(failure.line);
    if (failure.column > 0) hint += ":" + std::to_string(failure.column);
  }
  return error_at(processor.span, "the processor cannot be loaded: " + failure.message,
                  std::move(hint));
}

void check_name(const script::HookName& name, const Names& functions, bool is_error,
                core::Diagnostics& diagnostics) {
  if (!name.name.is_static()) return;  // known only when a user comes there
  const std::string& text = name.name.source();
  if (std::ranges::find(functions, text) != functions.end()) return;
  std::vector<std::string_view> known(functions.begin(), functions.end());
  const std::string_view near = core::nearest_name(text, known);
  std::string hint = near.empty() ? "it exports " : "did you mean \"" + std::string(near) + "\"?";
  if (near.empty()) {
    std::string list;
    for (const std::string& function : functions) list += (list.empty() ? "" : ", ") + function;
    hint += list.empty() ? "no functions at all; add module.exports = { " + text + " }" : list;
  }
  core::Diagnostic diagnostic =
      error_at(name.span, "the processor has no function \"" + text + "\"", std::move(hint));
  diagnostic.id = "unknown-function";
  if (!is_error) diagnostic.severity = core::Severity::kWarning;
  diagnostics.push_back(std::move(diagnostic));
}

// A name that is no function counts as a variable, unless it looks like a slip.
void check_condition(const script::HookName& name, const Names& functions,
                     core::Diagnostics& diagnostics) {
  const std::string text(core::trim(name.name.source()));
  if (std::ranges::find(functions, text) != functions.end()) return;
  const std::vector<std::string_view> known(functions.begin(), functions.end());
  const std::string_view near = core::nearest_name(text, known);
  if (near.empty()) return;
  core::Diagnostic diagnostic =
      error_at(name.span, "\"" + text + "\" is no function of the processor, so it is a variable",
               "did you mean \"" + std::string(near) + "\"?");
  diagnostic.severity = core::Severity::kWarning;
  diagnostics.push_back(std::move(diagnostic));
}

}  // namespace

HookProcess::HookProcess(std::unique_ptr<hooks::NodeProcess> node) : node_(std::move(node)) {}
HookProcess::~HookProcess() = default;

core::Result<std::unique_ptr<HookProcess>> HookProcess::start(const Program& program,
                                                              const expr::Variables& shared,
                                                              const HookWorld& world) {
  auto node = hooks::find_node();
  if (!node) return std::move(node).error();
  auto process = hooks::NodeProcess::start(*node, hook_world(program, shared, world));
  if (!process) return std::move(process).error();
  return std::unique_ptr<HookProcess>(new HookProcess(std::move(*process)));
}

core::Result<void> HookProcess::await_ready() {
  if (auto ready = node_->await_ready(kLoadLimit); !ready) return std::move(ready).error();
  return {};
}

core::Diagnostics check_processor(const script::Script& script) {
  core::Diagnostics diagnostics;
  if (!script.config.processor) return diagnostics;
  bool is_used = false;
  visit_hooks(script, [&](const script::HookName&, Use) { is_used = true; });
  if (!is_used) return diagnostics;
  const script::Processor& processor = *script.config.processor;
  auto node = hooks::find_node();
  if (!node) {
    diagnostics.push_back(error_at(processor.span, node.error().message, node.error().hint));
    return diagnostics;
  }
  Program nothing;
  nothing.script = &script;
  auto process = hooks::NodeProcess::start(*node, hook_world(nothing, {}, {}));
  if (!process) {
    diagnostics.push_back(error_at(processor.span, process.error().message, {}));
    return diagnostics;
  }
  const auto functions = (*process)->await_ready(kLoadLimit);
  if (!functions) {
    diagnostics.push_back(
        describe_failure(processor, functions.error(), (*process)->load_failure()));
    return diagnostics;
  }
  const bool is_error = script.dialect.unknown_function == script::UnknownFunction::kError;
  visit_hooks(script, [&](const script::HookName& name, Use use) {
    if (use == Use::kFunction) return check_name(name, *functions, is_error, diagnostics);
    check_condition(name, *functions, diagnostics);
  });
  return diagnostics;
}

}  // namespace slsart::engine
