#include "expr/capture/json_expression.h"

#include <cmath>
#include <utility>

#include "expr/detail/javascript.h"
#include "expr/detail/path.h"

namespace slsart::expr::capture {
namespace {

using core::Value;
using Kind = core::Value::Kind;
using Op = JsonExpression::Op;

using detail::append_text;
using detail::loosely_equal;
using detail::make_number;
using detail::strictly_equal;
using detail::to_number;

const Value kUndefined;

// An operand of an expression: part of the document, which is not copied, or a value made here.
class Operand {
 public:
  Operand(const Value* borrowed) : borrowed_(borrowed) {}  // NOLINT(*-explicit-*)
  Operand(Value own) : own_(std::move(own)) {}             // NOLINT(*-explicit-*)
  const Value& get() const { return borrowed_ == nullptr ? own_ : *borrowed_; }
  // Containers are never wanted outside an expression, and copying them would be dear.
  Value scalar() const { return get().is_list() || get().is_object() ? Value(true) : get(); }

 private:
  const Value* borrowed_ = nullptr;
  Value own_;
};

bool is_ordered(Op op, const Value& a, const Value& b) {
  const int order = detail::compare(a, b);
  switch (op) {
    case Op::kLess:
      return order == -1;
    case Op::kLessEqual:
      return order == -1 || order == 0;
    case Op::kGreater:
      return order == 1;
    default:
      return order == 0 || order == 1;
  }
}

double calculate(Op op, double a, double b) {
  switch (op) {
    case Op::kSubtract:
      return a - b;
    case Op::kMultiply:
      return a * b;
    case Op::kDivide:
      return a / b;
    default:
      return std::fmod(a, b);
  }
}

// A stored property, or nullptr.
const Value* stored_property(const Value& owner, const Value& key) {
  if (owner.is_list()) {
    std::string text;
    append_text(key, text);
    const auto index = detail::list_index(text);
    return index && *index < owner.as_list().size() ? &owner.as_list()[*index] : nullptr;
  }
  if (!owner.is_object()) return nullptr;
  if (key.is_string()) return owner.find(key.as_string());
  std::string text;
  append_text(key, text);
  return owner.find(text);
}

Value length_of(const Value& owner) {
  if (owner.is_list()) return Value(static_cast<std::int64_t>(owner.as_list().size()));
  if (!owner.is_string()) return {};
  return Value(static_cast<std::int64_t>(detail::utf16_length(owner.as_string())));
}

class Evaluator {
 public:
  Evaluator(const Value& current, const Value& root) : current_(current), root_(root) {}

  Operand run(const JsonExpression& e) const {
    switch (e.op) {
      case Op::kCurrent:
        return &current_;
      case Op::kRoot:
        return &root_;
      case Op::kLiteral:
        return &e.value;
      case Op::kProperty:
        return property(run(e.operands[0]), run(e.operands[1]));
      case Op::kNot:
        return Value(!run(e.operands[0]).get().is_truthy());
      case Op::kNegate:
        return make_number(-to_number(run(e.operands[0]).get()));
      case Op::kOr:
      case Op::kAnd: {
        Operand left = run(e.operands[0]);
        return left.get().is_truthy() == (e.op == Op::kOr) ? std::move(left) : run(e.operands[1]);
      }
      default:
        return binary(e.op, run(e.operands[0]), run(e.operands[1]));
    }
  }

 private:
  // What is stored is always the document's: values made by an expression are scalars.
  static Operand property(const Operand& owner, const Operand& key) {
    if (const Value* stored = stored_property(owner.get(), key.get())) return stored;
    const bool is_length = key.get().is_string() && key.get().as_string() == "length";
    return is_length ? Operand(length_of(owner.get())) : Operand(&kUndefined);
  }

  static Operand binary(Op op, const Operand& left, const Operand& right) {
    const Value& a = left.get();
    const Value& b = right.get();
    switch (op) {
      case Op::kEqual:
        return Value(loosely_equal(a, b));
      case Op::kNotEqual:
        return Value(!loosely_equal(a, b));
      case Op::kStrictEqual:
        return Value(strictly_equal(a, b));
      case Op::kStrictNotEqual:
        return Value(!strictly_equal(a, b));
      case Op::kLess:
      case Op::kLessEqual:
      case Op::kGreater:
      case Op::kGreaterEqual:
        return Value(is_ordered(op, a, b));
      case Op::kAdd:
        return detail::add(a, b);
      default:
        return make_number(calculate(op, to_number(a), to_number(b)));
    }
  }

  const Value& current_;
  const Value& root_;
};

}  // namespace

core::Value evaluate(const JsonExpression& expression, const core::Value& current,
                     const core::Value& root) {
  return Evaluator(current, root).run(expression).scalar();
}

}  // namespace slsart::expr::capture
