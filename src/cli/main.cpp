#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "core/text.h"
#include "core/value.h"
#include "lambda/bootstrap.h"

namespace slsart::cli {
namespace {

constexpr std::array kCommands = {
    Command{"run", "Fire a script from this machine and report", &declare_run},
    Command{"report", "Show stored runs again, or merge them", &declare_report},
    Command{"script", "Write a first script to be edited", &declare_script},
    Command{"configure", "Write a serverless.yml and a script.yml to be edited",
            &declare_configure},
    Command{"check", "Check scripts, send nothing", &declare_check},
    Command{"reference", "Print the script language: a manual, or a schema for editors",
            &declare_reference},
    Command{"emulated-lambda", "The background process of the emulated provider",
            &declare_emulated_lambda},
};

constexpr const char* kExamples =
    "Examples:\n"
    "  slsart run test.yml                        fire a script, live view, summary\n"
    "  slsart run test.yml -o report.json         also write the report\n"
    "  slsart run test.yml --dry-run              check it and show the plan, send nothing\n"
    "  slsart report run.slsart                   show what `run --save` stored\n"
    "  slsart run -e staging -t http://127.0.0.1:8080 test.yml\n"
    "  slsart script -e https://example.com -d 60 -r 10 -t 25   write a first script.yml\n"
    "  slsart reference --schema > slsart.schema.json           for completion in editors\n"
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

// The other name of the program, whose command line and words this one takes over.
constexpr std::string_view kOtherName = "serverless-artillery";

std::string program_name(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::string(name == kOtherName ? kOtherName : "slsart");
}

// "-d=5" as "-d" "5": the other program's parser takes both, and users write both.
std::vector<std::string> words_of(int argc, char** argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const bool is_short = word.size() >= 3 && word[0] == '-' && word[1] != '-' && word[2] == '=';
    if (is_short) words.emplace_back(word.substr(0, 2));
    words.emplace_back(is_short ? word.substr(3) : word);
  }
  return words;
}

core::ExitCode refuse(const std::vector<std::string>& words, std::string message) {
  const std::string word = words.empty() ? "" : words.front();
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

// serverless-artillery 0.5.2 without a command: the help and this sentence on standard error.
core::ExitCode ask_for_command(const CLI::App& app) {
  std::fprintf(stderr, "%s\nNot enough non-option arguments: got 0, need at least 1\n",
               app.help().c_str());
  return core::ExitCode::kOperational;
}

// What --debug shows before anything else. On standard error: standard output may be a report.
void tell_options(const CLI::App& command) {
  core::Value options{core::Value::Object()};
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0) continue;
    const std::string name = option->get_single_name();
    core::Value::List values;
    for (const std::string& value : option->results()) {
      values.emplace_back(core::names_a_secret(name) ? "***" : value);
    }
    options.set(name, values.size() == 1 ? values.front() : core::Value(std::move(values)));
  }
  std::fprintf(stderr, "options were:\n%s\ncommand that will be executed: %s\n",
               core::to_pretty_json(options).c_str(), command.get_name().c_str());
}

int run_main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  CLI::App app("slsart fires Artillery scripts as load and reports what it measured.",
               program_name(argc > 0 ? argv[0] : ""));
  app.footer(kExamples);
  app.set_version_flag("--version", SLSART_VERSION, "The version number alone");
  bool debug = false, verbose = false;
  app.add_flag("-D,--debug", debug, "Say what was understood of the command line");
  app.add_flag("-V,--verbose", verbose, "Say more of what is being done");
  app.require_subcommand(0, 1);
  app.fallthrough();  // inherited by the commands: they take these flags, too
  std::vector<std::pair<CLI::App*, std::function<core::ExitCode()>>> declared;
  for (const Command& command : kCommands) {
    CLI::App* sub = app.add_subcommand(command.name, command.help);
    declared.emplace_back(sub, command.declare(*sub));
  }
  const std::vector<std::string> words = words_of(argc, argv);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    return static_cast<int>(refuse(words, error.what()));
  }
  for (const auto& [sub, execute] : declared) {
    if (!sub->parsed()) continue;
    if (debug) tell_options(*sub);
    return static_cast<int>(execute());
  }
  return static_cast<int>(ask_for_command(app));
}

// What Lambda starts under the name "bootstrap".
core::ExitCode run_executor() {
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  return lambda::run_bootstrap(SLSART_VERSION);
}

}  // namespace
}  // namespace slsart::cli

int main(int argc, char** argv) {
  if (argc > 0 && slsart::lambda::is_bootstrap(argv[0])) {
    return static_cast<int>(slsart::cli::run_executor());
  }
  return slsart::cli::run_main(argc, argv);
}
