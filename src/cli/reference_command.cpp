#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "script/schema.h"

namespace slsart::cli {

std::function<core::ExitCode()> declare_reference(CLI::App& app) {
  auto schema = std::make_shared<bool>(false);  // outlives the parse inside the returned function
  app.add_flag("--schema", *schema, "As a JSON Schema, for completion in editors");
  app.footer(
      "Examples:\n"
      "  slsart reference | less\n"
      "  slsart reference --schema > slsart.schema.json\n");
  return [schema] {
    const std::string text =
        *schema ? core::to_pretty_json(script::json_schema()) + "\n" : script::reference_manual();
    std::fwrite(text.data(), 1, text.size(), stdout);
    return std::fflush(stdout) == 0 ? core::ExitCode::kOk : core::ExitCode::kOperational;
  };
}

}  // namespace slsart::cli
