#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "expr/capture/regexp.h"
#include "expr/condition.h"

namespace slsart::expr::detail {

enum class ConditionOp {
  kLiteral,   // value
  kName,      // index among the names
  kProperty,  // value (a text) of operands[0]
  kNegate,
  kNot,
  kOr,
  kAnd,
  kEqual,
  kNotEqual,
  kMatches,  // operands[0] against operands[1] or, if that is a literal, `pattern`
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kPower,
  kIn,
  kNotIn,
  kChoose,  // operands[0] ? operands[1] : operands[2]
  kList,
  kCall,  // function
};

enum class ConditionFunction { kAbs, kCeil, kFloor, kLog, kMax, kMin, kRandom, kRound, kSqrt };

struct ConditionNode {
  ConditionOp op = ConditionOp::kLiteral;
  core::Value value;
  std::size_t name = 0;
  ConditionFunction function = ConditionFunction::kAbs;
  std::optional<capture::Regexp> pattern;
  std::vector<ConditionNode> operands;
};

}  // namespace slsart::expr::detail

namespace slsart::expr {

struct Condition::Program {
  detail::ConditionNode root;
  std::vector<Name> names;
};

}  // namespace slsart::expr

namespace slsart::expr::detail {

// Reads the whole text. Errors as Condition::compile().
core::Result<Condition::Program> parse_condition(std::string_view text,
                                                 std::span<const std::string> known,
                                                 SingleQuotes quotes);

}  // namespace slsart::expr::detail
