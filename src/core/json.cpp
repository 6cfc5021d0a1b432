// Reading and writing of core::Value as JSON.

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "core/text.h"
#include "core/value.h"

namespace slsart::core {
namespace {

// Builds a Value from RapidJSON's events, bounded in depth.
class Builder {
 public:
  bool Null() { return add(Value(Value::Null{})); }
  bool Bool(bool value) { return add(Value(value)); }
  // Numbers arrive as text: RapidJSON's own conversion of doubles is undefined for some (0.0e84).
  // It refuses those too large for a double; those too small for one are zero.
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view number(text, size);
    if (const auto whole = parse_integer(number); whole && number != "-0")
      return add(Value(*whole));
    return add(Value(parse_number(number).value_or(0)));
  }
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
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
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                              rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseValidateEncodingFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  // RapidJSON takes a NUL byte for the end of the text; what stands behind it is not JSON.
  const bool at_end = stream.Tell() >= text.size();
  if (result && at_end) return builder.take();
  std::string message =
      builder.too_deep() ? "nested too deeply" : rapidjson::GetParseError_En(result.Code());
  return Error{.code = ErrorCode::kInvalidInput,
               .message = "not valid JSON: " + message,
               .hint = {},
               .offset = std::min(result ? stream.Tell() : result.Offset(), text.size())};
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
  // The shortest digits that read back equal, and where the point stands among them: 0.<digits> *
  // 10^point.
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::scientific)
                       .ptr;
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  if (text.front() == '-') {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  std::string_view exponent = text.substr(e + 1);
  if (exponent.front() == '+') exponent.remove_prefix(1);
  const auto point = static_cast<int>(parse_integer(exponent).value_or(0)) + 1;
  std::string digits(text.substr(0, 1));
  if (e > 2) digits += text.substr(2, e - 2);
  const auto count = static_cast<int>(digits.size());
  if (point > 21 || point < -5) {
    out += digits[0];
    if (count > 1) out.append(".").append(digits, 1);
    out.append(point > 0 ? "e+" : "e-").append(std::to_string(std::abs(point - 1)));
  } else if (point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else if (count <= point) {
    out.append(digits).append(static_cast<std::size_t>(point - count), '0');
  } else {
    out.append(digits, 0, static_cast<std::size_t>(point))
        .append(".")
        .append(digits, static_cast<std::size_t>(point));
  }
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
