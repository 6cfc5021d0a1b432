#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "cli/command.h"
#include "cli/diagnostics.h"
#include "cli/dry_run.h"
#include "cli/result_files.h"
#include "cli/run_console.h"
#include "cli/run_options.h"
#include "core/text.h"
#include "run/run.h"

namespace slsart::cli {
namespace {

using core::ExitCode;

// The first signal asks for a stop, the second quits at once. A global, because handlers have no
// argument.
run::StopSource stop_source;

void on_signal(int) {
  if (stop_source.is_requested()) _exit(static_cast<int>(ExitCode::kInterrupted));
  stop_source.request();
}

void on_broken_invariant(std::string_view) {
  stop_source.save_before_abort();
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

std::uint64_t random_number() {
  std::uint64_t number = 0;
  if (getrandom(&number, sizeof(number), 0) != sizeof(number))
    number = static_cast<std::uint64_t>(getpid());
  return number;
}

std::string make_run_id() {
  constexpr std::string_view kLetters = "abcdefghijkmnpqrtwxyz0123456789";
  std::uint64_t number = random_number();
  std::string id = "t";
  for (int i = 0; i < 12; ++i, number /= kLetters.size()) id += kLetters[number % kLetters.size()];
  return id;
}

std::vector<core::Member> shared_variables(const script::LoadOptions& options,
                                           const RunArguments& arguments) {
  core::Value environment{core::Value::Object()};
  for (const auto& [name, value] : options.process_environment) {
    environment.as_object().push_back({name, core::Value(value)});
  }
  return {{"$processEnvironment", environment},
          {"$env", environment},
          {"$testId", core::Value(options.test_id)},
          {"$dirname", core::Value(options.directory)},
          {"$scenarioFile", core::Value(arguments.script)}};
}

RunConsole::Mode console_mode(const RunArguments& arguments) {
  if (arguments.quiet) return RunConsole::Mode::kQuiet;
  const bool live = isatty(STDOUT_FILENO) == 1 && !arguments.no_live;
  return live ? RunConsole::Mode::kLive : RunConsole::Mode::kPlain;
}

// Where results are to be written; empty: nowhere.
struct Outputs {
  std::string report;
  std::string stored;
  std::string junit;
};

core::Result<Outputs> checked_outputs(const RunArguments& arguments, const std::string& run_id) {
  Outputs outputs;
  if (arguments.output) {
    auto checked = report_path(*arguments.output);
    if (!checked) return std::move(checked).error();
    outputs.report = std::move(*checked);
  }
  if (arguments.save) {
    auto checked = checked_path(*arguments.save, run_id + ".slsart", "--save");
    if (!checked) return std::move(checked).error();
    outputs.stored = std::move(*checked);
  }
  if (arguments.junit) {
    auto checked = checked_path(*arguments.junit, run_id + ".xml", "--junit");
    if (!checked) return std::move(checked).error();
    outputs.junit = std::move(*checked);
  }
  if (!outputs.report.empty() && outputs.report == outputs.stored) {
    return core::Error{.code = core::ErrorCode::kInvalidInput,
                       .message = "-o and --save name the same file, " + outputs.report,
                       .hint = "the report is JSON, what --save stores is for slsart report",
                       .offset = {}};
  }
  return outputs;
}

ExitCode write_outputs(const Outputs& outputs, const metrics::RunDocument& document,
                       const RunArguments& arguments, RunConsole& console) {
  ExitCode code = ExitCode::kOk;
  if (!outputs.report.empty()) {
    code = write_report(outputs.report, document, arguments.format, console);
  }
  if (!outputs.stored.empty())
    code = std::max(code, save_document(outputs.stored, document, console));
  if (!outputs.junit.empty()) code = std::max(code, write_junit(outputs.junit, document, console));
  return code;
}

ExitCode fire(const script::Script& script, const script::LoadOptions& loaded,
              const RunArguments& arguments) {
  const auto outputs = checked_outputs(arguments, loaded.test_id);
  if (!outputs) return tell_error(outputs.error(), ExitCode::kScript);
  RunConsole console(console_mode(arguments));
  run::RunOptions options;
  options.workers = arguments.workers;
  options.seed = loaded.seed;
  options.idle = arguments.idle == "spin" ? engine::Idle::kSpin : engine::Idle::kSleep;
  options.run_id = loaded.test_id;
  options.version = SLSART_VERSION;
  options.shared_variables = shared_variables(loaded, arguments);
  if (const char* servers = std::getenv("SLSART_DNS_SERVERS")) options.dns_servers = servers;
  // Of Artillery 1 and 2: set to anything, even to nothing.
  options.judges = !loaded.process_environment.contains("ARTILLERY_DISABLE_ENSURE");
  if (console_mode(arguments) == RunConsole::Mode::kLive)
    options.live_interval = std::chrono::milliseconds(200);

  catch_signals();
  console.print("Test run id: " + options.run_id + "\n");
  core::set_check_handler(on_broken_invariant);
  run::RunEvents events = console.events();
  events.on_broken = [&](const metrics::RunDocument& partial) {
    Outputs places = *outputs;
    if (places.report.empty()) places.report = "slsart-report-" + options.run_id + ".json";
    write_outputs(places, partial, arguments, console);
  };
  auto document = run::execute(script, options, events, stop_source);
  if (!document) {
    ExitCode code = ExitCode::kOperational;
    if (document.error().code == core::ErrorCode::kInvalidInput) code = ExitCode::kScript;
    if (stop_source.is_requested()) code = ExitCode::kInterrupted;
    return tell_error(document.error(), code);
  }
  const ExitCode written = write_outputs(*outputs, *document, arguments, console);
  console.print_summary(*document);
  const ExitCode code = exit_code_of(*document);
  return code == ExitCode::kOk ? written : code;
}

ExitCode run_script(const RunArguments& arguments) {
  if (arguments.script.empty() && arguments.configs.empty() && arguments.inputs.empty()) {
    std::fputs(
        "slsart run: name the script to fire, for example: slsart run test.yml\n  hint: slsart run "
        "--help\n",
        stderr);
    return ExitCode::kScript;
  }
  auto options = load_options(arguments);
  if (!options) return tell_error(options.error(), ExitCode::kScript);
  options->seed = arguments.seed.value_or(random_number() >> 11);  // JSON readers keep 53 bits
  options->test_id = make_run_id();
  const script::Loaded loaded = script::load(*options);
  print_diagnostics(loaded.diagnostics);
  if (!loaded.script) return ExitCode::kScript;
  const core::Diagnostics about_processor = run::check_processor(*loaded.script);
  print_diagnostics(about_processor);
  if (core::has_errors(about_processor)) return ExitCode::kScript;
  if (arguments.dry_run) return print_plan(*loaded.script, options->seed, arguments.workers);
  return fire(*loaded.script, *options, arguments);
}

}  // namespace

std::function<ExitCode()> declare_run(CLI::App& app) {
  auto shared =
      std::make_shared<RunArguments>();  // outlives the parse inside the returned function
  RunArguments& arguments = *shared;
  app.add_option("script", arguments.script, "Script in YAML or JSON; - reads standard input");
  app.add_option("-t,--target", arguments.target, "Base URL, instead of config.target");
  app.add_option("-e,--environment", arguments.environment,
                 "Environment of config.environments to use");
  app.add_option("-o,--output", arguments.output, "Write the report (JSON) to this file or folder");
  app.add_option("--junit", arguments.junit,
                 "Write the verdict as JUnit XML to this file or folder");
  app.add_option("--save", arguments.save,
                 "Store the measurements in this file or folder, for slsart report");
  app.add_option("-p,--payload", arguments.payload, "CSV file for the script's payload");
  app.add_option("-c,--config", arguments.configs,
                 "File merged over the script and -i; may be repeated")
      ->allow_extra_args(false);
  app.add_option("-i,--input", arguments.inputs,
                 "Script file merged over the script; may be repeated")
      ->allow_extra_args(false);
  app.add_option("-v,--variables", arguments.variables,
                 "Variables as JSON: '{\"name\": \"value\"}'");
  app.add_option("--overrides", arguments.overrides,
                 "Script parts as JSON, merged over everything");
  app.add_option("--env-file,--dotenv", arguments.env_file,
                 "Read environment variables from a file");
  app.add_option("--scenario-name", arguments.scenario_name,
                 "Only the scenario of this name (or regular expression)");
  app.add_flag("-s,--solo", arguments.solo, "One user only, whatever the phases say");
  app.add_flag("-k,--insecure", arguments.insecure, "Accept any TLS certificate");
  app.add_flag("-q,--quiet", arguments.quiet, "Print nothing but errors");
  app.add_flag("--dry-run", arguments.dry_run, "Check the script, print the plan, send nothing");
  app.add_option("--workers", arguments.workers, "Threads (default: one per processor)")
      ->check(CLI::Range(1, 1024));
  app.add_option("--seed", arguments.seed, "Makes runs alike: scenarios, rows, random values");
  app.add_option("--dialect", arguments.dialect, "slsart (default), artillery1 or artillery2");
  app.add_option("--format", arguments.format, "Layout of the report")
      ->check(CLI::IsMember({"artillery2", "artillery1"}));
  app.add_option("--idle", arguments.idle, "How workers wait: sleep, or spin (needs free cores)")
      ->check(CLI::IsMember({"sleep", "spin"}));
  app.add_flag("--no-live", arguments.no_live, "No live view, even on a terminal");
  app.add_option_function<std::string>(
      "--platform",
      [](const std::string& platform) {
        if (platform != "local")
          throw CLI::ValidationError("--platform", "only local is available yet");
      },
      "Where to run: local");
  // Words of artillery's own command line that mean nothing here are taken without complaint, so
  // that existing jobs go on working.
  static constexpr const char* kIgnored = "Accepted for artillery's sake; has no effect here";
  for (const char* name : {"--count", "--tags", "--name", "--note", "--key", "--platform-opt"}) {
    app.add_option_function<std::string>(
        name, [](const std::string&) {}, kIgnored);
  }
  app.add_flag_function(
      "--record", [](std::int64_t) {}, kIgnored);
  app.footer(
      "Examples:\n"
      "  slsart run test.yml\n"
      "  slsart run test.yml -o report.json --seed 42 --workers 2\n"
      "  slsart run test.yml --save run.slsart       then: slsart report run.slsart\n"
      "  slsart run test.yml -e staging -v '{\"user\": \"ann\"}'\n"
      "  slsart run test.yml --overrides '{\"config\": {\"phases\": [{\"duration\": 5, "
      "\"arrivalRate\": 1}]}}'\n"
      "  slsart run test.yml --dry-run\n\n"
      "Ctrl-C stops the load and still reports; a second Ctrl-C quits at once.\n");
  return [shared] { return run_script(*shared); };
}

}  // namespace slsart::cli
