#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/span.h"
#include "core/time.h"

// What the reference does by plugins.
namespace slsart::script {

// A condition that the result must meet.
struct EnsureCondition {
  std::string text;        // as reports show it: "p95 < 200"
  std::string expression;  // for expr::Condition; passes if it gives something true
  bool strict = true;      // false: shown, but no verdict
  bool abort = false;      // ends the run as soon as it does not hold
};

struct Ensure {
  std::vector<EnsureCondition> conditions;
  // Conditions do not end the run before it is this old.
  core::Duration abort_after = std::chrono::seconds(10);
};

}  // namespace slsart::script
