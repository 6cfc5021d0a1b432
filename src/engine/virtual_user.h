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

// One walk through one scenario; plain data, kept in the worker's slab and used again for later
// arrivals. Belongs to its worker's thread.
struct VirtualUser {
  VirtualUser(FlowRunner& its_runner, net::Timer::Callback on_timer)
      : runner(its_runner), timer(on_timer, this) {}

  FlowRunner& runner;
  const FlowProgram* program = nullptr;  // null: the slot is free
  std::uint32_t pc = 0;                  // next operation
  std::uint32_t slot = 0;                // position among the worker's active users
  std::uint64_t arrival = 0;
  core::TimePoint due{};
  core::TimePoint started{};
  bool sent_first_request = false;
  bool saw_first_answer = false;
  std::vector<LoopState> loops;
  expr::Variables variables;
  std::unique_ptr<protocol::CookieJar> jar;
  protocol::UserConnections connections;
  HttpVisit* visit = nullptr;  // the request under way
  net::Timer timer;            // think, or the turn of a user that gave way
};

}  // namespace slsart::engine
