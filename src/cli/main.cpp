#include <sys/resource.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "cli/command.h"

namespace slsart::cli {
namespace {

constexpr std::array kCommands = {
    Command{"run", "Fire a script from this machine and report", &declare_run},
    Command{"script", "Print what the script language knows", &declare_script},
};

constexpr const char* kExamples =
    "Examples:\n"
    "  slsart run test.yml                        fire a script, live view, summary\n"
    "  slsart run test.yml -o report.json         also write the report\n"
    "  slsart run test.yml --dry-run              check it and show the plan, send nothing\n"
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
    const bool asked = error.get_exit_code() == 0;  // --help, --version
    app.exit(error);
    return static_cast<int>(asked ? core::ExitCode::kOk : core::ExitCode::kScript);
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
