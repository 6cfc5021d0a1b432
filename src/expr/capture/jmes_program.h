#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace slsart::expr::capture {

// The functions of JMESPath (https://jmespath.org/specification.html, "Built-in Functions").
enum class JmesFunction : std::uint8_t {
  kAbs,
  kAvg,
  kCeil,
  kContains,
  kEndsWith,
  kFloor,
  kJoin,
  kKeys,
  kLength,
  kMap,
  kMax,
  kMaxBy,
  kMerge,
  kMin,
  kMinBy,
  kNotNull,
  kReverse,
  kSort,
  kSortBy,
  kStartsWith,
  kSum,
  kToArray,
  kToNumber,
  kToString,
  kType,
  kValues,
};

struct JmesSignature {
  std::string_view name;
  JmesFunction function;
  std::size_t arguments;
  bool is_variadic = false;  // so many arguments or more
  int expression = -1;       // the argument that is an expression (&...), -1: none
};
// In the order of JmesFunction.
std::span<const JmesSignature> jmes_functions();

// One node of a compiled JMESPath.
struct JmesNode {
  enum class Op : std::uint8_t {
    kCurrent,     // @, or nothing
    kField,       // text: the member's name
    kIndex,       // of the current value; range[0]
    kSlice,       // of the current value; range
    kLiteral,     // value
    kChain,       // operands[1] of the result of operands[0]: `a.b`, `a[0]`, `a | b`
    kProjection,  // operands[1] of each element of the list operands[0]
    kValues,      // ... of each member's value of the object operands[0]
    kFilter,      // ... of the elements for which operands[2] is true
    kFlatten,     // lists inside the list operands[0] become parts of it
    kList,        // [a, b]
    kObject,      // {x: a, y: b}; names
    kOr,
    kAnd,
    kNot,
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kCall,       // function
    kReference,  // &a: only as an argument
  };

  Op op = Op::kCurrent;
  JmesFunction function = JmesFunction::kAbs;
  std::string text;
  core::Value value;
  std::array<std::optional<std::int64_t>, 3> range;
  std::vector<std::string> names;
  std::vector<JmesNode> operands;
};

// Errors: kInvalidInput with the offset of the fault.
core::Result<JmesNode> parse_jmes(std::string_view text);

}  // namespace slsart::expr::capture
