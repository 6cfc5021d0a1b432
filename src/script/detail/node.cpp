#include "script/detail/node.h"

#include <algorithm>

namespace slsart::script::detail {

std::string Node::text() const {
  if (scalar.is_string()) return scalar.as_string();
  if (!written.empty()) return written;
  std::string result;
  core::write_text(scalar, result);
  return result;
}

const Entry* Node::entry(std::string_view key) const {
  return const_cast<Node*>(this)->entry(key);
}

Entry* Node::entry(std::string_view key) {
  const auto found = std::ranges::find(entries, key, &Entry::key);
  return found == entries.end() ? nullptr : &*found;
}

const Node* Node::find(std::string_view key) const {
  return const_cast<Node*>(this)->find(key);
}

Node* Node::find(std::string_view key) {
  Entry* found = entry(key);
  return found ? &found->value : nullptr;
}

Node& Node::set(std::string_view key, Node value, const core::Span& key_span) {
  if (Entry* known = entry(key)) {
    known->value = std::move(value);
    known->key_span = key_span;
    return known->value;
  }
  entries.push_back({.key = std::string(key), .key_span = key_span, .value = std::move(value)});
  return entries.back().value;
}

Node make_scalar(core::Value value, core::Span span) {
  Node result;
  result.scalar = std::move(value);
  result.span = std::move(span);
  return result;
}

Node make_map(core::Span span) {
  Node result;
  result.kind = Node::Kind::kMap;
  result.span = std::move(span);
  return result;
}

core::Span place_in(const Node& text, std::size_t offset) {
  if (!text.verbatim) return text.span;
  const std::size_t size = text.text().size();
  const std::size_t within = std::min(offset, size > 0 ? size - 1 : 0);
  return text.span.at(static_cast<std::uint32_t>(within) + text.quote);
}

core::Value to_value(const Node& node) {
  if (node.is_scalar()) return node.scalar;
  if (node.is_list()) {
    core::Value::List items;
    items.reserve(node.items.size());
    for (const Node& item : node.items) items.push_back(to_value(item));
    return items;
  }
  core::Value::Object members;
  members.reserve(node.entries.size());
  for (const Entry& entry : node.entries) {
    members.push_back({.key = entry.key, .value = to_value(entry.value)});
  }
  return members;
}

std::string describe(const Node& node) {
  if (node.is_list()) return "a list";
  if (node.is_map()) return "a map";
  if (node.is_nothing()) return "nothing";
  if (node.scalar.is_number()) return "the number " + node.text();
  if (node.is_text()) return "the text " + quoted(node.scalar.as_string());
  return node.text();
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string result = "\"";
  std::size_t end = std::min(text.size(), kLongest);
  // Never cut inside an UTF-8 sequence.
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  for (const char c : text.substr(0, end)) {
    if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  result += end < text.size() ? "…\"" : "\"";
  return result;
}

}  // namespace slsart::script::detail
