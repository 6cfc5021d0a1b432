// Hot path: see architecture §9
#include "engine/hooks/answer.h"

#include <algorithm>
#include <optional>

namespace slsart::engine {
namespace {

using core::Value;

bool is_integer(const Value& value) {
  return value.kind() == Value::Kind::kInteger;
}

std::optional<std::string> take_text(Value* value) {
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::move(value->as_string());
}

std::vector<RequestEdits::Pair> take_pairs(Value& list) {
  std::vector<RequestEdits::Pair> pairs;
  if (!list.is_list()) return pairs;
  for (Value& item : list.as_list()) {
    if (!item.is_list() || item.as_list().size() != 2) continue;
    Value& name = item.as_list()[0];
    Value& value = item.as_list()[1];
    if (name.is_string() && value.is_string())
      pairs.emplace_back(std::move(name.as_string()), std::move(value.as_string()));
  }
  return pairs;
}

// RFC 4648 §4; anything else ends the text.
std::string from_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    std::uint32_t digit = 0;
    if (c >= 'A' && c <= 'Z')
      digit = static_cast<std::uint32_t>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      digit = static_cast<std::uint32_t>(c - 'a' + 26);
    else if (c >= '0' && c <= '9')
      digit = static_cast<std::uint32_t>(c - '0' + 52);
    else if (c == '+')
      digit = 62;
    else if (c == '/')
      digit = 63;
    else
      break;
    bits = bits << 6 | digit;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>((bits >> count) & 0xff);
  }
  return bytes;
}

void read_headers(Value& list, RequestEdits& edits) {
  if (!list.is_list()) return;
  for (Value& item : list.as_list()) {
    if (!item.is_list() || item.as_list().size() != 2 || !item.as_list()[0].is_string()) continue;
    edits.headers.emplace_back(std::move(item.as_list()[0].as_string()),
                               take_text(&item.as_list()[1]));
  }
}

void read_body(Value& value, RequestEdits& edits) {
  if (auto bytes = take_text(value.find("x"))) {
    edits.has_body = true;
    edits.body = from_base64(*bytes);
  } else if (Value* body = value.find("b")) {
    edits.has_body = true;
    edits.body = take_text(body);
  }
  edits.content_type = take_text(value.find("t")).value_or("");
}

void read_credentials(Value& list, RequestEdits& edits) {
  if (!list.is_list()) return;
  edits.credentials.emplace();
  for (Value& part : list.as_list()) {
    if (auto text = take_text(&part)) edits.credentials->push_back(*std::move(text));
  }
  if (edits.credentials->size() != 2) edits.credentials->clear();
}

}  // namespace

HookAnswer read_answer(Value& answer) {
  HookAnswer result;
  if (is_integer(answer)) {
    result.call = static_cast<std::uint64_t>(answer.as_integer());
    return result;
  }
  if (!answer.is_list() || answer.as_list().empty()) return result;
  Value::List& parts = answer.as_list();
  if (!is_integer(parts[0])) return result;
  result.call = static_cast<std::uint64_t>(parts[0].as_integer());
  const auto part = [&](std::size_t i) { return i < parts.size() ? &parts[i] : nullptr; };
  if (const Value* error = part(1); error != nullptr && error->is_string()) {
    result.error = &error->as_string();
    return result;
  }
  const auto when = [](Value* value, bool fits) { return fits ? value : nullptr; };
  result.variables = when(part(2), part(2) != nullptr && part(2)->is_list());
  result.edits = when(part(3), part(3) != nullptr && part(3)->is_object());
  result.flag = part(4) != nullptr && part(4)->is_truthy();
  result.others = when(part(5), part(5) != nullptr && part(5)->is_object());
  result.cookies = when(part(6), part(6) != nullptr && part(6)->is_list());
  return result;
}

RequestEdits read_edits(Value& value) {
  RequestEdits edits;
  edits.url = take_text(value.find("u"));
  edits.method = take_text(value.find("m"));
  if (Value* query = value.find("q")) edits.query = take_pairs(*query);
  if (Value* headers = value.find("h")) read_headers(*headers, edits);
  read_body(value, edits);
  if (Value* cookies = value.find("k")) edits.cookies = take_pairs(*cookies);
  if (Value* credentials = value.find("a")) read_credentials(*credentials, edits);
  if (const Value* seconds = value.find("o"); seconds != nullptr && seconds->is_number()) {
    constexpr double kMost = 1e6;
    const double number = std::min(seconds->as_number(), kMost);
    if (number > 0) edits.timeout = core::Duration(static_cast<std::int64_t>(number * 1e9));
  }
  if (const Value* follows = value.find("f");
      follows != nullptr && follows->kind() == Value::Kind::kBool)
    edits.follow_redirect = follows->as_bool();
  return edits;
}

}  // namespace slsart::engine
