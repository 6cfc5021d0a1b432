// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <string>

#include "core/value.h"
#include "engine/http/request_plan.h"

namespace slsart::engine {

// The parts of one answer of a hook (hooks/frame.h); whatever does not have the right shape counts
// as not there, for the processor's process is not to be trusted. Points into the frame.
struct HookAnswer {
  std::uint64_t call = 0;  // 0: an answer to "anybody there", or nonsense
  const std::string* error = nullptr;
  core::Value* variables = nullptr;
  core::Value* edits = nullptr;
  bool flag = false;
  core::Value* others = nullptr;
  core::Value* cookies = nullptr;
};
HookAnswer read_answer(core::Value& answer);

// What hooks changed about a request. Texts are moved out of `edits`.
RequestEdits read_edits(core::Value& edits);

}  // namespace slsart::engine
