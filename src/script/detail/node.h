#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "core/value.h"

namespace slsart::script::detail {

struct Entry;

// A value of a script with its place: what the YAML reader makes, what merging and the environment
// slots change and what is validated and typed afterwards. A plain tree: anchors are already
// resolved by copying, which is bounded (yaml_reader.h). A node that was merged in keeps the place
// it came from.
struct Node {
  enum class Kind : std::uint8_t { kScalar, kList, kMap };

  Kind kind = Kind::kScalar;
  core::Value scalar;          // of a scalar; undefined: a slot that had nothing to be filled with
  std::string written;         // of a decimal number: the source text ("1.50"), else empty
  std::vector<Node> items;     // of a list
  std::vector<Entry> entries;  // of a map, in source order, every key once
  core::Span span;             // of the value with its quotes; of a block its first token
  bool refused = false;        // validation complained about it: builders leave it out
  bool verbatim = false;  // text that stands in the source as it is, `quote` bytes into the span
  std::uint8_t quote = 0;

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
  bool is_null() const { return is_scalar() && scalar.is_null(); }
  bool is_text() const { return is_scalar() && scalar.is_string(); }
  bool is_undefined() const { return is_scalar() && scalar.is_undefined(); }
  // Undefined or null: a key with nothing behind it.
  bool is_nothing() const { return is_undefined() || is_null(); }

  // A scalar as text: the string itself, a number as it was written. Requires: is_scalar().
  std::string text() const;
  // The entry of that key, nullptr if there is none or this is no map.
  const Entry* entry(std::string_view key) const;
  Entry* entry(std::string_view key);
  // Its value, likewise.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  // Adds or replaces. Requires: a map.
  Node& set(std::string_view key, Node value, const core::Span& key_span);
};

struct Entry {
  std::string key;
  core::Span key_span;
  Node value;
};

Node make_scalar(core::Value value, core::Span span);
Node make_map(core::Span span);

// The place of the byte `offset` of a text: exact where the text is verbatim, else the whole value.
core::Span place_in(const Node& text, std::size_t offset);

// Lists become lists, maps objects; spans are dropped.
core::Value to_value(const Node& node);

// "the text "ten"", "the number 5", "nothing", "a list", "a map": for messages.
std::string describe(const Node& node);

// Text in double quotes for a message, cut when it is long.
std::string quoted(std::string_view text);

}  // namespace slsart::script::detail
