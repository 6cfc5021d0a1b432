#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"

namespace slsart::core {

struct Member;

// A JSON value, plus "undefined" (JavaScript's word for a variable that is not there).
// Whole numbers are kept exactly as 64-bit integers; 1 and 1.0 compare equal. Objects keep the
// order in which their members were written.
class Value {
 public:
  using List = std::vector<Value>;
  using Object = std::vector<Member>;
  enum class Kind : std::uint8_t {
    kUndefined,
    kNull,
    kBool,
    kInteger,
    kNumber,
    kString,
    kList,
    kObject
  };
  struct Null {};

  Value();                        // undefined
  Value(Null);                    // NOLINT(*-explicit-*)
  Value(bool value);              // NOLINT(*-explicit-*)
  Value(int value);               // NOLINT(*-explicit-*)
  Value(std::int64_t value);      // NOLINT(*-explicit-*)
  Value(std::uint64_t value);     // NOLINT(*-explicit-*)  above 2^63-1 it becomes a double
  Value(double value);            // NOLINT(*-explicit-*)
  Value(std::string value);       // NOLINT(*-explicit-*)
  Value(std::string_view value);  // NOLINT(*-explicit-*)
  Value(const char* value);       // NOLINT(*-explicit-*)
  Value(List value);              // NOLINT(*-explicit-*)
  Value(Object value);            // NOLINT(*-explicit-*)
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();
  static Value make_object(std::initializer_list<Member> members);

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is_undefined() const { return kind() == Kind::kUndefined; }
  bool is_null() const { return kind() == Kind::kNull; }
  bool is_number() const { return kind() == Kind::kInteger || kind() == Kind::kNumber; }
  bool is_string() const { return kind() == Kind::kString; }
  bool is_list() const { return kind() == Kind::kList; }
  bool is_object() const { return kind() == Kind::kObject; }

  // Each requires the matching kind.
  bool as_bool() const;
  std::int64_t as_integer() const;
  double as_number() const;  // of either number kind
  const std::string& as_string() const;
  std::string& as_string();
  const List& as_list() const;
  List& as_list();
  const Object& as_object() const;
  Object& as_object();

  // The member of that name, the last if there are several; nullptr if none or not an object.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  // Adds or replaces a member. Requires: an object, or undefined, which becomes an empty one first.
  Value& set(std::string_view key, Value value);
  // Appends to a list. Requires: a list, or undefined, which becomes an empty one first.
  Value& push(Value value);

  // JavaScript's idea of truth: undefined, null, false, 0, NaN and "" are false.
  bool is_truthy() const;
  // Deep equality; members in any order, numbers by value, undefined equal only to itself.
  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, Null, bool, std::int64_t, double, std::string, List, Object> data_;
};

struct Member {
  std::string key;
  Value value;
};

// Reads one JSON text (RFC 8259), nothing but white space after it. Nesting is limited to
// kMaxJsonDepth. Error offset: the byte where reading stopped. Of equal names the last value wins,
// in the place of the first.
inline constexpr int kMaxJsonDepth = 512;
Result<Value> parse_json(std::string_view text);

// Appends compact JSON as JSON.stringify writes it: undefined members are left out, undefined list
// elements and numbers that are not finite become null.
void write_json(const Value& value, std::string& out);
std::string to_json(const Value& value);
// The same with two spaces of indentation, for files that people read.
std::string to_pretty_json(const Value& value);
// Appends a quoted and escaped JSON string.
void write_json_string(std::string_view text, std::string& out);

// Appends a number as JavaScript writes it: shortest text that reads back equal; 1e21, 1e-7; NaN.
void write_number(double value, std::string& out);

// Appends the value as Artillery puts it into text: strings as they are, numbers as JavaScript
// writes them, lists and objects as JSON, "null", "undefined".
void write_text(const Value& value, std::string& out);

}  // namespace slsart::core
