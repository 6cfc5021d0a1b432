#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "script/detail/node.h"
#include "script/detail/report.h"

namespace slsart::script::detail {

// The script language as data. Every section (a map with known keys) is a table of rows, one row a
// key; the tables are in schema_*.cpp. The validator (validate.h), the JSON Schema
// (schema_json.cpp) and the manual (manual.cpp) all read these tables and know no key themselves.
//
// To add a key: add a row to its section, a field to the struct in script/script.h, and the line in
// build_*.cpp that carries one into the other.

struct Section;

// What may be written as the value of a key.
struct Type {
  enum class Shape : std::uint8_t {
    kAny,        // anything
    kScalar,     // judged by `complaint`
    kChoice,     // one of `choices`
    kSection,    // a map with the keys of `section`
    kList,       // of `items`
    kOneOrList,  // one of `items`, or a list of them
    kMap,        // of any keys to `items`
    kFlow,       // a list of steps, lists in it are flattened
  };
  Shape shape = Shape::kAny;
  std::string_view expected;  // "expected ..." in messages, and the manual's column of values
  // What is wrong with a scalar, as a sentence; empty if nothing is. Called with lists and maps
  // only where judges_shape says so.
  std::string (*complaint)(const Node& value) = nullptr;
  // `complaint` also says what is wrong with a value of another shape; else "expected ..., found".
  bool judges_shape = false;
  std::string_view json = {};  // of a scalar or kAny: its JSON Schema, as JSON text
  std::span<const std::string_view> choices = {};
  const Type* items = nullptr;
  const Section* section = nullptr;
};

// How far a key is supported. Making a feature work means changing this word in its row.
enum class Support : std::uint8_t {
  kYes,
  kAccepted,  // belongs to another tool: accepted without a word, no effect
  kIgnored,   // a warning: not available yet and ignored; `note` says more
  kMissing,   // an error: the script cannot do what it says without it; `note` is the hint
};

struct Row {
  std::string_view key;
  const Type* type = nullptr;
  std::string_view fallback;  // the default, for the manual; empty: none
  std::string_view doc;       // one sentence
  std::string_view example;   // a value as it would be written behind the colon
  Support support = Support::kYes;
  std::string_view note = {};
  bool required = false;
};

// A map with known keys. Unknown keys are warnings; keys that start with "x-" are the user's own.
struct Section {
  std::string_view id;    // "phase": anchor in the manual, name in the JSON Schema
  std::string_view name;  // "a phase": in messages
  std::string_view doc;   // for the manual, above the table
  std::span<const Row> rows;
  // Looks before the keys are looked at; false: something was said and the keys are left alone.
  bool (*enter)(Node& map, Report& report) = nullptr;
  // Rules between keys, after the keys themselves.
  void (*check)(Node& map, Report& report) = nullptr;
  bool is_switch = false;  // `true` or `false` may stand for the map
};

// A kind of step: the key that names it and the keys that may stand beside it.
struct StepKind {
  Row row;
  const Section* siblings = nullptr;
};

// The tables.
extern const Section kScriptSection;    // schema_script.cpp
extern const Section kScenarioSection;  // schema_script.cpp
extern const Section kConfigSection;    // schema_config.cpp
extern const Section kHttpConfigSection;
extern const Section kTlsSection;
extern const Section kPayloadSection;
extern const Section kPluginsSection;  // schema_plugins.cpp
extern const Section kEnsureSection;
extern const Type kEnsureType;
extern const Type kApdexType;
extern const Section kPhaseSection;    // schema_phase.cpp
extern const Section kRequestSection;  // schema_request.cpp
extern const Type kCaptures;           // schema_capture.cpp
extern const Type kMatches;
extern const Type kExpectations;         // schema_expect.cpp
std::span<const StepKind> step_kinds();  // schema_flow.cpp

// Whether a key of a step that is none of step_kinds() is meant as a request with a method of that
// name: its value is a map with a url.
bool is_custom_method(std::string_view key, const Node& value);

}  // namespace slsart::script::detail
