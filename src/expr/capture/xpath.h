#pragma once

#include <memory>
#include <string_view>

#include "core/result.h"
#include "core/rng.h"
#include "core/value.h"
#include "expr/extractor.h"

namespace slsart::expr::capture {

// XPath 1.0 on an XML body, or on an HTML page (one that begins with `<!doctype html` or `<html`),
// which is read as HtmlDocument reads it, names in lower case.
//
// Only what stands in the body counts: document types and entities of its own are not read, nothing
// is fetched. Prefixes of names are part of the name: `//ns:item`.
class XPath {
 public:
  static constexpr std::size_t kMaxBytes = 8u << 20;  // of a body; longer ones give nothing

  // Errors: kInvalidInput with the offset of the fault.
  static core::Result<XPath> compile(std::string_view expression, const SelectionOptions& options);

  // A node-set gives the text of the chosen node (an attribute's value, an element's text); texts,
  // numbers and booleans are themselves. Undefined: nothing found, or not well-formed.
  core::Value find(std::string_view body, core::Rng& rng) const;

  struct Program;  // xpath.cpp

 private:
  std::shared_ptr<const Program> program_;  // shared: extractors are copied with their script
};

}  // namespace slsart::expr::capture
