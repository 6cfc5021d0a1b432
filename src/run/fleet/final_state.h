#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "core/value.h"

namespace slsart::run::fleet {

// How a part of a run ended, the last thing that its executor writes:
//
//   {"parts":13,"ending":"completed","failure":"","at":1795319645250}
//
// `before` also has "variables", an object.
struct FinalState {
  std::uint32_t parts = 0;  // deltas it stored, numbered from 0
  std::string ending;       // "completed", "stopped" (by a stop mark), "deadline", "failed"
  std::string failure;      // for people; empty unless "failed"
  core::WallTime at{};
  std::vector<core::Member> variables;
};

std::string to_json(const FinalState& state);
core::Result<FinalState> parse_final_state(std::string_view bytes);

}  // namespace slsart::run::fleet
