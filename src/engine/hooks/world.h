#pragma once

#include <cstdint>
#include <string>

#include "engine/flow/program.h"
#include "expr/variables.h"

namespace slsart::engine {

// What is particular to one processor's process of a run.
struct HookWorld {
  std::uint32_t worker_index = 0;
  std::uint32_t worker_count = 1;
  std::string run_id;
  bool keeps_all = false;  // variables that the script does not name come back, too
};

// The start message of hooks::NodeProcess for a program with hook points; `shared` is what all
// users see. JSON, see hooks/frame.h and hooks/node/session.cjs:
//
//   {"processor": path, "names": [variable names by symbol], "shared": {...}, "target": url,
//    "points": [{"kind": "before", "names": [...] or null, "step": n, "keeps": true}, ...],
//    "steps": [{"spec": {...}, "method": "GET", "timeout": seconds}, ...], "scenarios": [...],
//    "slsart": {"workerIndex", "workerCount", "runId"}, "jsonBodies": "both", "keepsAll": false}
std::string hook_world(const Program& program, const expr::Variables& shared,
                       const HookWorld& world);

}  // namespace slsart::engine
