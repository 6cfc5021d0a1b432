#pragma once

#include <cstdint>
#include <optional>

#include "core/symbol.h"
#include "expr/variables.h"
#include "script/detail/node.h"
#include "script/detail/report.h"

namespace slsart::script::detail {

// What `config` may refer to while it is prepared.
struct ConfigScope {
  core::SymbolTable& symbols;
  expr::Variables values;  // $environment, $processEnvironment, ... and later the config variables
  std::uint64_t seed = 0;  // of the random functions
};

// Fills the slots of `config` once (reference/artillery-script.md §1, step 5), in this order:
//
//   variables                       $-values and functions; the results join `scope.values`
//   everything else                 the same and config variables that are not lists
//   default headers and cookies     the same but no functions; other slots stay, as they are
//   rendered
//                                   for every request
//   environments                    left alone: the chosen one is already merged
//
// A slot that is exactly a text gives a value with its type. Warns of slots nothing is known for
// (they stay as written) and of environment variables that are not set (undefined).
void fill_config_slots(Node& config, ConfigScope& scope, Report& report);

// One text with what is in scope; nothing when a slot in it is not known.
std::optional<core::Value> fill_text(const Node& text, const ConfigScope& scope);

}  // namespace slsart::script::detail
