// Hot path: see architecture §9
#include <algorithm>

#include "expr/template.h"

namespace slsart::expr {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// The rendered text as a JSON string. Rendered in place, so that ordinary text is neither copied
// nor allocated for; only text with characters to escape is written a second time.
void append_json_text(const Template& text, const Scope& scope, std::string& out) {
  const std::size_t begin = out.size();
  out += '"';
  text.render(scope, out);
  const auto first = out.begin() + static_cast<std::ptrdiff_t>(begin) + 1;
  if (std::none_of(first, out.end(), needs_escape)) {
    out += '"';
    return;
  }
  const std::string plain(first, out.end());
  out.resize(begin);
  core::write_json_string(plain, out);
}

// Appends the template's value; nothing, and false, if that is undefined.
bool append_json(const ValueTemplate& value, const Scope& scope, std::string& out);

bool append_json(const core::Value& value, std::string& out) {
  if (value.is_undefined()) return false;
  core::write_json(value, out);
  return true;
}

bool append_json(const Template& text, const Scope& scope, std::string& out) {
  if (text.is_lone_slot()) {
    core::Value scratch;
    return append_json(text.peek(scope, scratch), out);
  }
  append_json_text(text, scope, out);
  return true;
}

bool append_json(const ValueTemplate::List& items, const Scope& scope, std::string& out) {
  out += '[';
  const char* separator = "";
  for (const ValueTemplate& item : items) {
    out += separator;
    separator = ",";
    if (!append_json(item, scope, out)) out += "null";
  }
  out += ']';
  return true;
}

bool append_json(const ValueTemplate::Object& members, const Scope& scope, std::string& out) {
  out += '{';
  const char* separator = "";
  for (const ValueTemplate::Member& member : members) {
    // The key is written before it is known whether there is a value: functions draw in text order.
    const std::size_t before = out.size();
    out += separator;
    append_json_text(member.key, scope, out);
    out += ':';
    if (append_json(member.value, scope, out)) {
      separator = ",";
    } else {
      out.resize(before);
    }
  }
  out += '}';
  return true;
}

bool append_json(const ValueTemplate& value, const Scope& scope, std::string& out) {
  return std::visit(
      Overloaded{[&](const core::Value& constant) { return append_json(constant, out); },
                 [&](const auto& part) { return append_json(part, scope, out); }},
      value.data());
}

core::Value evaluate_list(const ValueTemplate::List& items, const Scope& scope) {
  core::Value::List values;
  values.reserve(items.size());
  for (const ValueTemplate& item : items) values.push_back(item.evaluate(scope));
  return core::Value(std::move(values));
}

core::Value evaluate_object(const ValueTemplate::Object& members, const Scope& scope) {
  core::Value object{core::Value::Object()};
  for (const ValueTemplate::Member& member : members) {
    std::string key;
    member.key.render(scope, key);
    core::Value value = member.value.evaluate(scope);
    if (!value.is_undefined()) object.set(key, std::move(value));
  }
  return object;
}

}  // namespace

// Not in the header, where Member is incomplete.
ValueTemplate::ValueTemplate() = default;
ValueTemplate::ValueTemplate(const ValueTemplate&) = default;
ValueTemplate::ValueTemplate(ValueTemplate&&) noexcept = default;
ValueTemplate& ValueTemplate::operator=(const ValueTemplate&) = default;
ValueTemplate& ValueTemplate::operator=(ValueTemplate&&) noexcept = default;
ValueTemplate::~ValueTemplate() = default;
ValueTemplate::ValueTemplate(core::Value constant) : data_(std::move(constant)) {}
ValueTemplate::ValueTemplate(Template text) : data_(std::move(text)) {}
ValueTemplate::ValueTemplate(List items) : data_(std::move(items)) {}
ValueTemplate::ValueTemplate(Object members) : data_(std::move(members)) {}

bool ValueTemplate::is_static() const {
  const auto is_static_item = [](const ValueTemplate& item) { return item.is_static(); };
  const auto is_static_member = [](const Member& member) {
    return member.key.is_static() && member.value.is_static();
  };
  return std::visit(Overloaded{[](const core::Value&) { return true; },
                               [](const Template& text) { return text.is_static(); },
                               [&](const List& items) {
                                 return std::all_of(items.begin(), items.end(), is_static_item);
                               },
                               [&](const Object& members) {
                                 return std::all_of(members.begin(), members.end(),
                                                    is_static_member);
                               }},
                    data_);
}

core::Value ValueTemplate::evaluate(const Scope& scope) const {
  return std::visit(
      Overloaded{[](const core::Value& constant) { return constant; },
                 [&](const Template& text) { return text.evaluate(scope); },
                 [&](const List& items) { return evaluate_list(items, scope); },
                 [&](const Object& members) { return evaluate_object(members, scope); }},
      data_);
}

void ValueTemplate::render_json(const Scope& scope, std::string& out) const {
  append_json(*this, scope, out);
}

}  // namespace slsart::expr
