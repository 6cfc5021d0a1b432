#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/rng.h"
#include "core/value.h"

namespace slsart::expr {

// What a text in single quotes is: the name of a variable, as in the reference, or a text.
enum class SingleQuotes { kVariable, kText };

// The expression language of `ifTrue` and `ensure`: that of the npm package filtrex 2, which the
// reference uses, its precedences included (`not a == b` is `(not a) == b`). Compiled once; never
// changes, so threads may share it.
//
//   a ? b : c    or    and    in, not in    == != ~=    < <= > >=    + -    * / %    ^    not    -
//                                                     (the weakest first; all group to the left)
//   numbers 12 1.5 · "text" · names a, a.b, 'any name' · lists (1, 2, 3) · key of object
//   abs ceil floor log max min random round sqrt
//
// Values and conversions are JavaScript's; comparisons, `and`, `or`, `not` and `in` give 1 or 0.
class Condition {
 public:
  Condition() = default;  // undefined

  // `known` are names that count as one word although they hold characters such as `-`, `/`, `(` or
  // blanks; the longest that fits wins. Errors: kInvalidInput with the offset of the fault,
  // kNotFound for a function that is not there.
  static core::Result<Condition> compile(std::string_view text,
                                         std::span<const std::string> known = {},
                                         SingleQuotes quotes = SingleQuotes::kVariable);

  // Every name once, in the order of first appearance.
  struct Name {
    std::string text;
    std::size_t offset = 0;  // of its first place in the source
  };
  std::span<const Name> names() const;

  // Requires: values[i] belongs to names()[i], none is null (what is missing is undefined).
  core::Value evaluate(std::span<const core::Value* const> values, core::Rng& rng) const;

  struct Program;  // detail/condition_program.h

 private:
  std::shared_ptr<const Program> program_;  // shared: conditions are copied with their script
};

}  // namespace slsart::expr
