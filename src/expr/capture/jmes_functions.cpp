#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "expr/capture/jmes_evaluator.h"
#include "expr/detail/javascript.h"
#include "expr/detail/path.h"

// The functions of JMESPath.

namespace slsart::expr::capture {

using core::Value;

namespace {

std::string_view type_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kBool:
      return "boolean";
    case Value::Kind::kInteger:
    case Value::Kind::kNumber:
      return "number";
    case Value::Kind::kString:
      return "string";
    case Value::Kind::kList:
      return "array";
    case Value::Kind::kObject:
      return "object";
    case Value::Kind::kNull:
    case Value::Kind::kUndefined:
      break;
  }
  return "null";
}

bool is_list_of(const Value& value, bool (Value::*is_it)() const) {
  return value.is_list() &&
         std::ranges::all_of(value.as_list(), [&](const Value& item) { return (item.*is_it)(); });
}

// Numbers by value, texts by their bytes. Requires: both are numbers or both are texts.
bool is_below(const Value& a, const Value& b) {
  return a.is_string() ? a.as_string() < b.as_string() : a.as_number() < b.as_number();
}

std::size_t length_of(const Value& value) {
  if (value.is_string()) return detail::utf16_length(value.as_string());
  return value.is_list() ? value.as_list().size() : value.as_object().size();
}

// Character by character, not byte by byte.
std::string reversed(std::string_view text) {
  std::string out;
  std::size_t end = text.size();
  while (end > 0) {
    std::size_t begin = end - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    out.append(text.substr(begin, end - begin));
    end = begin;
  }
  return out;
}

}  // namespace

const Value* JmesEvaluator::wrong_type(JmesFunction function, const Value& got) {
  const std::string name(jmes_functions()[static_cast<std::size_t>(function)].name);
  return fail(core::ErrorCode::kInvalidInput,
              name + "() cannot take a value of type " + std::string(type_of(got)));
}

const Value* JmesEvaluator::call(const JmesNode& node, const Value* current) {
  switch (node.function) {
    case JmesFunction::kMap:
      return call_mapped(node.function, *visit(node.operands[1], current),
                         node.operands[0].operands[0]);
    case JmesFunction::kMaxBy:
    case JmesFunction::kMinBy:
    case JmesFunction::kSortBy:
      return call_mapped(node.function, *visit(node.operands[0], current),
                         node.operands[1].operands[0]);
    default:
      break;
  }
  std::vector<const Value*> given;
  for (const JmesNode& operand : node.operands) given.push_back(visit(operand, current));
  return has_failed_ ? nothing() : call_plain(node.function, given);
}

const Value* JmesEvaluator::call_plain(JmesFunction function, std::span<const Value* const> given) {
  const Value& first = *given[0];
  switch (function) {
    case JmesFunction::kAbs:
    case JmesFunction::kCeil:
    case JmesFunction::kFloor:
    case JmesFunction::kAvg:
    case JmesFunction::kSum:
      return call_numbers(function, first);
    case JmesFunction::kContains:
    case JmesFunction::kEndsWith:
    case JmesFunction::kStartsWith:
    case JmesFunction::kJoin:
      return call_texts(function, first, *given[1]);
    case JmesFunction::kMerge: {
      Value merged{Value::Object{}};
      for (const Value* object : given) {
        if (!object->is_object()) return wrong_type(function, *object);
        for (const core::Member& member : object->as_object()) {
          merged.set(member.key, copy(member.value));
        }
      }
      return keep(std::move(merged));
    }
    case JmesFunction::kNotNull: {
      const auto found =
          std::ranges::find_if(given, [](const Value* one) { return !one->is_null(); });
      return found == given.end() ? nothing() : *found;
    }
    case JmesFunction::kToArray:
      return first.is_list() ? &first : keep(Value(List{copy(first)}));
    case JmesFunction::kToString:
      return first.is_string() ? &first : keep(Value(core::to_json(copy(first))));
    case JmesFunction::kToNumber: {
      if (first.is_number()) return &first;
      const double number = first.is_string() ? detail::to_number(first) : std::nan("");
      return std::isfinite(number) ? keep(detail::make_number(number)) : nothing();
    }
    case JmesFunction::kType:
      return keep(Value(type_of(first)));
    default:
      return call_list(function, first);
  }
}

