#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "cli/command.h"
#include "cli/result_files.h"
#include "script/starter.h"

namespace slsart::cli {
namespace {

using core::ExitCode;

struct ScriptArguments {
  script::StarterOptions starter;
  std::string out = "script.yml";
};

// Only ever a new file: "x" makes the system see to it.
ExitCode write_new(const std::string& path, const std::string& text) {
  std::FILE* const file = std::fopen(path.c_str(), "wx");
  if (file == nullptr && errno == EEXIST) {
    std::fprintf(stderr, "\n\tConflict at path '%s'. File exists.  No script generated.\n\n",
                 path.c_str());
    return ExitCode::kOperational;
  }
  const bool is_written =
      file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int failure = errno;
  const bool is_closed = file != nullptr && std::fclose(file) == 0;
  if (is_written && is_closed) return ExitCode::kOk;
  return tell_error({.code = core::ErrorCode::kIo,
                     .message = path + ": " + std::strerror(is_written ? errno : failure),
                     .hint = "-o FILE writes the script elsewhere",
                     .offset = {}},
                    ExitCode::kOperational);
}

ExitCode write_starter(const ScriptArguments& arguments) {
  const auto starter = script::make_starter(arguments.starter);
  if (!starter) return tell_error(starter.error(), ExitCode::kScript);
  const ExitCode code = write_new(arguments.out, starter->text);
  if (code != ExitCode::kOk) return code;
  if (!starter->remark.empty()) std::fprintf(stderr, "slsart: %s\n", starter->remark.c_str());
  std::printf(
      "\n\tYour script '%s' is created.\n"
      "\tEdit it to your liking, then fire it with `slsart invoke`,\n"
      "\tor from this machine with `slsart run`. What can stand in it:\n"
      "\t`slsart reference`, and https://artillery.io/docs\n",
      arguments.out.c_str());
  return ExitCode::kOk;
}

}  // namespace

std::function<ExitCode()> declare_script(CLI::App& app) {
  auto shared =
      std::make_shared<ScriptArguments>();  // outlives the parse inside the returned function
  ScriptArguments& arguments = *shared;
  app.add_option("-e,--endpoint", arguments.starter.endpoint,
                 "The endpoint to load with traffic (default http://aws.amazon.com)");
  app.add_option("-d,--duration", arguments.starter.duration_s,
                 "How long to load it, in seconds (default 5)");
  app.add_option("-r,--rate", arguments.starter.users_per_s,
                 "How many users arrive each second (default 2)");
  app.add_option("-t,--rampTo", arguments.starter.ramp_to_per_s,
                 "The rate to move to over that time (default: none)");
  app.add_option("-o,--out", arguments.out, "The file to write (default script.yml)");
  app.footer(
      "Examples:\n"
      "  slsart script\n"
      "  slsart script -e https://example.com -d 60 -r 10 -t 25\n"
      "  slsart script -o myservicetests.yml\n\n"
      "A file that exists is never overwritten.\n"
      "What `slsart script --schema` and `--reference` printed is at `slsart reference`.\n");
  return [shared] { return write_starter(*shared); };
}

}  // namespace slsart::cli
