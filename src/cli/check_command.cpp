#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "cli/diagnostics.h"
#include "cli/result_files.h"
#include "cli/run_options.h"
#include "run/run.h"

namespace slsart::cli {
namespace {

using core::ExitCode;

struct CheckArguments {
  std::vector<std::string> scripts;
  std::optional<std::string> environment, dialect;
};

ExitCode check_one(const std::string& file, const CheckArguments& arguments) {
  auto options = load_options(
      {.script = file, .environment = arguments.environment, .dialect = arguments.dialect});
  if (!options) return tell_error(options.error(), ExitCode::kScript);
  const script::Loaded loaded = script::load(*options);
  print_diagnostics(loaded.diagnostics);
  if (!loaded.script) return ExitCode::kScript;
  const core::Diagnostics about_processor = run::check_processor(*loaded.script);
  print_diagnostics(about_processor);
  if (core::has_errors(about_processor)) return ExitCode::kScript;
  std::printf("%s: ok\n", file.c_str());
  return ExitCode::kOk;
}

ExitCode check_all(const CheckArguments& arguments) {
  ExitCode worst = ExitCode::kOk;
  for (const std::string& file : arguments.scripts)
    worst = std::max(worst, check_one(file, arguments));
  return worst;
}

}  // namespace

std::function<ExitCode()> declare_check(CLI::App& app) {
  auto shared =
      std::make_shared<CheckArguments>();  // outlives the parse inside the returned function
  CheckArguments& arguments = *shared;
  app.add_option("script", arguments.scripts, "Scripts in YAML or JSON; - reads standard input")
      ->required();
  app.add_option("-e,--environment", arguments.environment,
                 "Environment of config.environments to use");
  app.add_option("--dialect", arguments.dialect, "slsart (default), artillery1 or artillery2");
  app.footer(
      "Examples:\n"
      "  slsart check script.yml\n"
      "  slsart check tests/*.yml -e staging\n\n"
      "Every mistake is told with its place. Exit code 2 when there is one, else 0.\n");
  return [shared] { return check_all(*shared); };
}

}  // namespace slsart::cli
