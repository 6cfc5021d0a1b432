#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "core/exit_code.h"

namespace slsart::cli {

// A command: its name, its line of help, its options, and the function that runs it once they are
// read. Commands are listed in kCommands of main.cpp; each lives in a file of its own.
struct Command {
  const char* name;
  const char* help;
  // Declares the options on `app` and returns the function to run.
  std::function<core::ExitCode()> (*declare)(CLI::App& app);
};

std::function<core::ExitCode()> declare_run(CLI::App& app);
std::function<core::ExitCode()> declare_report(CLI::App& app);
std::function<core::ExitCode()> declare_script(CLI::App& app);
std::function<core::ExitCode()> declare_configure(CLI::App& app);
std::function<core::ExitCode()> declare_check(CLI::App& app);
std::function<core::ExitCode()> declare_reference(CLI::App& app);
std::function<core::ExitCode()> declare_emulated_lambda(CLI::App& app);

}  // namespace slsart::cli
