#include "run/fleet/detail/object_reader.h"

#include <algorithm>

#include "core/text.h"

namespace slsart::run::fleet::detail {

using core::Value;

ObjectReader::ObjectReader(const Value& value, std::string what)
    : value_(value), what_(std::move(what)) {
  if (!value.is_object()) fail("is not an object");
}

bool ObjectReader::has(std::string_view name) const {
  return value_.find(name) != nullptr;
}

void ObjectReader::fail(const std::string& reason) {
  if (reason_.empty()) reason_ = what_ + " " + reason;
}

const Value* ObjectReader::take(std::string_view name, bool is_required) {
  const Value* const member = value_.find(name);
  if (member == nullptr) {
    if (is_required) fail("has no \"" + std::string(name) + "\"");
    return nullptr;
  }
  taken_.emplace(name);
  return member;
}

std::int64_t ObjectReader::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const Value* const member = take(name, true);
  if (member == nullptr) return least;
  if (member->kind() != Value::Kind::kInteger || member->as_integer() < least ||
      member->as_integer() > most) {
    fail("has a wrong \"" + std::string(name) + "\"");
    return least;
  }
  return member->as_integer();
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view name,
                                                           std::int64_t least, std::int64_t most) {
  if (!has(name)) return std::nullopt;
  return integer(name, least, most);
}

std::uint64_t ObjectReader::seed(std::string_view name) {
  const std::string digits = text(name, 20);
  std::uint64_t number = 0;
  for (const char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (c < '0' || c > '9' || number > (UINT64_MAX - digit) / 10) {
      fail("has a wrong \"" + std::string(name) + "\"");
      return 0;
    }
    number = number * 10 + digit;
  }
  return number;
}

double ObjectReader::number(std::string_view name, double least, double most) {
  const Value* const member = take(name, true);
  if (member == nullptr) return least;
  if (!member->is_number() || !(member->as_number() >= least && member->as_number() <= most)) {
    fail("has a wrong \"" + std::string(name) + "\"");
    return least;
  }
  return member->as_number();
}

bool ObjectReader::boolean(std::string_view name) {
  const Value* const member = take(name, true);
  if (member == nullptr) return false;
  if (member->kind() != Value::Kind::kBool) {
    fail("has a wrong \"" + std::string(name) + "\"");
    return false;
  }
  return member->as_bool();
}

std::string ObjectReader::text(std::string_view name, std::size_t longest) {
  const Value* const member = take(name, true);
  if (member == nullptr) return {};
  if (!member->is_string() || member->as_string().size() > longest) {
    fail("has a wrong \"" + std::string(name) + "\"");
    return {};
  }
  return member->as_string();
}

std::string ObjectReader::digest(std::string_view name) {
  const std::string digits = text(name, 64);
  const bool fits =
      digits.size() == 64 && digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!fits) fail("has a wrong \"" + std::string(name) + "\"");
  return digits;
}

const Value& ObjectReader::any(std::string_view name) {
  static const Value kNothing;
  const Value* const member = take(name, true);
  return member == nullptr ? kNothing : *member;
}

const Value::List& ObjectReader::list(std::string_view name, std::size_t longest) {
  static const Value::List kNothing;
  const Value* const member = take(name, true);
  if (member == nullptr) return kNothing;
  if (!member->is_list() || member->as_list().size() > longest) {
    fail("has a wrong \"" + std::string(name) + "\"");
    return kNothing;
  }
  return member->as_list();
}

core::Result<void> ObjectReader::finish() {
  if (value_.is_object()) {
    for (const core::Member& member : value_.as_object()) {
      if (!taken_.contains(member.key)) {
        fail("has an unknown member \"" + member.key.substr(0, 40) + "\"");
        break;
      }
    }
  }
  if (!failed()) return {};
  return core::Error{core::ErrorCode::kInvalidInput, reason_, {}, {}};
}

}  // namespace slsart::run::fleet::detail
