#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/result.h"
#include "engine/http/request_plan.h"
#include "expr/user_condition.h"
#include "script/script.h"

namespace slsart::engine {

// A scenario as a flat list of operations with jumps. Never changes once compiled; shared by all
// workers. Pointers lead into the script and the request plans, which must outlive the program.
struct RequestOp {
  const RequestPlan* request = nullptr;
};
struct ThinkOp {
  const script::ThinkStep* think = nullptr;
};
struct LogOp {
  const script::LogStep* log = nullptr;
};
// Enters a loop, or jumps to `exit` when it has no passes.
struct LoopBeginOp {
  const script::LoopStep* loop = nullptr;
  std::uint32_t exit = 0;
};
// The end of a loop's body: one more pass from `begin` + 1, or on with the next operation.
struct LoopNextOp {
  std::uint32_t begin = 0;
};
// Before each request of scripts that have a phase with a requestRate: users of such a phase wait
// here for their turn.
struct TurnOp {};
// Goes on at `exit` unless the condition holds.
struct SkipUnlessOp {
  const expr::UserCondition* condition = nullptr;
  std::uint32_t exit = 0;
};
// Goes on at `exit` except in so many of a hundred cases.
struct SkipUnlikelyOp {
  const expr::ValueTemplate* percent = nullptr;
  std::uint32_t exit = 0;
};
// Starts branches at the operations branch_starts[first_branch ...] of the program, at most
// `limit` at a time; goes on at `exit` when all have come to their BranchEndOp.
struct ParallelOp {
  std::uint32_t first_branch = 0;
  std::uint32_t branch_count = 0;
  std::uint32_t limit = 0;
  std::uint32_t exit = 0;
};
struct BranchEndOp {};
// Calls functions of the processor and waits for them.
struct FunctionOp {
  std::uint32_t point = 0;  // of Program::hook_points
  bool is_last = false;     // afterScenario: it also runs while the run is being stopped
};
// The end of a pass of a loop: asks the processor whether to go on; LoopNextOp acts on the answer.
struct LoopAskOp {
  std::uint32_t point = 0;
};
// Behind a FunctionOp that asked for a condition: goes on at `exit` unless the answer was true.
struct SkipUnlessSaidOp {
  std::uint32_t exit = 0;
};
struct EndOp {};

using Op = std::variant<RequestOp, TurnOp, ThinkOp, LogOp, LoopBeginOp, LoopNextOp, SkipUnlessOp,
                        SkipUnlikelyOp, ParallelOp, BranchEndOp, FunctionOp, LoopAskOp,
                        SkipUnlessSaidOp, EndOp>;

struct FlowProgram {
  std::vector<Op> ops;                       // ends with EndOp
  std::vector<std::uint32_t> branch_starts;  // of all ParallelOps
};

// A place of the script from where functions of the processor are called.
enum class HookKind { kFunction, kWhile, kCondition, kBeforeRequest, kAfterResponse, kOnError };
struct HookPoint {
  HookKind kind = HookKind::kFunction;
  std::vector<const script::HookName*> names;  // called one after another
  std::uint32_t request = 0;                   // of the last three: number of the request
  bool keeps_request = false;  // of kBeforeRequest: a later call of the same visit wants its object
};

// Variables that the engine itself gives to every user whose script reads them.
struct BuiltInSymbols {
  core::Symbol uuid;           // $uuid: a version 4 UUID, one per user
  core::Symbol arrival_index;  // $arrivalIndex: number of the arrival in the whole run, from 0
  core::Symbol arrival_due;   // $arrivalDue: its due time in nanoseconds since the start of the run
  core::Symbol worker_index;  // $workerIndex
  bool uses_uuid = false;
  bool uses_arrival = false;
};

// Everything workers need to know about a script, compiled once.
struct Program {
  const script::Script* script = nullptr;
  std::vector<FlowProgram> scenarios;
  FlowProgram before;
  FlowProgram after;
  // A scenario of weight w stands w times; an arrival draws one entry.
  std::vector<std::uint32_t> scenario_table;
  BuiltInSymbols built_in;
  std::vector<std::unique_ptr<RequestPlan>> requests;
  std::vector<HookPoint> hook_points;  // empty: nothing is ever called
};

// Requires: the script outlives the program. Errors: weights that add up to more than a million.
core::Result<Program> compile(const script::Script& script);

}  // namespace slsart::engine
