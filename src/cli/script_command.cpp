#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "script/schema.h"

namespace slsart::cli {
namespace {

struct ScriptOptions {
  bool schema = false;
  bool reference = false;
};

core::ExitCode print(const ScriptOptions& options) {
  if (options.schema == options.reference) {
    std::fputs("slsart script: choose one of --schema and --reference\n", stderr);
    return core::ExitCode::kScript;
  }
  const std::string text = options.schema ? core::to_pretty_json(script::json_schema()) + "\n"
                                          : script::reference_manual();
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 ? core::ExitCode::kOk : core::ExitCode::kOperational;
}

}  // namespace

std::function<core::ExitCode()> declare_script(CLI::App& app) {
  auto options =
      std::make_shared<ScriptOptions>();  // outlives the parse inside the returned function
  app.add_flag("--schema", options->schema, "The script language as a JSON Schema, for editors");
  app.add_flag("--reference", options->reference, "The script language as a manual in Markdown");
  app.footer("Example:\n  slsart script --schema > slsart.schema.json\n");
  return [options] { return print(*options); };
}

}  // namespace slsart::cli
