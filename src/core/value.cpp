#include "core/value.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/check.h"

namespace slsart::core {

Value::Value() = default;
Value::Value(Null value) : data_(value) {}
Value::Value(bool value) : data_(value) {}
Value::Value(int value) : data_(static_cast<std::int64_t>(value)) {}
Value::Value(std::int64_t value) : data_(value) {}
Value::Value(std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    data_ = static_cast<std::int64_t>(value);
  } else {
    data_ = static_cast<double>(value);
  }
}
Value::Value(double value) : data_(value) {}
Value::Value(std::string value) : data_(std::move(value)) {}
Value::Value(std::string_view value) : data_(std::string(value)) {}
Value::Value(const char* value) : data_(std::string(value)) {}
Value::Value(List value) : data_(std::move(value)) {}
Value::Value(Object value) : data_(std::move(value)) {}
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

Value Value::make_object(std::initializer_list<Member> members) {
  return Value(Object(members));
}

bool Value::as_bool() const {
  SLSART_CHECK(kind() == Kind::kBool);
  return *std::get_if<bool>(&data_);
}

std::int64_t Value::as_integer() const {
  SLSART_CHECK(kind() == Kind::kInteger);
  return *std::get_if<std::int64_t>(&data_);
}

double Value::as_number() const {
  if (const auto* integer = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*integer);
  SLSART_CHECK(kind() == Kind::kNumber);
  return *std::get_if<double>(&data_);
}

const std::string& Value::as_string() const {
  SLSART_CHECK(is_string());
  return *std::get_if<std::string>(&data_);
}
std::string& Value::as_string() {
  return const_cast<std::string&>(std::as_const(*this).as_string());
}

const Value::List& Value::as_list() const {
  SLSART_CHECK(is_list());
  return *std::get_if<List>(&data_);
}
Value::List& Value::as_list() {
  return const_cast<List&>(std::as_const(*this).as_list());
}

const Value::Object& Value::as_object() const {
  SLSART_CHECK(is_object());
  return *std::get_if<Object>(&data_);
}
Value::Object& Value::as_object() {
  return const_cast<Object&>(std::as_const(*this).as_object());
}

const Value* Value::find(std::string_view key) const {
  const auto* object = std::get_if<Object>(&data_);
  if (object == nullptr) return nullptr;
  const auto found =
      std::find_if(object->rbegin(), object->rend(), [&](const Member& m) { return m.key == key; });
  return found == object->rend() ? nullptr : &found->value;
}
Value* Value::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

Value& Value::set(std::string_view key, Value value) {
  if (is_undefined()) data_ = Object();
  if (Value* present = find(key)) {
    *present = std::move(value);
    return *present;
  }
  return as_object().emplace_back(Member{std::string(key), std::move(value)}).value;
}

Value& Value::push(Value value) {
  if (is_undefined()) data_ = List();
  return as_list().emplace_back(std::move(value));
}

bool Value::is_truthy() const {
  switch (kind()) {
    case Kind::kUndefined:
    case Kind::kNull:
      return false;
    case Kind::kBool:
      return as_bool();
    case Kind::kInteger:
      return as_integer() != 0;
    case Kind::kNumber:
      return as_number() != 0 && !std::isnan(as_number());
    case Kind::kString:
      return !as_string().empty();
    case Kind::kList:
    case Kind::kObject:
      return true;
  }
  return false;
}

namespace {

// Whole numbers beyond 2^53 have no exact double: compare them as what they are.
bool numbers_equal(const Value& a, const Value& b) {
  if (a.kind() == b.kind()) {
    return a.kind() == Value::Kind::kInteger ? a.as_integer() == b.as_integer()
                                             : a.as_number() == b.as_number();
  }
  return a.as_number() == b.as_number();
}

bool objects_equal(const Value& a, const Value& b) {
  const Value::Object& members = a.as_object();
  if (members.size() != b.as_object().size()) return false;
  return std::all_of(members.begin(), members.end(), [&](const Member& member) {
    const Value* other = b.find(member.key);
    return other != nullptr && member.value == *other;
  });
}

}  // namespace

bool operator==(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return numbers_equal(a, b);
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::kUndefined:
    case Value::Kind::kNull:
      return true;
    case Value::Kind::kBool:
      return a.as_bool() == b.as_bool();
    case Value::Kind::kInteger:
    case Value::Kind::kNumber:
      return numbers_equal(a, b);
    case Value::Kind::kString:
      return a.as_string() == b.as_string();
    case Value::Kind::kList:
      return a.as_list() == b.as_list();
    case Value::Kind::kObject:
      return objects_equal(a, b);
  }
  return false;
}

}  // namespace slsart::core
