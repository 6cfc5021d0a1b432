#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/span.h"
#include "core/value.h"
#include "script/script.h"

namespace slsart::script {

// Everything that decides what a script means besides its own text.
struct LoadOptions {
  // At least one; later ones are deep-merged over earlier ones.
  std::vector<core::SourcePtr> sources;
  // Where relative payload and certificate paths start; what is not there is looked for in the
  // working directory.
  std::string directory = ".";
  // Where files lie that the script names, by the name as written; others are looked for as above.
  std::map<std::string, std::string> files;
  std::optional<std::string> environment;    // -e
  std::optional<std::string> target;         // -t
  std::optional<std::string> payload;        // -p
  std::optional<std::string> overrides;      // --overrides, JSON or YAML text
  std::optional<std::string> variables;      // -v, JSON or YAML text
  std::optional<std::string> dialect;        // --dialect; wins over config.dialect
  std::optional<std::string> scenario_name;  // --scenario-name: exact or regular expression
  bool insecure = false;                     // -k
  bool solo = false;                         // -s: one user, all phases replaced
  std::optional<Mode> mode;                  // -a, -m; wins over the script's
  std::string test_id;                       // {{ $testId }} in config
  std::uint64_t seed = 0;                    // of random functions in config, which are called once
  std::map<std::string, std::string> process_environment;
};

// What came of it. `script` is there exactly when no diagnostic is an error.
struct Loaded {
  std::optional<Script> script;
  core::Diagnostics diagnostics;  // in source order
};

// Reads a file into a source; "-" is standard input. Errors: not found, a directory, not UTF-8.
core::Result<core::SourcePtr> read_source(const std::string& path);

// Parses, merges (environment, target, overrides, variables), fills the environment slots of
// config, reads payload and certificate files, validates and types. Collects all problems; never
// throws.
Loaded load(const LoadOptions& options);

}  // namespace slsart::script
