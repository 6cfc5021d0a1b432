#pragma once

#include <string>
#include <vector>

#include "core/span.h"
#include "script/detail/node.h"
#include "script/detail/report.h"
#include "script/detail/yaml_reader.h"
#include "script/load.h"

// What the tests of this room share.

namespace slsart::script::detail {

inline core::SourcePtr source_of(std::string text, std::string name = "test.yml") {
  return std::make_shared<const core::Source>(core::Source{std::move(name), std::move(text)});
}

// "3:5+10": line, column, length.
inline std::string place_of(const core::Span& span) {
  return std::to_string(span.line) + ":" + std::to_string(span.column) + "+" +
         std::to_string(span.length);
}

// "3:5+10 error: message" for each.
inline std::vector<std::string> lines_of(const core::Diagnostics& diagnostics) {
  std::vector<std::string> lines;
  for (const core::Diagnostic& told : diagnostics) {
    const bool is_error = told.severity == core::Severity::kError;
    lines.push_back(place_of(told.span) + (is_error ? " error: " : " warning: ") + told.message);
  }
  return lines;
}

struct Parsed {
  std::optional<Node> node;
  std::vector<std::string> told;
};

inline Parsed parse(std::string text) {
  Report report;
  Parsed parsed;
  parsed.node = read_yaml(source_of(std::move(text)), report);
  parsed.told = lines_of(report.diagnostics());
  return parsed;
}

// A script made of these lines below `config:` and one scenario with these steps.
inline std::string script_of(const std::string& config, const std::string& steps) {
  return "config:\n" + config + "scenarios:\n  - flow:\n" + steps;
}

inline LoadOptions options_for(std::string text) {
  LoadOptions options;
  options.sources = {source_of(std::move(text))};
  return options;
}

inline Loaded load_text(std::string text) {
  return load(options_for(std::move(text)));
}

}  // namespace slsart::script::detail
