// Hot path: see architecture §9
#include "engine/flow/runner.h"

#include <algorithm>

#include "core/text.h"
#include "engine/hooks/hook_caller.h"
#include "script/duration.h"

namespace slsart::engine {
namespace {

// A user whose flow never waits gives way to the others after so many operations.
constexpr int kOpsBeforeGivingWay = 1000;

constexpr std::uint64_t kThinkDetail = std::uint64_t{1} << 62;

struct Range {
  std::int64_t begin = 0;
  std::int64_t end = LoopState::kEndless;
};

// "5" is 0..5, "2-5" is 2..5, 0 or nonsense is endless, as in the reference.
Range parse_count(std::string_view text) {
  text = core::trim(text);
  const std::size_t dash = text.find('-', 1);
  if (dash != std::string_view::npos) {
    const auto begin = core::parse_integer(core::trim(text.substr(0, dash)));
    const auto end = core::parse_integer(core::trim(text.substr(dash + 1)));
    if (begin && end) return {*begin, std::max(*begin, *end)};
  }
  const auto count = core::parse_number(text);
  if (count && *count >= 1) return {0, static_cast<std::int64_t>(*count)};
  return {};
}

core::Duration with_jitter(core::Duration base, const core::Value& jitter, core::Rng& rng) {
  double span = 0;
  if (jitter.is_number()) {
    span = jitter.as_number() * 1e6;
  } else if (jitter.is_string()) {
    std::string_view text = core::trim(jitter.as_string());
    const bool percent = text.ends_with('%');
    if (percent) text.remove_suffix(1);
    const double number = core::parse_number(core::trim(text)).value_or(0);
    span = percent ? static_cast<double>(base.count()) * number / 100 : number * 1e6;
  }
  const double moved = static_cast<double>(base.count()) + span * (2 * rng.unit() - 1);
  return core::Duration(static_cast<std::int64_t>(std::max(0.0, moved)));
}

}  // namespace

core::Rng FlowRunner::visit_rng(const VirtualUser& user, std::uint64_t seed, std::uint32_t step) {
  constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;
  std::uint64_t detail = (step + 1) * kMix;
  for (const VirtualUser* walk = &user; walk != nullptr; walk = walk->parent) {
    for (const LoopState& loop : walk->loops) {
      detail = (detail ^ static_cast<std::uint64_t>(loop.index + 1)) * kMix;
      detail ^= detail >> 29;
    }
  }
  return core::make_rng(seed, user.arrival, core::Purpose::kStep, detail);
}

void FlowRunner::resume(VirtualUser& resumed) {
  VirtualUser* user = &resumed;
  for (int i = 0; i < kOpsBeforeGivingWay; ++i) {
    const Op& op = user->program->ops[user->pc];
    ++user->pc;
    const Next next = std::visit([&](const auto& one) { return run(*user, one); }, op);
    if (next == Next::kJoined) {
      user = user->parent;
    } else if (next != Next::kGoOn) {
      return;
    }
  }
  if (stopping_) return end_unfinished(*user);
  loop_.arm(user->timer, loop_.now());
}

void FlowRunner::on_timer(void* user) {
  auto& woken = *static_cast<VirtualUser*>(user);
  woken.runner.host_.event_begins();
  woken.runner.resume(woken);
}

void FlowRunner::step_failed(VirtualUser& user, std::string_view reason) {
  host_.user_ended(user.root(), UserEnd::kFailed, reason);
}

void FlowRunner::end_unfinished(VirtualUser& user) {
  VirtualUser& root = user.root();
  bool is_in_flight = false;
  if (user.is_branch()) {
    root.each_walk([&](const VirtualUser& walk) {
      is_in_flight |= walk.visit != nullptr || walk.hook_call != 0;
    });
  }
  if (!is_in_flight) host_.user_ended(root, UserEnd::kUnfinished, {});
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const RequestOp& op) {
  if (stopping_) {
    end_unfinished(user);
    return Next::kEnded;
  }
  switch (engine_.start(user, op)) {
    case StepStart::kDone:
      return Next::kGoOn;
    case StepStart::kWaiting:
      return Next::kWait;
    case StepStart::kFailed:
      break;
  }
  if (op.request->step().continue_on_error) return Next::kGoOn;
  host_.user_ended(user.root(), UserEnd::kFailed, engine_.failure_reason());
  return Next::kEnded;
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const TurnOp&) {
  VirtualUser& root = user.root();
  if (!root.takes_turns) return Next::kGoOn;
  if (stopping_) {
    end_unfinished(user);
    return Next::kEnded;
  }
  if (host_.wait_for_turn(user)) return Next::kWait;
  host_.user_ended(root, UserEnd::kCompleted, {});
  return Next::kEnded;
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const ThinkOp& op) {
  if (stopping_) {
    end_unfinished(user);
    return Next::kEnded;
  }
  core::Rng rng = visit_rng(user, seed_, static_cast<std::uint32_t>(kThinkDetail >> 32) + user.pc);
  core::Duration pause{};
  if (op.think->constant) {
    pause = *op.think->constant;
  } else {
    std::string text;
    op.think->text.render(host_.scope_of(user, rng), text);
    auto parsed = script::parse_think(text, script_.dialect);
    if (!parsed) {
      host_.user_ended(user.root(), UserEnd::kFailed, "Invalid think time");
      return Next::kEnded;
    }
    pause = *parsed;
  }
  if (op.think->jitter) pause = with_jitter(pause, *op.think->jitter, rng);
  if (pause <= core::Duration::zero()) return Next::kGoOn;
  loop_.arm(user.timer, loop_.now() + pause);
  return Next::kWait;
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const LogOp& op) {
  core::Rng rng = visit_rng(user, seed_, static_cast<std::uint32_t>(kThinkDetail >> 32) + user.pc);
  std::string text;
  op.log->text.render(host_.scope_of(user, rng), text);
  host_.log_line(text);
  return Next::kGoOn;
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const LoopBeginOp& op) {
  LoopState state{.begin = user.pc - 1};
  if (!enter_loop(user, *op.loop, state)) {
    user.pc = op.exit;
    return Next::kGoOn;
  }
  set_loop_variables(user, *op.loop, state);
  user.loops.push_back(std::move(state));
  return Next::kGoOn;
}

// Decides how often the body runs; false: never.
bool FlowRunner::enter_loop(VirtualUser& user, const script::LoopStep& loop, LoopState& state) {
  core::Rng rng = visit_rng(user, seed_, static_cast<std::uint32_t>(kThinkDetail >> 32) + user.pc);
  const expr::Scope scope = host_.scope_of(user, rng);
  if (loop.over_list || loop.over_variable) {
    core::Value elements =
        loop.over_list ? loop.over_list->evaluate(scope) : loop.over_variable->evaluate(scope);
    if (!elements.is_list() || elements.as_list().empty()) return false;
    state.elements = std::make_unique<core::Value::List>(std::move(elements.as_list()));
    state.end = static_cast<std::int64_t>(state.elements->size());
    return true;
  }
  Range range;
  if (loop.count) {
    std::string text;
    loop.count->render(scope, text);
    range = parse_count(text);
  }
  state.index = range.begin;
  state.end = range.end;
  return loop.while_true || state.end == LoopState::kEndless || state.index < state.end;
}

void FlowRunner::set_loop_variables(VirtualUser& user, const script::LoopStep& loop,
                                    const LoopState& state) {
  user.variables.set(loop.index, core::Value(state.index));
  if (state.elements) {
    const auto index = static_cast<std::size_t>(state.index);
    const bool is_inside = index < state.elements->size();  // always, but for whileTrue
    user.variables.set(loop.element, is_inside ? (*state.elements)[index] : core::Value());
  } else {
    user.variables.set(loop.element, core::Value(state.index));
  }
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const LoopNextOp& op) {
  LoopState& state = user.loops.back();
  const script::LoopStep& loop = *std::get<LoopBeginOp>(user.program->ops[op.begin]).loop;
  ++state.index;
  if (!has_another_pass(user, loop, state)) {
    user.loops.pop_back();
    return Next::kGoOn;
  }
  set_loop_variables(user, loop, state);
  user.pc = op.begin + 1;
  return Next::kGoOn;
}

bool FlowRunner::has_another_pass(VirtualUser& user, const script::LoopStep& loop,
                                  LoopState& state) {
  if (loop.while_true) {
    // The condition sees how many passes there were, as in the reference.
    user.variables.set(loop.index, core::Value(state.index));
    core::Rng rng =
        visit_rng(user, seed_, static_cast<std::uint32_t>(kThinkDetail >> 32) + user.pc);
    const bool holds =
        loop.while_function ? user.said : loop.while_true->holds(host_.scope_of(user, rng));
    if (!holds) user.variables.set(loop.index, core::Value(state.index - 1));
    return holds;
  }
  if (state.end == LoopState::kEndless) return !host_.phases_over();
  return state.index < state.end;
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const SkipUnlessOp& op) {
  core::Rng rng = visit_rng(user, seed_, static_cast<std::uint32_t>(kThinkDetail >> 32) + user.pc);
  if (!op.condition->holds(host_.scope_of(user, rng))) user.pc = op.exit;
  return Next::kGoOn;
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const SkipUnlikelyOp& op) {
  core::Rng rng = visit_rng(user, seed_, static_cast<std::uint32_t>(kThinkDetail >> 32) + user.pc);
  const double drawn = rng.unit() * 100;
  const core::Value percent = op.percent->evaluate(host_.scope_of(user, rng));
  const double wanted = percent.is_string()
                            ? core::parse_number(core::trim(percent.as_string())).value_or(0)
                            : (percent.is_number() ? percent.as_number() : 0);
  if (!(drawn < wanted)) user.pc = op.exit;
  return Next::kGoOn;
}

VirtualUser& FlowRunner::take_branch(VirtualUser& user) {
  for (const auto& branch : user.branches) {
    if (branch->program == nullptr) return *branch;
  }
  return *user.branches.emplace_back(std::make_unique<VirtualUser>(user, &FlowRunner::on_timer));
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const ParallelOp& op) {
  if (stopping_) {
    end_unfinished(user);
    return Next::kEnded;
  }
  const VirtualUser& root = user.root();
  const std::uint32_t life = root.lives;
  user.fork = {.op = &op, .is_starting = true};
  while (user.fork.next < op.branch_count && user.fork.running < op.limit) {
    VirtualUser& branch = take_branch(user);
    branch.program = user.program;
    branch.arrival = user.arrival;
    branch.pc = user.program->branch_starts[op.first_branch + user.fork.next++];
    ++user.fork.running;
    resume(branch);
    if (root.lives != life) return Next::kEnded;  // the branch failed, and with it the user
  }
  user.fork.is_starting = false;
  if (user.fork.running > 0) return Next::kWait;
  user.pc = op.exit;
  return Next::kGoOn;
}

FlowRunner::Next FlowRunner::run(VirtualUser& branch, const BranchEndOp&) {
  VirtualUser& user = *branch.parent;
  Fork& fork = user.fork;
  if (fork.next < fork.op->branch_count && !stopping_) {
    branch.pc = branch.program->branch_starts[fork.op->first_branch + fork.next++];
    return Next::kGoOn;
  }
  branch.program = nullptr;
  --fork.running;
  const bool is_over = fork.running == 0 && fork.next == fork.op->branch_count;
  if (is_over && !fork.is_starting) {
    user.pc = fork.op->exit;
    return Next::kJoined;
  }
  if (stopping_ && !is_over) end_unfinished(branch);
  return Next::kWait;
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const FunctionOp& op) {
  if (stopping_ && !op.is_last) {
    end_unfinished(user);
    return Next::kEnded;
  }
  return call(user, op.point);
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const LoopAskOp& op) {
  if (stopping_) {
    end_unfinished(user);
    return Next::kEnded;
  }
  // The function sees how many passes there were, as in the reference.
  const LoopState& state = user.loops.back();
  const script::LoopStep& loop = *std::get<LoopBeginOp>(user.program->ops[state.begin]).loop;
  user.variables.set(loop.index, core::Value(state.index + 1));
  return call(user, op.point);
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const SkipUnlessSaidOp& op) {
  if (!user.said) user.pc = op.exit;
  return Next::kGoOn;
}

FlowRunner::Next FlowRunner::call(VirtualUser& user, std::uint32_t point) {
  if (hooks_->call_functions(user, point)) return Next::kWait;
  host_.user_ended(user.root(), UserEnd::kFailed, hooks_->failure_reason());
  return Next::kEnded;
}

FlowRunner::Next FlowRunner::run(VirtualUser& user, const EndOp&) {
  host_.user_ended(user, UserEnd::kCompleted, {});
  return Next::kEnded;
}

}  // namespace slsart::engine
