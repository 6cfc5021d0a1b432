#include <algorithm>
#include <numeric>
#include <span>
#include <type_traits>

#include "engine/flow/program.h"

namespace slsart::engine {
namespace {

class Compiler {
 public:
  explicit Compiler(const script::Script& script) : script_(script) {}

  core::Result<Program> run() {
    program_.script = &script_;
    program_.built_in = {.uuid = script_.symbols->intern("$uuid"),
                         .arrival_index = script_.symbols->intern("$arrivalIndex"),
                         .arrival_due = script_.symbols->intern("$arrivalDue"),
                         .worker_index = script_.symbols->intern("$workerIndex")};
    takes_turns_ = std::ranges::any_of(script_.config.phases, &script::Phase::paces_requests);
    for (const script::Scenario& scenario : script_.scenarios)
      program_.scenarios.push_back(flow(scenario.flow, scenario.hooks));
    takes_turns_ = false;
    program_.before = flow(script_.before, script_.before_hooks);
    program_.after = flow(script_.after, script_.after_hooks);
    // Functions may read any variable.
    program_.built_in.uses_uuid |= !program_.hook_points.empty();
    if (auto filled = fill_scenario_table(); !filled) return std::move(filled).error();
    return std::move(program_);
  }

 private:
  FlowProgram flow(const std::vector<script::Step>& steps, const script::FlowHooks& hooks) {
    FlowProgram result;
    hooks_ = &hooks;
    if (!hooks.before_scenario.empty()) {
      result.ops.emplace_back(FunctionOp{point(HookKind::kFunction, hooks.before_scenario)});
    }
    for (const script::Step& step : steps) append(step, result);
    if (!hooks.after_scenario.empty()) {
      result.ops.emplace_back(FunctionOp{point(HookKind::kFunction, hooks.after_scenario), true});
    }
    result.ops.emplace_back(EndOp{});
    return result;
  }

  static std::uint32_t end_of(const FlowProgram& flow) {
    return static_cast<std::uint32_t>(flow.ops.size());
  }

  void append(const script::Step& step, FlowProgram& flow) {
    if (!step.probability) return append_likely(step, flow);
    if (const auto* text = std::get_if<expr::Template>(&step.probability->data()))
      note(text->variables());
    const std::uint32_t begin = end_of(flow);
    flow.ops.emplace_back(SkipUnlikelyOp{&*step.probability, 0});
    append_likely(step, flow);
    std::get<SkipUnlikelyOp>(flow.ops[begin]).exit = end_of(flow);
  }

  void append_likely(const script::Step& step, FlowProgram& flow) {
    if (step.if_true) note(step.if_true->variables());
    if (step.if_function)
      flow.ops.emplace_back(FunctionOp{point(HookKind::kCondition, {&*step.if_function, 1})});
    const std::uint32_t begin = end_of(flow);
    if (step.if_function) {
      flow.ops.emplace_back(SkipUnlessSaidOp{});
    } else if (step.if_true) {
      flow.ops.emplace_back(SkipUnlessOp{&*step.if_true, 0});
    }
    std::visit([&](const auto& what) { append_one(what, flow); }, step.what);
    if (step.if_function) {
      std::get<SkipUnlessSaidOp>(flow.ops[begin]).exit = end_of(flow);
    } else if (step.if_true) {
      std::get<SkipUnlessOp>(flow.ops[begin]).exit = end_of(flow);
    }
  }

