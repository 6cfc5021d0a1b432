#include "expr/capture/jmes_path.h"

#include <algorithm>
#include <utility>

#include "expr/capture/jmes_evaluator.h"
#include "expr/detail/javascript.h"

namespace slsart::expr::capture {

using core::Value;
using Op = JmesNode::Op;

namespace {

std::size_t size_of(const Value& value) {
  std::size_t size = 1;
  if (value.is_list()) {
    for (const Value& item : value.as_list()) size += size_of(item);
  } else if (value.is_object()) {
    for (const core::Member& member : value.as_object()) size += size_of(member.value);
  } else if (value.is_string()) {
    size += value.as_string().size() / 64;
  }
  return size;
}

}  // namespace

bool is_jmes_true(const Value& value) {
  if (value.is_list()) return !value.as_list().empty();
  if (value.is_object()) return !value.as_object().empty();
  if (value.is_string()) return !value.as_string().empty();
  if (value.is_number()) return true;
  return value.kind() == Value::Kind::kBool && value.as_bool();
}

core::Result<JmesPath> JmesPath::parse(std::string_view text) {
  auto root = parse_jmes(text);
  if (!root) return std::move(root).error();
  JmesPath path;
  path.root_ = std::make_shared<const JmesNode>(*std::move(root));
  return path;
}

core::Result<Value> JmesPath::search(const Value& document) const {
  constexpr std::size_t kLeastBudget = 1 << 16;
  constexpr std::size_t kPerValue = 16;
  JmesEvaluator evaluator(std::max(kLeastBudget, kPerValue * size_of(document)));
  const Value* const found = evaluator.visit(*root_, &document);
  if (evaluator.has_failed()) return evaluator.take_error();
  return found->is_undefined() ? Value(Value::Null{}) : *found;
}

const Value* JmesEvaluator::keep(Value value) {
  return &store_.emplace_back(std::move(value));
}

const Value* JmesEvaluator::nothing() {
  static const Value kNull{Value::Null{}};
  return &kNull;
}

const Value* JmesEvaluator::fail(core::ErrorCode code, std::string message) {
  if (!has_failed_) {
    error_ = core::Error{.code = code, .message = std::move(message), .hint = {}, .offset = {}};
  }
  has_failed_ = true;
  return nothing();
}

bool JmesEvaluator::spend(std::size_t amount) {
  if (has_failed_) return false;
  if (amount > budget_) {
    fail(core::ErrorCode::kLimit, "the JMESPath takes too much work");
    return false;
  }
  budget_ -= amount;
  return true;
}

// An empty value when the budget does not allow it.
Value JmesEvaluator::copy(const Value& value) {
  return spend(size_of(value)) ? value : Value(Value::Null{});
}

const Value* JmesEvaluator::visit(const JmesNode& node, const Value* current) {
  if (!spend(1)) return nothing();
  const auto operand = [&](std::size_t i) { return visit(node.operands[i], current); };
  switch (node.op) {
    case Op::kCurrent:
      return current;
    case Op::kField: {
      const Value* const found = current->find(node.text);
      return found == nullptr ? nothing() : found;
    }
    case Op::kIndex: {
      if (!current->is_list()) return nothing();
      const auto size = static_cast<std::int64_t>(current->as_list().size());
      const std::int64_t index = *node.range[0] < 0 ? *node.range[0] + size : *node.range[0];
      if (index < 0 || index >= size) return nothing();
      return &current->as_list()[static_cast<std::size_t>(index)];
    }
    case Op::kSlice:
      return slice(node, *current);
    case Op::kLiteral:
      return &node.value;
    case Op::kChain:
      return visit(node.operands[1], operand(0));
    case Op::kProjection:
    case Op::kValues:
    case Op::kFilter:
      return project(node, current);
    case Op::kFlatten:
      return flatten(*operand(0));
    case Op::kList:
    case Op::kObject:
      return select(node, current);
    case Op::kOr: {
      const Value* const left = operand(0);
      return is_jmes_true(*left) ? left : operand(1);
    }
    case Op::kAnd: {
      const Value* const left = operand(0);
      return is_jmes_true(*left) ? operand(1) : left;
    }
    case Op::kNot:
      return keep(Value(!is_jmes_true(*operand(0))));
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kGreater:
    case Op::kGreaterEqual:
      return compare(node, current);
    case Op::kCall:
      return call(node, current);
    case Op::kReference:
      break;
  }
  return nothing();
}

const Value* JmesEvaluator::slice(const JmesNode& node, const Value& list) {
  if (!list.is_list()) return nothing();
  const auto size = static_cast<std::int64_t>(list.as_list().size());
  const std::int64_t step = node.range[2].value_or(1);
  const auto border = [&](const std::optional<std::int64_t>& written, std::int64_t fallback) {
    if (!written) return fallback;
    const std::int64_t low = step < 0 ? -1 : 0;
    const std::int64_t high = step < 0 ? size - 1 : size;
    return std::clamp(*written < 0 ? *written + size : *written, low, std::max(low, high));
  };
  const std::int64_t start = border(node.range[0], step < 0 ? size - 1 : 0);
  const std::int64_t stop = border(node.range[1], step < 0 ? -1 : size);
  List taken;
  for (std::int64_t i = start; step > 0 ? i < stop : i > stop; i += step) {
    taken.push_back(copy(list.as_list()[static_cast<std::size_t>(i)]));
  }
  return keep(Value(std::move(taken)));
}

const Value* JmesEvaluator::project(const JmesNode& node, const Value* current) {
  const Value* const base = visit(node.operands[0], current);
  List found;
  const auto add = [&](const Value& element) {
    if (has_failed_) return;
    if (node.op == Op::kFilter && !is_jmes_true(*visit(node.operands[2], &element))) return;
    const Value* const result = visit(node.operands[1], &element);
    if (!result->is_null()) found.push_back(copy(*result));
  };
  if (node.op == Op::kValues) {
    if (!base->is_object()) return nothing();
    for (const core::Member& member : base->as_object()) add(member.value);
  } else {
    if (!base->is_list()) return nothing();
    for (const Value& element : base->as_list()) add(element);
  }
  return keep(Value(std::move(found)));
}

const Value* JmesEvaluator::flatten(const Value& list) {
  if (!list.is_list()) return nothing();
  List flat;
  for (const Value& element : list.as_list()) {
    if (element.is_list()) {
      for (const Value& inner : element.as_list()) flat.push_back(copy(inner));
    } else {
      flat.push_back(copy(element));
    }
  }
  return keep(Value(std::move(flat)));
}

const Value* JmesEvaluator::select(const JmesNode& node, const Value* current) {
  if (current->is_null()) return nothing();
  Value made = node.op == Op::kList ? Value(List{}) : Value(Value::Object{});
  for (std::size_t i = 0; i < node.operands.size(); ++i) {
    Value part = copy(*visit(node.operands[i], current));
    if (node.op == Op::kList) {
      made.push(std::move(part));
    } else {
      made.set(node.names[i], std::move(part));
    }
  }
  return keep(std::move(made));
}

const Value* JmesEvaluator::compare(const JmesNode& node, const Value* current) {
  const Value& a = *visit(node.operands[0], current);
  const Value& b = *visit(node.operands[1], current);
  if (node.op == Op::kEqual) return keep(Value(a == b));
  if (node.op == Op::kNotEqual) return keep(Value(!(a == b)));
  const int order = detail::compare(a, b);
  const bool is_ordered = order != 2;
  switch (node.op) {
    case Op::kLess:
      return keep(Value(order == -1));
    case Op::kLessEqual:
      return keep(Value(is_ordered && order <= 0));
    case Op::kGreater:
      return keep(Value(order == 1));
    default:
      return keep(Value(is_ordered && order >= 0));
  }
}

}  // namespace slsart::expr::capture
