#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace slsart::expr::capture {

// The JavaScript expressions of JSONPath filters and scripts: `@.price < 10 && @['in stock']`.
// Operands: @ (the element looked at), $ (the document), properties and indices of them, `length`,
// numbers, quoted strings, true, false, null, undefined. Operators with JavaScript's meaning and
// conversions: || && == != === !== < <= > >= + - * / % ! and parentheses.
struct JsonExpression {
  enum class Op {
    kCurrent,   // @
    kRoot,      // $
    kLiteral,   // value
    kProperty,  // operands[0][operands[1]]
    kNot,
    kNegate,
    kOr,
    kAnd,
    kEqual,
    kNotEqual,
    kStrictEqual,
    kStrictNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kRemainder,
  };

  Op op = Op::kLiteral;
  core::Value value;
  std::vector<JsonExpression> operands;
  std::size_t size = 1;  // nodes, for the walker's budget
};

// Reads one expression that begins at `begin` and ends before a closing parenthesis, whose offset
// goes into `end`. Errors carry the offset in `text`.
core::Result<JsonExpression> parse_json_expression(std::string_view text, std::size_t begin,
                                                   std::size_t& end);

// The result; a list or an object comes back as `true`, which is all that filters need of it.
core::Value evaluate(const JsonExpression& expression, const core::Value& current,
                     const core::Value& root);

// Reads a quoted string that begins at `begin`, with JavaScript's escapes; `end` is behind its
// quote.
core::Result<std::string> parse_quoted(std::string_view text, std::size_t begin, std::size_t& end);

}  // namespace slsart::expr::capture
