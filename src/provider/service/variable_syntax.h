#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace slsart::provider::service {

// The syntax of variables in a service file, as the Serverless Framework's versions 1 to 3 have it:
//
//   ${self:custom.memory}                       a source and its address
//   ${file(./settings.yml):stages.dev}          a source with a parameter
//   ${opt:stage, self:provider.stage, 'dev'}    what to take when there is nothing; the last may be
//                                               a text in quotes, a number, true, false, null
//   ${self:custom.${sls:stage}.memory}          nested, in parameters and addresses
//   \${text}                                    no variable
//
// "${Name}", "${A.B}" and "${AWS::Region}" are CloudFormation's and stay text.

struct VariablePiece;
using VariableText = std::vector<VariablePiece>;

// One thing that is tried for a value.
struct VariableSource {
  std::string type;        // "self", "opt", ...; empty: a literal or a nested variable
  core::Value literal;     // of a literal; undefined: none
  VariableText nested;     // of a variable in place of a source: one piece
  VariableText parameter;  // between ( and ); empty: none
  VariableText address;    // behind the colon
  std::size_t offset = 0;  // in the text
};

struct Variable {
  std::vector<VariableSource> sources;  // at least one
  std::string written;                  // with ${ and }
};

struct VariablePiece {
  std::string text;                  // literal, unless
  std::optional<Variable> variable;  // this is a variable
  std::size_t offset = 0;
};

inline constexpr int kDeepestVariable = 20;

// Whether there is anything to be done: a variable, or an escaped one.
bool has_variables(std::string_view text);

// Errors, with their offset: a variable without end, a source that is none, nested deeper than
// kDeepestVariable.
core::Result<VariableText> parse_variables(std::string_view text);

}  // namespace slsart::provider::service