const Value* JmesEvaluator::call_numbers(JmesFunction function, const Value& value) {
  const bool takes_list = function == JmesFunction::kAvg || function == JmesFunction::kSum;
  const bool fits = takes_list ? is_list_of(value, &Value::is_number) : value.is_number();
  if (!fits) return wrong_type(function, value);
  if (!takes_list) {
    const double number = value.as_number();
    const double result = function == JmesFunction::kAbs    ? std::fabs(number)
                          : function == JmesFunction::kCeil ? std::ceil(number)
                                                            : std::floor(number);
    return keep(detail::make_number(result));
  }
  double sum = 0;
  for (const Value& item : value.as_list()) sum += item.as_number();
  if (function == JmesFunction::kSum) return keep(detail::make_number(sum));
  if (value.as_list().empty()) return nothing();
  return keep(detail::make_number(sum / static_cast<double>(value.as_list().size())));
}

const Value* JmesEvaluator::call_texts(JmesFunction function, const Value& a, const Value& b) {
  if (function == JmesFunction::kContains && a.is_list()) {
    return keep(Value(std::ranges::find(a.as_list(), b) != a.as_list().end()));
  }
  if (!a.is_string()) return wrong_type(function, a);
  const std::string& text = a.as_string();
  if (function == JmesFunction::kContains) {
    std::string part;
    detail::append_text(b, part);
    return keep(Value(text.find(part) != std::string::npos));
  }
  if (function == JmesFunction::kJoin) {
    if (!is_list_of(b, &Value::is_string)) return wrong_type(function, b);
    std::string joined;
    std::string_view separator;
    for (const Value& item : b.as_list()) {
      if (!spend(1 + (text.size() + item.as_string().size()) / 64)) return nothing();
      joined.append(separator).append(item.as_string());
      separator = text;
    }
    return keep(Value(std::move(joined)));
  }
  if (!b.is_string()) return wrong_type(function, b);
  const bool is_start = function == JmesFunction::kStartsWith;
  return keep(Value(is_start ? text.starts_with(b.as_string()) : text.ends_with(b.as_string())));
}

const Value* JmesEvaluator::call_list(JmesFunction function, const Value& value) {
  switch (function) {
    case JmesFunction::kKeys:
    case JmesFunction::kValues: {
      if (!value.is_object()) return wrong_type(function, value);
      List parts;
      for (const core::Member& member : value.as_object()) {
        parts.push_back(function == JmesFunction::kKeys ? Value(member.key) : copy(member.value));
      }
      return keep(Value(std::move(parts)));
    }
    case JmesFunction::kLength:
      if (!value.is_string() && !value.is_list() && !value.is_object())
        return wrong_type(function, value);
      return keep(Value(static_cast<std::int64_t>(length_of(value))));
    case JmesFunction::kReverse: {
      if (value.is_string()) return keep(Value(reversed(value.as_string())));
      if (!value.is_list()) return wrong_type(function, value);
      Value turned = copy(value);
      if (has_failed_) return nothing();
      std::ranges::reverse(turned.as_list());
      return keep(std::move(turned));
    }
    default:
      break;
  }
  if (!is_list_of(value, &Value::is_number) && !is_list_of(value, &Value::is_string))
    return wrong_type(function, value);
  if (function != JmesFunction::kSort) return extreme(value, function == JmesFunction::kMax);
  Value sorted = copy(value);
  if (has_failed_) return nothing();
  std::ranges::stable_sort(sorted.as_list(), is_below);
  return keep(std::move(sorted));
}

// Requires: a list of numbers or of texts.
const Value* JmesEvaluator::extreme(const Value& list, bool is_greatest) {
  const List& items = list.as_list();
  if (items.empty()) return nothing();
  return &*(is_greatest ? std::ranges::max_element(items, is_below)
                        : std::ranges::min_element(items, is_below));
}

const Value* JmesEvaluator::call_mapped(JmesFunction function, const Value& list,
                                        const JmesNode& expression) {
  if (!list.is_list()) return wrong_type(function, list);
  List keys;
  for (const Value& item : list.as_list()) keys.push_back(copy(*visit(expression, &item)));
  if (has_failed_) return nothing();
  if (function == JmesFunction::kMap) return keep(Value(std::move(keys)));
  if (keys.empty()) return function == JmesFunction::kSortBy ? &list : nothing();
  // All keys are of one type.
  for (const Value& key : keys) {
    const bool fits = keys[0].is_string() ? key.is_string() : key.is_number();
    if (!fits) return wrong_type(function, key);
  }
  std::vector<std::size_t> order(keys.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto key_below = [&](std::size_t a, std::size_t b) { return is_below(keys[a], keys[b]); };
  if (function != JmesFunction::kSortBy) {
    const auto best = function == JmesFunction::kMaxBy ? std::ranges::max_element(order, key_below)
                                                       : std::ranges::min_element(order, key_below);
    return &list.as_list()[*best];
  }
  std::ranges::stable_sort(order, key_below);
  List sorted;
  for (const std::size_t i : order) sorted.push_back(copy(list.as_list()[i]));
  return keep(Value(std::move(sorted)));
}

}  // namespace slsart::expr::capture
