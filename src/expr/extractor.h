#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/rng.h"
#include "core/value.h"
#include "expr/template.h"
#include "expr/variables.h"

namespace slsart::expr {

struct HeaderView {
  std::string_view name;  // lower case
  std::string_view value;
};

// What captures and matches may look at: one response, decoded. The views belong to the caller.
struct ResponseView {
  int status = 0;
  std::span<const HeaderView> headers;
  std::string_view body;
};

struct RegexpOptions {
  std::string flags;  // of i, m, s, u, g (g has no effect); others are an error
  std::string group;  // number or name; empty: the whole match
};

// Which of several results is taken.
enum class Pick { kNumber, kLast, kRandom, kAll };

struct SelectionOptions {
  std::string attr;  // of selectors: the attribute to take; empty: the element's text
  Pick pick = Pick::kNumber;
  std::size_t number = 0;  // of kNumber, from 0
};

struct JsonOptions {
  // Absent: one drawn at random.
  std::optional<SelectionOptions> select;
  // The reference's `multiple: false`: a path that can lead to one value only gives it, any other
  // a list of what it finds.
  bool is_raw = false;
};

// Takes one value out of a response; compiled once, shared by threads.
class Extractor {
 public:
  // JSONPath over the body. The grammar is that of the npm package jsonpath (Goessner's: $ . .. [n]
  // ['name'] [*] [a,b] [start:end:step] [?(@.x == 1 && ...)] [(@.length-1)]).
  static core::Result<Extractor> json(std::string_view path, const JsonOptions& options = {});
  // PCRE2 with JavaScript's meaning of the pattern, with a match limit.
  static core::Result<Extractor> regexp(std::string_view pattern, const RegexpOptions& options);
  // Names compare without regard to case; of several equal headers the values are joined by ", ".
  static core::Result<Extractor> header(std::string_view name);
  // A CSS selector on an HTML body; see capture/selector.h.
  static core::Result<Extractor> selector(std::string_view selector,
                                          const SelectionOptions& options);
  // XPath 1.0 on an XML or HTML body; see capture/xpath.h.
  static core::Result<Extractor> xpath(std::string_view expression,
                                       const SelectionOptions& options);

  // An expression with slots, compiled when it has been rendered. `compile` makes the extractor
  // from the text (one of the above with its options); a text it refuses finds nothing.
  using Compile = std::function<core::Result<Extractor>(std::string_view text)>;
  static Extractor templated(Template text, Compile compile, bool looks_at_headers);

  // Undefined when there is nothing (no match, not JSON, no extractor: the default one). Of several
  // JSONPath results one is drawn from `rng`; a regexp group that did not take part gives the whole
  // match.
  core::Value extract(const ResponseView& response, core::Rng& rng) const;
  // The same, for expressions with slots. Requires: scope.rng.
  core::Value extract(const ResponseView& response, const Scope& scope) const;
  bool needs_body() const;
  bool needs_headers() const;
  // Every variable that a templated expression reads.
  std::vector<core::Symbol> variables() const;

  struct Program;  // extractor.cpp

 private:
  static core::Result<Extractor> make(core::Result<std::shared_ptr<const Program>> program);
  std::shared_ptr<const Program> program_;  // shared: extractors are copied with their script
};

// `capture:` – where the value goes and whether finding nothing (or "") fails the step.
struct Capture {
  Extractor from;
  VariableName as;
  bool strict = true;
};

// `match:` – equality without conversion: 42 is not "42"; lists and objects never match in the
// reference, here they compare deeply.
struct Match {
  Extractor from;
  ValueTemplate value;
  bool strict = true;
  std::string expression;  // as written, for messages

  bool holds(const ResponseView& response, const Scope& scope) const;
};

}  // namespace slsart::expr
