#include "script/detail/syntax_hint.h"

#include <algorithm>
#include <optional>
#include <set>

#include "core/text.h"

namespace slsart::script::detail {
namespace {

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

bool is_blank(std::string_view line) {
  const std::string_view text = core::trim(line);
  return text.empty() || text.starts_with('#');
}

// `key:` or `key: value`, perhaps behind dashes; where the value starts, npos if it has none.
struct KeyLine {
  bool is_key = false;
  std::size_t value = std::string_view::npos;
};

KeyLine key_line(std::string_view line) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) {
    return {.is_key = core::trim(line).ends_with(':'), .value = std::string_view::npos};
  }
  const std::size_t value = line.find_first_not_of(' ', colon + 1);
  const bool has_value = value != std::string_view::npos && line[value] != '#';
  return {.is_key = true, .value = has_value ? value : std::string_view::npos};
}

std::string spaces(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " space" : " spaces");
}

// `target: x` followed by a deeper `phases:` – the library complains at the end of the former.
std::optional<SyntaxFault> deeper_than_a_value(const Places& places, std::size_t number) {
  const std::string_view above = places.line(number);
  const KeyLine above_key = key_line(above);
  if (!above_key.is_key || above_key.value == std::string_view::npos) return std::nullopt;
  if (above[above_key.value] == '|' || above[above_key.value] == '>') return std::nullopt;
  std::size_t below = number + 1;
  while (below < places.line_count() && is_blank(places.line(below))) ++below;
  if (below >= places.line_count()) return std::nullopt;
  const std::string_view line = places.line(below);
  if (indent_of(line) <= indent_of(above) || !key_line(line).is_key) return std::nullopt;
  const std::size_t from = places.offset(below, 0) + indent_of(line);
  return SyntaxFault{
      .span = places.span(from, from + line.find(':') - indent_of(line)),
      .message = "this line is indented deeper than the line above, which already has a value",
      .hint =
          "indent it by " + spaces(indent_of(above)) + ", like line " + std::to_string(number + 1)};
}

// "the lines above are indented by 0 or 4 spaces", when this line fits none of them.
std::string indentation_hint(const Places& places, std::size_t number) {
  std::set<std::size_t> open;
  std::size_t least = std::string_view::npos;
  for (std::size_t above = number; above-- > 0 && least > 0;) {
    const std::string_view line = places.line(above);
    if (is_blank(line) || indent_of(line) >= least) continue;
    least = indent_of(line);
    open.insert(least);
  }
  if (open.empty() || open.contains(indent_of(places.line(number)))) return {};
  std::string result = "the lines it could belong to are indented by ";
  std::size_t left = open.size();
  for (const std::size_t indent : open) {
    result += std::to_string(indent);
    if (--left > 0) result += left == 1 ? " or " : ", ";
  }
  return result + " spaces";
}

bool has_bare_slot(std::string_view line) {
  const std::size_t slot = line.find("{{");
  if (slot == std::string_view::npos) return false;
  const std::string_view before = line.substr(0, slot);
  return before.find('"') == std::string_view::npos && before.find('\'') == std::string_view::npos;
}

std::string hint_for(const Places& places, std::size_t offset) {
  const std::size_t number = places.line_of(offset);
  const std::string_view line = places.line(number);
  const std::string_view indentation = line.substr(0, indent_of(line));
  if (indentation.find('\t') != std::string_view::npos) {
    return "indent with spaces; YAML does not allow tabs there";
  }
  if (has_bare_slot(line)) return "put quotes around a text with {{ }}: \"{{ name }}\"";
  const std::string_view text = places.source()->text;
  const char at = offset < text.size() ? text[offset] : '\n';
  if (std::string_view("@`%").find(at) != std::string_view::npos) {
    return "put quotes around a text that starts with such a character";
  }
  const KeyLine key = key_line(line);
  if (key.is_key && key.value != std::string_view::npos &&
      line.find(": ", key.value) != std::string_view::npos && line[key.value] != '{') {
    return "put quotes around a text that contains \": \"";
  }
  return indentation_hint(places, number);
}

}  // namespace

SyntaxFault explain_syntax(const Places& places, std::size_t offset, std::string_view complaint) {
  const std::string_view text = places.source()->text;
  const char at = offset < text.size() ? text[offset] : '\n';
  if (at == '"' || at == '\'') {
    return {.span = places.span(offset, offset + 1),
            .message = "the text that starts here is not closed by another " + std::string(1, at),
            .hint = "close it on the same line, or indent its next lines"};
  }
  const std::size_t number = places.line_of(offset);
  if (std::optional<SyntaxFault> fault = deeper_than_a_value(places, number)) {
    return *std::move(fault);
  }
  return {.span = places.span(offset, offset + 1),
          .message = "YAML: " + std::string(complaint),
          .hint = hint_for(places, offset)};
}

}  // namespace slsart::script::detail
