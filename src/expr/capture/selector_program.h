#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "expr/capture/selector.h"
#include "expr/extractor.h"

namespace slsart::expr::capture {

struct ComplexSelector;

// One condition on an element.
struct SimpleSelector {
  enum class Kind : std::uint8_t {
    kTag,        // name (lower case)
    kAttribute,  // name, compared with value as `compare` says
    kNth,        // of children: position = a n + b, counted from one end, maybe only same names
    kOnly,       // the only child, maybe only of its name
    kEmpty,
    kRoot,
    kContains,  // value
    kNot,       // none of `inner`
    kIs,        // one of `inner`
    kHas,       // one of `inner` below
  };
  enum class Compare : std::uint8_t {
    kPresent,
    kEqual,
    kWord,
    kDash,
    kPrefix,
    kSuffix,
    kPart,
    kUnequal,
  };
  Kind kind = Kind::kTag;
  Compare compare = Compare::kPresent;
  bool ignores_case = false;
  bool from_end = false;
  bool of_type = false;
  int a = 0;
  int b = 0;
  std::string name;
  std::string value;
  std::vector<ComplexSelector> inner;
};

enum class Combinator : std::uint8_t { kNone, kDescendant, kChild, kNext, kLater };

struct CompoundSelector {
  Combinator combinator = Combinator::kNone;  // how it relates to the one before
  std::vector<SimpleSelector> simples;
};

struct ComplexSelector {
  std::vector<CompoundSelector> parts;  // as written
};

struct Selector::Program {
  std::vector<ComplexSelector> groups;
  SelectionOptions options;
};

// Errors: as Selector::compile(). Nesting is limited.
core::Result<std::vector<ComplexSelector>> parse_selector(std::string_view text);

}  // namespace slsart::expr::capture