  void append_one(const script::HttpStep& step, FlowProgram& flow) {
    const auto number = static_cast<std::uint32_t>(program_.requests.size());
    program_.requests.push_back(std::make_unique<RequestPlan>(script_, step, number));
    note(program_.requests.back()->variables());
    add_request_hooks(step, number);
    if (takes_turns_) flow.ops.emplace_back(TurnOp{});
    flow.ops.emplace_back(RequestOp{program_.requests.back().get()});
  }
  void append_one(const script::FunctionStep& step, FlowProgram& flow) {
    flow.ops.emplace_back(FunctionOp{point(HookKind::kFunction, {&step.function, 1})});
  }
  void append_one(const script::ThinkStep& step, FlowProgram& flow) {
    note(step.text.variables());
    flow.ops.emplace_back(ThinkOp{&step});
  }
  void append_one(const script::LogStep& step, FlowProgram& flow) {
    note(step.text.variables());
    flow.ops.emplace_back(LogOp{&step});
  }
  void append_one(const script::LoopStep& step, FlowProgram& flow) {
    // What a loop counts or walks over may name a built-in variable, too.
    if (step.count) note(step.count->variables());
    if (step.over_variable) note(step.over_variable->variables());
    if (step.while_true) note(step.while_true->variables());
    const std::uint32_t begin = end_of(flow);
    flow.ops.emplace_back(LoopBeginOp{&step, 0});
    for (const script::Step& inner : step.steps) append(inner, flow);
    if (step.while_function)
      flow.ops.emplace_back(LoopAskOp{point(HookKind::kWhile, {&*step.while_function, 1})});
    flow.ops.emplace_back(LoopNextOp{begin});
    std::get<LoopBeginOp>(flow.ops[begin]).exit = end_of(flow);
  }
  void append_one(const script::ParallelStep& step, FlowProgram& flow) {
    const std::uint32_t begin = end_of(flow);
    const auto count = static_cast<std::uint32_t>(step.steps.size());
    // Branches inside branches add starts of their own: reserve these first.
    const auto first = static_cast<std::uint32_t>(flow.branch_starts.size());
    flow.branch_starts.resize(first + count);
    const auto limit = static_cast<std::uint32_t>(std::min<std::int64_t>(step.limit, count));
    flow.ops.emplace_back(ParallelOp{first, count, limit, 0});
    for (std::uint32_t i = 0; i < count; ++i) {
      flow.branch_starts[first + i] = end_of(flow);
      append(step.steps[i], flow);
      flow.ops.emplace_back(BranchEndOp{});
    }
    std::get<ParallelOp>(flow.ops[begin]).exit = end_of(flow);
  }

  // A new hook point that calls `first`, then `second`.
  std::uint32_t point(HookKind kind, std::span<const script::HookName> first,
                      std::span<const script::HookName> second = {}, std::uint32_t request = 0) {
    HookPoint made{.kind = kind, .names = {}, .request = request};
    for (const script::HookName& name : first) made.names.push_back(&name);
    for (const script::HookName& name : second) made.names.push_back(&name);
    for (const script::HookName* name : made.names) note(name->name.variables());
    program_.hook_points.push_back(std::move(made));
    return static_cast<std::uint32_t>(program_.hook_points.size() - 1);
  }

  // Functions of the scenario come before the step's own.
  void add_request_hooks(const script::HttpStep& step, std::uint32_t number) {
    RequestHooks hooks;
    if (!hooks_->before_request.empty() || !step.before_request.empty()) {
      hooks.before =
          point(HookKind::kBeforeRequest, hooks_->before_request, step.before_request, number);
    }
    if (!hooks_->after_response.empty() || !step.after_response.empty()) {
      hooks.after =
          point(HookKind::kAfterResponse, hooks_->after_response, step.after_response, number);
    }
    if (!hooks_->on_error.empty())
      hooks.error = point(HookKind::kOnError, hooks_->on_error, {}, number);
    const bool keeps = hooks.after != RequestHooks::kNone || hooks.error != RequestHooks::kNone;
    if (hooks.before != RequestHooks::kNone)
      program_.hook_points[hooks.before].keeps_request = keeps;
    program_.requests.back()->set_hooks(hooks);
  }

  void note(const std::vector<core::Symbol>& variables) {
    BuiltInSymbols& known = program_.built_in;
    for (const core::Symbol name : variables) {
      known.uses_uuid |= name == known.uuid;
      known.uses_arrival |=
          name == known.arrival_index || name == known.arrival_due || name == known.worker_index;
    }
  }

  core::Result<void> fill_scenario_table() {
    constexpr std::int64_t kMaxTable = 1'000'000;
    std::int64_t divisor = 0;
    for (const auto& scenario : script_.scenarios) divisor = std::gcd(divisor, scenario.weight);
    std::int64_t total = 0;
    for (std::uint32_t i = 0; i < script_.scenarios.size(); ++i) {
      const std::int64_t entries = divisor == 0 ? 0 : script_.scenarios[i].weight / divisor;
      total += entries;
      if (entries > kMaxTable || total > kMaxTable) {
        return core::Error{
            .code = core::ErrorCode::kLimit,
            .message = "the weights of the scenarios add up to more than a million parts",
            .hint = "use smaller numbers in the same proportion",
            .offset = {}};
      }
      program_.scenario_table.insert(program_.scenario_table.end(),
                                     static_cast<std::size_t>(entries), i);
    }
    return {};
  }

  const script::Script& script_;
  bool takes_turns_ = false;                  // of the flows being compiled
  const script::FlowHooks* hooks_ = nullptr;  // of the flow that is being compiled
  Program program_;
};

}  // namespace

core::Result<Program> compile(const script::Script& script) {
  return Compiler(script).run();
}

}  // namespace slsart::engine
