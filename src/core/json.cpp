// Reading and writing of core::Value as JSON.

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "core/value.h"

namespace slsart::core {
namespace {

// Builds a Value from RapidJSON's events, bounded in depth.
class Builder {
 public:
  bool Null() { return add(Value(Value::Null{})); }
  bool Bool(bool value) { return add(Value(value)); }
  bool Int(int value) { return add(Value(static_cast<std::int64_t>(value))); }
  bool Uint(unsigned value) { return add(Value(static_cast<std::int64_t>(value))); }
  bool Int64(std::int64_t value) { return add(Value(value)); }
  bool Uint64(std::uint64_t value) { return add(Value(value)); }
  bool Double(double value) { return add(Value(value)); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return add(Value(std::string(text, size)));
  }
  bool StartObject() { return open(Value(Value::Object())); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    open_.back().key.assign(text, size);
    return true;
  }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool StartArray() { return open(Value(Value::List())); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  bool too_deep() const { return too_deep_; }
  Value take() { return std::move(root_); }

 private:
  struct Level {
    Value value;
    std::string key;  // of the member that is being read
  };

  bool open(Value value) {
    too_deep_ = open_.size() >= kMaxJsonDepth;
    if (too_deep_) return false;
    open_.push_back({std::move(value), {}});
    return true;
  }
  bool close() {
    Value value = std::move(open_.back().value);
    open_.pop_back();
    return add(std::move(value));
  }
  bool add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Level& level = open_.back(); level.value.is_list()) {
      level.value.push(std::move(value));
    } else {
      add_member(level, std::move(value));
    }
    return true;
  }
  // Looking for an equal name is linear; objects with very many members are only searched when they
  // are small, and later duplicates win by Value::find's rule (the last one).
  static void add_member(Level& level, Value value) {
    constexpr std::size_t kSearched = 64;
    if (level.value.as_object().size() <= kSearched) {
      level.value.set(level.key, std::move(value));
    } else {
      level.value.as_object().push_back({level.key, std::move(value)});
    }
  }

  std::vector<Level> open_;
  Value root_;
  bool too_deep_ = false;
};

void write_indented(const Value& value, int depth, std::string& out) {
  const std::string indent(static_cast<std::size_t>(depth + 1) * 2, ' ');
  const std::string closing(static_cast<std::size_t>(depth) * 2, ' ');
  if (value.is_list() && !value.as_list().empty()) {
    out += "[";
    const char* separator = "\n";
    for (const Value& item : value.as_list()) {
      out += separator + indent;
      item.is_undefined() ? static_cast<void>(out += "null") : write_indented(item, depth + 1, out);
      separator = ",\n";
    }
    out += "\n" + closing + "]";
  } else if (value.is_object() && !value.as_object().empty()) {
    out += "{";
    const char* separator = "\n";
    for (const Member& member : value.as_object()) {
      if (member.value.is_undefined()) continue;
      out += separator + indent;
      write_json_string(member.key, out);
      out += ": ";
      write_indented(member.value, depth + 1, out);
      separator = ",\n";
    }
    out += "\n" + closing + "}";
  } else {
    write_json(value, out);
  }
}

void write_members(const Value::Object& members, std::string& out) {
  out += '{';
  bool first = true;
  for (const Member& member : members) {
    if (member.value.is_undefined()) continue;
    if (!first) out += ',';
    first = false;
    write_json_string(member.key, out);
    out += ':';
    write_json(member.value, out);
  }
  out += '}';
}

void write_items(const Value::List& items, std::string& out) {
  out += '[';
  bool first = true;
  for (const Value& item : items) {
    if (!first) out += ',';
    first = false;
    write_json(item, out);
  }
  out += ']';
}

void write_integer(std::int64_t value, std::string& out) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace

Result<Value> parse_json(std::string_view text) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Builder builder;
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag |
                              rapidjson::kParseValidateEncodingFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (result) return builder.take();
  std::string message =
      builder.too_deep() ? "nested too deeply" : rapidjson::GetParseError_En(result.Code());
  return Error{.code = ErrorCode::kInvalidInput,
               .message = "not valid JSON: " + message,
               .hint = {},
               .offset = std::min(result.Offset(), text.size())};
}

void write_json_string(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, done, i - done);
    done = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
  }
  out.append(text, done);
  out += '"';
}

// ECMAScript Number::toString: plain digits for 1e-7 < |x| < 1e21, else an exponent.
void write_number(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
    return;
  }
  if (value == 0) {
    out += '0';
    return;
  }
  std::array<char, 512> digits{};
  const double magnitude = std::fabs(value);
  const bool plain = magnitude >= 1e-6 && magnitude < 1e21;
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, format).ptr;
  std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  const std::size_t exponent = text.find('e');
  if (exponent == std::string_view::npos) {
    out += text;
    return;
  }
  // to_chars pads the exponent to two digits, JavaScript does not.
  out += text.substr(0, exponent + 2);
  std::string_view power = text.substr(exponent + 2);
  while (power.size() > 1 && power.front() == '0') power.remove_prefix(1);
  out += power;
}

void write_json(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Value::Kind::kUndefined:
    case Value::Kind::kNull:
      out += "null";
      return;
    case Value::Kind::kBool:
      out += value.as_bool() ? "true" : "false";
      return;
    case Value::Kind::kInteger:
      write_integer(value.as_integer(), out);
      return;
    case Value::Kind::kNumber:
      std::isfinite(value.as_number()) ? write_number(value.as_number(), out)
                                       : static_cast<void>(out += "null");
      return;
    case Value::Kind::kString:
      write_json_string(value.as_string(), out);
      return;
    case Value::Kind::kList:
      write_items(value.as_list(), out);
      return;
    case Value::Kind::kObject:
      write_members(value.as_object(), out);
      return;
  }
}

std::string to_json(const Value& value) {
  std::string out;
  write_json(value, out);
  return out;
}

std::string to_pretty_json(const Value& value) {
  std::string out;
  write_indented(value, 0, out);
  return out;
}

void write_text(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Value::Kind::kUndefined:
      out += "undefined";
      return;
    case Value::Kind::kString:
      out += value.as_string();
      return;
    case Value::Kind::kNumber:
      write_number(value.as_number(), out);
      return;
    default:
      write_json(value, out);
  }
}

}  // namespace slsart::core
