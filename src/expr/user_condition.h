// Hot path: see architecture §9
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/symbol.h"
#include "expr/condition.h"
#include "expr/template.h"
#include "expr/variables.h"

namespace slsart::expr {

// `ifTrue` and `whileTrue`: a condition whose names are the variables of a user. `a.b` is the
// variable of that literal name, else a path into `a`, as in templates; `true`, `false` and `null`
// are those values unless a variable is called so. Compiled once; never changes, so threads may
// share it.
class UserCondition {
 public:
  UserCondition() = default;  // never holds
  // Errors: as Condition::compile().
  static core::Result<UserCondition> compile(std::string_view text, core::SymbolTable& symbols,
                                             SingleQuotes quotes = SingleQuotes::kText);

  // Whether the value is truthy in JavaScript. random() draws from the scope's stream.
  bool holds(const Scope& scope) const;

  const std::string& source() const { return source_; }
  // The text is nothing but a name (`isReady`): a variable, or the function of a processor.
  bool is_lone_name() const;
  // The roots of all variables it may read.
  std::vector<core::Symbol> variables() const;

 private:
  struct Operand {
    core::Symbol name;             // as written
    std::optional<Template> path;  // {{ name }}, where it is one
    core::Value fallback;          // of true, false and null; else undefined
  };
  std::string source_;
  Condition condition_;
  std::vector<Operand> operands_;
};

}  // namespace slsart::expr
