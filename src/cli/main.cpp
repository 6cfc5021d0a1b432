#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "cli/command.h"
#include "core/text.h"

namespace slsart::cli {
namespace {

constexpr std::array kCommands = {
    Command{"run", "Fire a script from this machine and report", &declare_run},
    Command{"report", "Show stored runs again, or merge them", &declare_report},
    Command{"script", "Print what the script language knows", &declare_script},
};

constexpr const char* kExamples =
    "Examples:\n"
    "  slsart run test.yml                        fire a script, live view, summary\n"
    "  slsart run test.yml -o report.json         also write the report\n"
    "  slsart run test.yml --dry-run              check it and show the plan, send nothing\n"
    "  slsart report run.slsart                   show what `run --save` stored\n"
    "  slsart run -e staging -t http://127.0.0.1:8080 test.yml\n"
    "  slsart script --schema > slsart.schema.json   for completion in editors\n"
    "\n"
    "Exit codes: 0 ok, 1 the machine or network failed us, 2 a mistake in script or command line,\n"
    "3 verdict failed, 4 ensure, 5 incomplete, 130 interrupted.\n";

// Every user may hold a connection: take what the system lets us have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

core::ExitCode refuse(int argc, char** argv, std::string message) {
  const std::string word = argc > 1 ? argv[1] : "";
  std::vector<std::string_view> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  const bool known = std::find(names.begin(), names.end(), word) != names.end();
  std::string hint =
      "slsart " + (known ? word + " " : std::string()) + "--help shows what there is";
  if (!known && !word.empty() && word.front() != '-') {
    message = "there is no command \"" + word + "\"";
    const std::string_view near = core::nearest_name(word, names);
    if (!near.empty()) hint = "did you mean \"" + std::string(near) + "\"? " + hint;
  }
  std::fprintf(stderr, "slsart: %s\n  hint: %s\n", message.c_str(), hint.c_str());
  return core::ExitCode::kScript;
}

int run_main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  CLI::App app("slsart fires Artillery scripts as load and reports what it measured.", "slsart");
  app.footer(kExamples);
  app.set_version_flag("-V,--version", "slsart " SLSART_VERSION);
  app.require_subcommand(1);
  std::vector<std::pair<CLI::App*, std::function<core::ExitCode()>>> declared;
  for (const Command& command : kCommands) {
    CLI::App* sub = app.add_subcommand(command.name, command.help);
    declared.emplace_back(sub, command.declare(*sub));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    return static_cast<int>(refuse(argc, argv, error.what()));
  }
  for (const auto& [sub, execute] : declared) {
    if (sub->parsed()) return static_cast<int>(execute());
  }
  return static_cast<int>(core::ExitCode::kScript);
}

}  // namespace
}  // namespace slsart::cli

int main(int argc, char** argv) {
  return slsart::cli::run_main(argc, argv);
}
