// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/time.h"
#include "core/value.h"
#include "engine/flow/program.h"
#include "expr/variables.h"
#include "net/loop.h"
#include "protocol/connection_pool.h"
#include "protocol/cookie_jar.h"

namespace slsart::engine {

class FlowRunner;
struct HttpVisit;

// A loop that a user is inside of.
struct LoopState {
  std::uint32_t begin = 0;  // number of its LoopBeginOp
  std::int64_t index = 0;   // of the present pass
  std::int64_t end = 0;     // first index that is not run any more; kEndless: none
  std::unique_ptr<core::Value::List> elements;  // of `over`
  static constexpr std::int64_t kEndless = -1;
};

// What a user that waits for its parallel branches has to know.
struct Fork {
  const ParallelOp* op = nullptr;
  std::uint32_t next = 0;     // first branch that was not started yet
  std::uint32_t running = 0;  // branches under way
  bool is_starting = false;   // the branches are being started: the one that ends must not resume
};

// What the processor's process knows of a user.
struct HookState {
  std::uint32_t user = 0;   // its number there; 0: nothing is known of it
  std::uint32_t epoch = 0;  // the process that knows it
  std::uint64_t jar_version = 0;
};

// One walk through one scenario; plain data, kept in the worker's slab and used again for later
// arrivals. Belongs to its worker's thread.
//
// The steps of a `parallel` are walked by branches: users of their own that share variables,
// cookies and connections with the user they belong to (root()), and end with it.
struct VirtualUser {
  using OnTimer = net::Timer::Callback;
  VirtualUser(FlowRunner& its_runner, OnTimer on_timer)
      : runner(its_runner),
        state_(std::make_unique<State>()),
        variables(state_->variables),
        jar(state_->jar),
        connections(state_->connections),
        hooks(state_->hooks),
        timer(on_timer, this) {}
  // A branch. Requires: `above` (a user or a branch) outlives it.
  VirtualUser(VirtualUser& above, OnTimer on_timer)
      : runner(above.runner),
        parent(&above),
        variables(above.variables),
        jar(above.jar),
        connections(above.connections),
        hooks(above.hooks),
        timer(on_timer, this) {}

  VirtualUser& root() {
    VirtualUser* user = this;
    while (user->parent != nullptr) user = user->parent;
    return *user;
  }
  bool is_branch() const { return parent != nullptr; }
  // Calls f(user) for this one and every branch under way below it.
  template <typename F>
  void each_walk(F&& f) {
    f(*this);
    for (const auto& branch : branches) {
      if (branch->program != nullptr) branch->each_walk(f);
    }
  }

  FlowRunner& runner;
  const FlowProgram* program = nullptr;  // null: the slot is free
  VirtualUser* parent = nullptr;         // of a branch: who waits for it
  std::uint32_t pc = 0;                  // next operation
  std::uint32_t slot = 0;                // position among the worker's active users
  std::uint32_t lives = 0;               // how often the slot was given back: tells users apart
  std::uint64_t arrival = 0;
  core::TimePoint due{};
  core::TimePoint started{};
  bool sent_first_request = false;
  bool saw_first_answer = false;
  bool takes_turns = false;     // of a phase with a requestRate
  core::TimePoint turns_end{};  // when there are no more
  std::vector<LoopState> loops;
  Fork fork;
  std::vector<std::unique_ptr<VirtualUser>> branches;  // free and under way; used again

 private:
  struct State {
    expr::Variables variables;
    std::unique_ptr<protocol::CookieJar> jar;
    protocol::UserConnections connections;
    HookState hooks;
  };
  std::unique_ptr<State> state_;  // not of a branch

 public:
  // Of the whole user: a branch's are those of its root.
  expr::Variables& variables;
  std::unique_ptr<protocol::CookieJar>& jar;
  protocol::UserConnections& connections;
  HookState& hooks;
  HttpVisit* visit = nullptr;   // the request under way
  std::uint64_t hook_call = 0;  // functions called by a step of the flow, under way; 0: none
  bool said = false;            // what a function answered to a condition
  net::Timer timer;             // think, or the turn of a user that gave way
};

}  // namespace slsart::engine
