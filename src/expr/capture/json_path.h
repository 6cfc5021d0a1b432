#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/rng.h"
#include "core/value.h"
#include "expr/capture/json_expression.h"

namespace slsart::expr::capture {

// One step of a JSONPath.
struct JsonStep {
  enum class Kind {
    kName,    // .name  ['name']  .3   a member; a list's index or length where the name is one
    kIndex,   // [3]                   an index of a list; negative ones find nothing
    kAll,     // .*  [*]
    kSlice,   // [start:end:step]      of a list
    kUnion,   // [1,'a',2:4]
    kFilter,  // [?(expression)]       the children for which it is true
    kScript,  // [(expression)]        the child it names
  };

  Kind kind = Kind::kName;
  bool is_descendant = false;  // after `..`: of the value and everything below it
  std::string name;
  std::int64_t index = -1;  // also for a name that is an index; -1: none
  std::optional<std::int64_t> start, end, stride;
  std::vector<JsonStep> parts;
  JsonExpression expression;
};

// A compiled JSONPath in the grammar of the npm package jsonpath (lib/grammar.js), with the meaning
// of its lib/handlers.js. Wider than the original: names may hold `-`, `$` and letters beyond
// ASCII, blanks may stand inside brackets, `..` may precede slices and scripts.
class JsonPath {
 public:
  // Errors: kInvalidInput with the offset of the fault.
  static core::Result<JsonPath> parse(std::string_view text);

  // All values the path finds, in document order; nothing if `body` is not JSON. Work is bounded: a
  // path that would visit far more values than the document has finds nothing.
  std::vector<core::Value> find_all(std::string_view body) const;
  // One of them, drawn from `rng` if there are several; undefined if there is none.
  core::Value find_one(std::string_view body, core::Rng& rng) const;

  // Made of names and indices only: found by scanning the text (json_scan.h), without a document.
  bool is_definite() const { return is_definite_; }
  const std::vector<JsonStep>& steps() const { return steps_; }

 private:
  std::vector<JsonStep> steps_;
  bool is_definite_ = true;
};

}  // namespace slsart::expr::capture
