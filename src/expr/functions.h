#pragma once

#include <span>
#include <string_view>

#include "core/rng.h"
#include "core/value.h"

namespace slsart::expr {

// A function that templates may call. `arguments` are whole numbers or text; missing ones are absent.
struct Function {
  std::string_view name;       // with its $
  std::size_t min_arguments;
  std::size_t max_arguments;
  core::Value (*call)(std::span<const core::Value> arguments, core::Rng& rng);
  std::string_view doc;        // one line for the manual: "$randomNumber(min, max): ..."
};

// The table of all functions, sorted by name.
std::span<const Function> functions();
const Function* find_function(std::string_view name);

}  // namespace slsart::expr
