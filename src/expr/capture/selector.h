// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/rng.h"
#include "core/value.h"
#include "expr/extractor.h"

namespace slsart::expr::capture {

// CSS selectors on an HTML page.
//
//   a  *  #id  .class  [name]  [name=value]  ~= |= ^= $= *= !=  [name="value" i]
//   a b   a > b   a + b   a ~ b   a, b
//   :first-child :last-child :only-child :first-of-type :last-of-type :only-of-type
//   :nth-child(2n+1) :nth-last-child() :nth-of-type() :nth-last-of-type()
//   :not() :is() :where() :has() :contains("text") :empty :root :checked :disabled :enabled
//
// Names of elements and attributes compare without regard to case, all else exactly.
class Selector {
 public:
  // Errors: kInvalidInput with the offset of the fault; kUnsupported for a pseudo-class that is not
  // known (offset) or an index that is none (no offset).
  static core::Result<Selector> compile(std::string_view text, const SelectionOptions& options);

  // The attribute (without `attr`: the text) of the chosen element; a list of all of them with
  // Pick::kAll. Undefined when nothing is found, the element lacks the attribute, or the search
  // costs too much, which is some tenths of a second.
  core::Value find(std::string_view page, core::Rng& rng) const;

  struct Program;  // selector_program.h

 private:
  std::shared_ptr<const Program> program_;  // shared: extractors are copied with their script
};

}  // namespace slsart::expr::capture
