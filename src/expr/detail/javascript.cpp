#include "expr/detail/javascript.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "core/text.h"

namespace slsart::expr::detail {

using core::Value;
using Kind = core::Value::Kind;

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
  return is_container(a) || is_container(b) ? &a == &b : a == b;
}

bool loosely_equal(const Value& a, const Value& b) {
  const auto is_nothing = [](const Value& v) { return v.is_null() || v.is_undefined(); };
  if (is_nothing(a) || is_nothing(b)) return is_nothing(a) && is_nothing(b);
  if (a.kind() == b.kind() || is_container(a) || is_container(b)) return strictly_equal(a, b);
  return to_number(a) == to_number(b);
}

int compare(const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) {
    const int order = a.as_string().compare(b.as_string());
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
  const double left = to_number(a);
  const double right = to_number(b);
  if (left < right) return -1;
  if (left > right) return 1;
  return left == right ? 0 : 2;
}

void append_text(const Value& value, std::string& out) {
  // No query can want an object's text, and JSON of a document would be dear.
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

}  // namespace slsart::expr::detail
