#include <algorithm>
#include <numeric>
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
    for (const script::Scenario& scenario : script_.scenarios)
      program_.scenarios.push_back(flow(scenario.flow));
    program_.before = flow(script_.before);
    program_.after = flow(script_.after);
    if (auto filled = fill_scenario_table(); !filled) return std::move(filled).error();
    return std::move(program_);
  }

 private:
  FlowProgram flow(const std::vector<script::Step>& steps) {
    FlowProgram result;
    for (const script::Step& step : steps) append(step, result);
    result.ops.emplace_back(EndOp{});
    return result;
  }

  static std::uint32_t end_of(const FlowProgram& flow) {
    return static_cast<std::uint32_t>(flow.ops.size());
  }

  void append(const script::Step& step, FlowProgram& flow) {
    const std::uint32_t begin = end_of(flow);
    if (step.if_true) {
      note(step.if_true->variables());
      flow.ops.emplace_back(SkipUnlessOp{&*step.if_true, 0});
    }
    std::visit([&](const auto& what) { append_one(what, flow); }, step.what);
    if (step.if_true) std::get<SkipUnlessOp>(flow.ops[begin]).exit = end_of(flow);
  }

  void append_one(const script::HttpStep& step, FlowProgram& flow) {
    const auto number = static_cast<std::uint32_t>(program_.requests.size());
    program_.requests.push_back(std::make_unique<RequestPlan>(script_, step, number));
    note(program_.requests.back()->variables());
    flow.ops.emplace_back(RequestOp{program_.requests.back().get()});
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
  Program program_;
};

}  // namespace

core::Result<Program> compile(const script::Script& script) {
  return Compiler(script).run();
}

}  // namespace slsart::engine
