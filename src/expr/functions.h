#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "core/rng.h"
#include "core/value.h"

namespace slsart::expr {

enum class ArgumentKind { kInteger, kAny };

// A function that templates may call. `arguments` are whole numbers or text; missing ones are
// absent.
struct Function {
  std::string_view name;  // with its $
  std::size_t min_arguments;
  std::size_t max_arguments;
  core::Value (*call)(std::span<const core::Value> arguments, core::Rng& rng);
  // The same as text, appended to `out` without a Value in between; null where `call` is as good.
  void (*append)(std::span<const core::Value> arguments, core::Rng& rng, std::string& out);
  ArgumentKind argument_kind;  // what a call may be written with; Template::compile checks it
  std::string_view doc;        // one line for the manual: "$randomNumber(min, max): ..."
};

// The table of all functions, sorted by name.
std::span<const Function> functions();
const Function* find_function(std::string_view name);

}  // namespace slsart::expr
