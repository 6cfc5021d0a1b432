#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace slsart::core {

// A text being read, with the name shown to users. Immutable once made; shared because spans of a
// merged script point into several of them and outlive any one owner.
struct Source {
  std::string name;
  std::string text;
};
using SourcePtr = std::shared_ptr<const Source>;

// A place in a source. Lines and columns count from 1; columns count bytes; length 0 is a point.
// A span without source is "nowhere" (a default value, a command-line option).
struct Span {
  SourcePtr source;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 0;

  // The same line, `offset` bytes further on, `new_length` long.
  Span at(std::uint32_t offset, std::uint32_t new_length = 1) const {
    return {source, line, column + offset, new_length};
  }
};

enum class Severity { kError, kWarning, kNote };

// One thing to tell the user about a text. `id` is stable for programs ("unknown-key").
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string id;
  Span span;
  std::string message;
  std::string hint;
  std::vector<std::pair<Span, std::string>> related;
};

using Diagnostics = std::vector<Diagnostic>;

bool has_errors(const Diagnostics& diagnostics);

// Source order: by line, then column; the order of equal places is kept.
void sort_by_place(Diagnostics& diagnostics);

// `file:line:column: error: message`, the source line, a caret line, the hint, the related places.
//
//   test.yml:4:7: warning: unknown key "arivalRate" in a phase
//       4 |     - arivalRate: 5
//         |       ^~~~~~~~~~
//     hint: did you mean "arrivalRate"?
std::string to_text(const Diagnostic& diagnostic);

}  // namespace slsart::core
