#include "cli/run_options.h"

#include <unistd.h>

#include "core/text.h"

extern char** environ;

namespace slsart::cli {
namespace {

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

void parse_env_file(std::string_view text, std::map<std::string, std::string>& environment) {
  for (std::string_view line : core::split(text, '\n')) {
    line = core::trim(line);
    if (line.starts_with("export ")) line = core::trim(line.substr(7));
    const std::size_t equals = line.find('=');
    if (line.empty() || line.front() == '#' || equals == std::string_view::npos) continue;
    const std::string_view name = core::trim(line.substr(0, equals));
    std::string_view value = core::trim(line.substr(equals + 1));
    const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                        value.back() == value.front();
    if (quoted) value = value.substr(1, value.size() - 2);
    if (!name.empty()) environment[std::string(name)] = value;
  }
}

core::Result<script::LoadOptions> load_options(const RunArguments& arguments) {
  script::LoadOptions options;
  // Later ones win. `-c` comes last, as in both generations (seen with artillery 2.0.34).
  std::vector<std::string> files;
  if (!arguments.script.empty()) files.push_back(arguments.script);
  files.insert(files.end(), arguments.inputs.begin(), arguments.inputs.end());
  files.insert(files.end(), arguments.configs.begin(), arguments.configs.end());
  for (const std::string& file : files) {
    auto source = script::read_source(file);
    if (!source) return std::move(source).error();
    options.sources.push_back(std::move(*source));
  }
  const std::string& first = arguments.script.empty() ? files.front() : arguments.script;
  options.directory = first == "-" ? "." : directory_of(first);
  options.environment = arguments.environment;
  options.target = arguments.target;
  options.payload = arguments.payload;
  options.overrides = arguments.overrides;
  options.variables = arguments.variables;
  options.dialect = arguments.dialect;
  options.scenario_name = arguments.scenario_name;
  options.insecure = arguments.insecure;
  options.solo = arguments.solo;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    options.process_environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  if (arguments.env_file) {
    auto text = core::read_file(*arguments.env_file, 1u << 20);
    if (!text) return std::move(text).error();
    parse_env_file(*text, options.process_environment);
  }
  return options;
}

}  // namespace slsart::cli
