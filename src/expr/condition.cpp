// Hot path: see architecture §9
#include "expr/condition.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "expr/detail/condition_program.h"
#include "expr/detail/javascript.h"
#include "expr/extractor.h"

namespace slsart::expr {
namespace {

using core::Value;
using detail::ConditionFunction;
using Op = detail::ConditionOp;
using Node = detail::ConditionNode;

const Value kUndefined;

// `scratch` owns what is not a variable's or a literal.
class Evaluator {
 public:
  Evaluator(std::span<const Value* const> values, core::Rng& rng) : values_(values), rng_(rng) {}

  const Value& run(const Node& node, Value& scratch) const {
    switch (node.op) {
      case Op::kLiteral:
        return node.value;
      case Op::kName:
        return *values_[node.name];
      case Op::kProperty: {
        Value own;
        const Value* const found = run(node.operands[0], own).find(node.value.as_string());
        return scratch = found == nullptr ? kUndefined : *found;
      }
      case Op::kNegate:
        return scratch = detail::make_number(-number(node.operands[0]));
      case Op::kNot:
        return scratch = truth(!is_true(node.operands[0]));
      case Op::kOr:
        return scratch = truth(is_true(node.operands[0]) || is_true(node.operands[1]));
      case Op::kAnd:
        return scratch = truth(is_true(node.operands[0]) && is_true(node.operands[1]));
      case Op::kChoose:
        return run(node.operands[is_true(node.operands[0]) ? 1 : 2], scratch);
      case Op::kList:
        return scratch = list(node);
      case Op::kCall:
        return scratch = detail::make_number(call(node));
      default:
        break;
    }
    Value left, right;
    const Value& a = run(node.operands[0], left);
    const Value& b = run(node.operands[1], right);
    return scratch = binary(node, a, b);
  }

 private:
  static Value truth(bool holds) { return Value(holds ? 1 : 0); }
  bool is_true(const Node& node) const {
    Value scratch;
    return run(node, scratch).is_truthy();
  }
  double number(const Node& node) const {
    Value scratch;
    return detail::to_number(run(node, scratch));
  }
  Value list(const Node& node) const {
    Value::List items;
    for (const Node& item : node.operands) {
      Value scratch;
      items.push_back(run(item, scratch));
    }
    return Value(std::move(items));
  }

  static Value binary(const Node& node, const Value& a, const Value& b) {
    const int order = detail::compare(a, b);
    switch (node.op) {
      case Op::kEqual:
        return truth(detail::loosely_equal(a, b));
      case Op::kNotEqual:
        return truth(!detail::loosely_equal(a, b));
      case Op::kMatches:
        return truth(matches(node, a, b));
      case Op::kLess:
        return truth(order == -1);
      case Op::kLessEqual:
        return truth(order == -1 || order == 0);
      case Op::kGreater:
        return truth(order == 1);
      case Op::kGreaterEqual:
        return truth(order == 0 || order == 1);
      case Op::kIn:
        return truth(is_subset(a, b));
      case Op::kNotIn:
        return truth(!is_subset(a, b));
      case Op::kAdd:
        return detail::add(a, b);
      default:
        return detail::make_number(calculate(node.op, detail::to_number(a), detail::to_number(b)));
    }
  }

  static double calculate(Op op, double a, double b) {
    switch (op) {
      case Op::kSubtract:
        return a - b;
      case Op::kMultiply:
        return a * b;
      case Op::kDivide:
        return a / b;
      case Op::kPower:
        return std::pow(a, b);
      default:
        return std::fmod(a, b);
    }
  }

  static bool matches(const Node& node, const Value& a, const Value& b) {
    std::string text;
    detail::append_text(a, text);
    if (node.pattern) return !node.pattern->find(text).is_undefined();
    std::string source;
    detail::append_text(b, source);
    const auto pattern = capture::Regexp::compile(source, RegexpOptions{});
    return pattern && !pattern->find(text).is_undefined();
  }

  // A single value counts as a list of one.
  static bool is_subset(const Value& a, const Value& b) {
    const std::span<const Value> some = a.is_list() ? std::span(a.as_list()) : std::span(&a, 1);
    const std::span<const Value> all = b.is_list() ? std::span(b.as_list()) : std::span(&b, 1);
    return std::all_of(some.begin(), some.end(), [&](const Value& item) {
      return std::find(all.begin(), all.end(), item) != all.end();
    });
  }

  double call(const Node& node) const {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    const auto& operands = node.operands;
    const double first = operands.empty() ? kNone : number(operands[0]);
    switch (node.function) {
      case ConditionFunction::kAbs:
        return std::fabs(first);
      case ConditionFunction::kCeil:
        return std::ceil(first);
      case ConditionFunction::kFloor:
        return std::floor(first);
      case ConditionFunction::kLog:
        return std::log(first);
      case ConditionFunction::kRound:
        return std::floor(first + 0.5);
      case ConditionFunction::kSqrt:
        return std::sqrt(first);
      case ConditionFunction::kRandom:
        return rng_.unit();
      case ConditionFunction::kMax:
      case ConditionFunction::kMin:
        break;
    }
    const bool is_max = node.function == ConditionFunction::kMax;
    double result =
        is_max ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    for (const Node& operand : operands) {
      const double value = number(operand);
      if (std::isnan(value)) return kNone;
      result = is_max ? std::max(result, value) : std::min(result, value);
    }
    return result;
  }

  std::span<const Value* const> values_;
  core::Rng& rng_;
};

}  // namespace

core::Result<Condition> Condition::compile(std::string_view text,
                                           std::span<const std::string> known,
                                           SingleQuotes quotes) {
  auto program = detail::parse_condition(text, known, quotes);
  if (!program) return std::move(program).error();
  Condition condition;
  condition.program_ = std::make_shared<const Program>(*std::move(program));
  return condition;
}

std::span<const Condition::Name> Condition::names() const {
  return program_ == nullptr ? std::span<const Name>() : std::span<const Name>(program_->names);
}

core::Value Condition::evaluate(std::span<const core::Value* const> values, core::Rng& rng) const {
  if (program_ == nullptr) return {};
  core::Value scratch;
  const core::Value& result = Evaluator(values, rng).run(program_->root, scratch);
  return &result == &scratch ? std::move(scratch) : result;
}

}  // namespace slsart::expr
