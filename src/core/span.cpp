#include "core/span.h"

#include <algorithm>
#include <string_view>

#include "core/text.h"

namespace slsart::core {
namespace {

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      return "note";
  }
  return "error";
}

std::string_view line_of(const std::string& text, std::uint32_t line) {
  std::size_t begin = 0;
  for (std::uint32_t i = 1; i < line; ++i) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) return {};
    begin = end + 1;
  }
  std::size_t end = text.find('\n', begin);
  if (end == std::string::npos) end = text.size();
  std::string_view result = std::string_view(text).substr(begin, end - begin);
  if (result.ends_with('\r')) result.remove_suffix(1);
  return result;
}

std::string place(const Span& span) {
  if (!span.source) return {};
  std::string result = span.source->name;
  if (span.line > 0) result += ":" + std::to_string(span.line) + ":" + std::to_string(span.column);
  return result + ": ";
}

// Stars in place of what stands behind `password:`, `Authorization:` and the like: what is printed
// ends up in logs. The length stays, so that carets stay right.
void hide_secrets(std::string& line) {
  const auto is_name = [](char c) {
    return c == '_' || c == '-' || c == '.' || (c >= '0' && c <= '9') ||
           (static_cast<char>(c | 0x20) >= 'a' && static_cast<char>(c | 0x20) <= 'z');
  };
  for (std::size_t colon = line.find(':'); colon != std::string::npos;
       colon = line.find(':', colon + 1)) {
    std::size_t end = colon;
    while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '"' || line[end - 1] == '\''))
      --end;
    std::size_t begin = end;
    while (begin > 0 && is_name(line[begin - 1])) --begin;
    if (!names_a_secret(std::string_view(line).substr(begin, end - begin))) continue;
    std::size_t value = line.find_first_not_of(' ', colon + 1);
    if (value == std::string::npos) return;
    if (line[value] == '{' || line[value] == '[') continue;
    const bool is_quoted = line[value] == '"' || line[value] == '\'';
    std::size_t stop =
        is_quoted ? line.find(line[value], value + 1) : line.find_first_of(",}]", value);
    if (is_quoted) ++value;
    stop = std::min(stop, line.size());
    std::fill(line.begin() + static_cast<std::ptrdiff_t>(value),
              line.begin() + static_cast<std::ptrdiff_t>(stop), '*');
    colon = stop > 0 ? stop - 1 : stop;
  }
}

// The source line with a caret line below it. Long lines are shown from near the caret on; control
// bytes are shown as '?' so that a script cannot write escape sequences to the terminal.
void append_excerpt(const Span& span, std::string& out) {
  constexpr std::size_t kWidth = 160;
  if (!span.source || span.line == 0) return;
  std::string shown(line_of(span.source->text, span.line));
  if (shown.empty()) return;
  hide_secrets(shown);
  std::string_view line = shown;
  std::size_t column = span.column > 0 ? span.column - 1 : 0;
  column = std::min(column, line.size());
  if (column > kWidth / 2 && line.size() > kWidth) {
    const std::size_t cut = column - kWidth / 2;
    line.remove_prefix(cut);
    column -= cut;
  }
  line = line.substr(0, kWidth);
  const std::string number = std::to_string(span.line);
  const std::string gutter(number.size() < 5 ? 5 - number.size() : 0, ' ');
  out += gutter + number + " | ";
  for (const char c : line)
    out += (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f ? '?' : c;
  out += "\n      | ";
  // Tabs are kept in the caret line so that it lines up whatever the tab width; the bytes of one
  // UTF-8 character take one place.
  for (std::size_t i = 0; i < column; ++i) {
    if (line[i] == '\t')
      out += '\t';
    else if ((static_cast<unsigned char>(line[i]) & 0xC0) != 0x80)
      out += ' ';
  }
  out += '^';
  const std::size_t end = std::min<std::size_t>(column + span.length, line.size());
  for (std::size_t i = column + 1; i < end; ++i) {
    if ((static_cast<unsigned char>(line[i]) & 0xC0) != 0x80) out += '~';
  }
  out += '\n';
}

}  // namespace

bool has_errors(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::kError; });
}

void sort_by_place(Diagnostics& diagnostics) {
  std::stable_sort(
      diagnostics.begin(), diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::pair(a.span.line, a.span.column) < std::pair(b.span.line, b.span.column);
      });
}

std::string to_text(const Diagnostic& diagnostic) {
  std::string out = place(diagnostic.span);
  out += severity_name(diagnostic.severity);
  out += ": " + diagnostic.message + "\n";
  append_excerpt(diagnostic.span, out);
  if (!diagnostic.hint.empty()) out += "  hint: " + diagnostic.hint + "\n";
  for (const auto& [span, text] : diagnostic.related) {
    out += place(span) + "note: " + text + "\n";
    append_excerpt(span, out);
  }
  return out;
}

}  // namespace slsart::core
