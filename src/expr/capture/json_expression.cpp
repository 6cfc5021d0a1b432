#include "expr/capture/json_expression.h"

#include <cmath>
#include <limits>
#include <utility>

#include "core/text.h"
#include "expr/detail/path.h"

namespace slsart::expr::capture {
namespace {

using core::Value;
using Kind = core::Value::Kind;
using Op = JsonExpression::Op;

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

// ECMAScript ToNumber; hexadecimal text and the like are not worth having here.
double to_number(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return 0;
    case Kind::kBool:
      return value.as_bool() ? 1 : 0;
    case Kind::kInteger:
    case Kind::kNumber:
      return value.as_number();
    case Kind::kString: {
      const std::string_view text = core::trim(value.as_string());
      if (text.empty()) return 0;
      return core::parse_number(text).value_or(std::numeric_limits<double>::quiet_NaN());
    }
    case Kind::kUndefined:
    case Kind::kList:
    case Kind::kObject:
      break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

// Whole results stay whole numbers while a double holds them exactly.
Value make_number(double number) {
  constexpr double kExact = 9007199254740992.0;
  if (std::fabs(number) <= kExact && std::trunc(number) == number) {
    return Value(static_cast<std::int64_t>(number));
  }
  return Value(number);
}

bool is_container(const Value& value) {
  return value.is_list() || value.is_object();
}

bool strictly_equal(const Value& a, const Value& b) {
  // Lists and objects are equal only to themselves.
  return is_container(a) || is_container(b) ? &a == &b : a == b;
}

bool loosely_equal(const Value& a, const Value& b) {
  const auto is_nothing = [](const Value& v) { return v.is_null() || v.is_undefined(); };
  if (is_nothing(a) || is_nothing(b)) return is_nothing(a) && is_nothing(b);
  if (a.kind() == b.kind() || is_container(a) || is_container(b)) return strictly_equal(a, b);
  return to_number(a) == to_number(b);
}

template <typename T>
bool holds(Op op, const T& a, const T& b) {
  switch (op) {
    case Op::kLess:
      return a < b;
    case Op::kLessEqual:
      return a <= b;
    case Op::kGreater:
      return a > b;
    default:
      return a >= b;
  }
}

bool is_ordered(Op op, const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) return holds(op, a.as_string(), b.as_string());
  return holds(op, to_number(a), to_number(b));
}

void append_text(const Value& value, std::string& out) {
  // What JavaScript makes of an object; no query can want it, and JSON of a document would be dear.
  is_container(value) ? static_cast<void>(out += "[object Object]") : core::write_text(value, out);
}

Value add(const Value& a, const Value& b) {
  const auto is_text = [](const Value& v) { return v.is_string() || is_container(v); };
  if (!is_text(a) && !is_text(b)) return make_number(to_number(a) + to_number(b));
  std::string text;
  append_text(a, text);
  append_text(b, text);
  return Value(std::move(text));
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
        return add(a, b);
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
