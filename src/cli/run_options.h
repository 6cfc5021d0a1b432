#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "script/load.h"

namespace slsart::cli {

// What `slsart run` was asked to do, as written on the command line.
struct RunArguments {
  std::string script;
  std::vector<std::string> configs;  // -c: under the script
  std::vector<std::string> inputs;   // -i: over the script
  std::optional<std::string> target, payload, output, save, junit, environment, overrides, variables;
  std::optional<std::string> env_file, scenario_name, dialect;
  std::optional<std::uint64_t> seed;
  std::string format = "artillery2";
  std::string idle = "sleep";
  std::uint32_t workers = 0;
  bool quiet = false, insecure = false, solo = false, dry_run = false, no_live = false;
};

// Everything load() needs: reads the files, the process environment and --env-file.
core::Result<script::LoadOptions> load_options(const RunArguments& arguments);

// Lines of KEY=VALUE; blank lines and # comments are skipped, quotes around values removed, `export
// ` in front allowed.
void parse_env_file(std::string_view text, std::map<std::string, std::string>& environment);

}  // namespace slsart::cli
