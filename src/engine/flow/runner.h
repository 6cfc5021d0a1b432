// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "engine/flow/program.h"
#include "engine/step_engine.h"
#include "engine/virtual_user.h"
#include "net/loop.h"

namespace slsart::engine {

class HookCaller;

// How a user ended.
enum class UserEnd { kCompleted, kFailed, kUnfinished };

// What the runner needs from its worker.
class FlowHost {
 public:
  virtual ~FlowHost() = default;
  virtual void event_begins() = 0;  // before anything is recorded for it
  virtual expr::Scope scope_of(const VirtualUser& user, core::Rng& rng) const = 0;
  virtual void log_line(std::string_view text) = 0;
  // The user is over. `reason`: what it failed of, empty otherwise. The user must not be touched
  // after.
  virtual void user_ended(VirtualUser& user, UserEnd end, std::string_view reason) = 0;
  virtual bool phases_over() const = 0;  // endless loops are left then
  // Puts a user (or branch) into the line for the next request; resume() when it is its turn.
  // False: there are no more turns, the user is done.
  virtual bool wait_for_turn(VirtualUser&) { return false; }
};

// Walks users through their programs: a function (user, event) -> next wait. Allocates nothing
// itself.
class FlowRunner {
 public:
  // For programs that call functions of a processor.
  void set_hooks(HookCaller& hooks) { hooks_ = &hooks; }

  // Requires: all references outlive the runner.
  FlowRunner(net::Loop& loop, StepEngine& engine, FlowHost& host, const script::Script& script,
             std::uint64_t seed)
      : loop_(loop), engine_(engine), host_(host), script_(script), seed_(seed) {}

  // Runs operations until the user waits or ends.
  void resume(VirtualUser& user);
  // Callback of VirtualUser::timer.
  static void on_timer(void* user);
  // The events of a step that was waiting.
  void step_done(VirtualUser& user) { resume(user); }
  void step_failed(VirtualUser& user, std::string_view reason);
  // The user may not go on because of a stop. A branch waits until no other one has a request in
  // flight, then its whole user ends.
  void end_unfinished(VirtualUser& user);

  // No user starts another request from now on; thinking ones are the worker's to end.
  void stop() { stopping_ = true; }
  bool is_stopping() const { return stopping_; }

  // The random stream of one visit of a step: the same for the same user, step and passes of the
  // loops around it, whatever happened elsewhere.
  static core::Rng visit_rng(const VirtualUser& user, std::uint64_t seed, std::uint32_t step);

 private:
  enum class Next { kGoOn, kWait, kEnded, kJoined };
  Next run(VirtualUser& user, const RequestOp& op);
  Next run(VirtualUser& user, const TurnOp& op);
  Next run(VirtualUser& user, const ThinkOp& op);
  Next run(VirtualUser& user, const LogOp& op);
  Next run(VirtualUser& user, const LoopBeginOp& op);
  Next run(VirtualUser& user, const LoopNextOp& op);
  Next run(VirtualUser& user, const SkipUnlessOp& op);
  Next run(VirtualUser& user, const SkipUnlikelyOp& op);
  Next run(VirtualUser& user, const ParallelOp& op);
  Next run(VirtualUser& user, const BranchEndOp& op);
  Next run(VirtualUser& user, const FunctionOp& op);
  Next run(VirtualUser& user, const LoopAskOp& op);
  Next run(VirtualUser& user, const SkipUnlessSaidOp& op);
  Next run(VirtualUser& user, const EndOp& op);
  Next call(VirtualUser& user, std::uint32_t point);
  static VirtualUser& take_branch(VirtualUser& user);
  bool has_another_pass(VirtualUser& user, const script::LoopStep& loop, LoopState& state);
  bool enter_loop(VirtualUser& user, const script::LoopStep& loop, LoopState& state);
  void set_loop_variables(VirtualUser& user, const script::LoopStep& loop, const LoopState& state);

  net::Loop& loop_;
  StepEngine& engine_;
  FlowHost& host_;
  const script::Script& script_;
  std::uint64_t seed_;
  HookCaller* hooks_ = nullptr;
  bool stopping_ = false;
};

}  // namespace slsart::engine
