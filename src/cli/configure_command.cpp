#include <sys/random.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/result_files.h"
#include "core/text.h"
#include "provider/service/starter_service.h"
#include "script/starter.h"

namespace slsart::cli {
namespace {

using core::ExitCode;

struct File {
  std::filesystem::path path;
  std::string text;
};

std::uint64_t random_number() {
  std::uint64_t number = 0;
  if (getrandom(&number, sizeof(number), 0) != sizeof(number))
    number = static_cast<std::uint64_t>(getpid());
  return number;
}

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

ExitCode tell_conflict(const std::vector<File>& files) {
  std::string text = "\n\tConflict with existing files:";
  for (const File& file : files) {
    if (is_there(file.path)) text += "\n\t\t" + file.path.string();
  }
  std::fprintf(stderr, "%s\n\tNo files created.\n\n", text.c_str());
  return ExitCode::kOperational;
}

ExitCode write_files() {
  namespace service = provider::service;
  std::error_code failure;
  const std::filesystem::path folder = std::filesystem::current_path(failure);
  const std::string name = service::random_service_name(random_number());
  std::vector<File> files = {{folder / "serverless.yml", service::starter_service(name)},
                             {folder / "slsart.md", service::starter_note()}};
  for (const File& file : files) {
    if (is_there(file.path)) return tell_conflict(files);
  }
  // A script may have been written before, by `slsart script`; it stays.
  const bool has_script = is_there(folder / "script.yml");
  if (!has_script) files.push_back({folder / "script.yml", script::make_starter({})->text});
  for (const File& file : files) {
    if (const auto written = core::write_file(file.path.string(), file.text); !written)
      return tell_error(written.error(), ExitCode::kOperational);
  }
  std::printf(
      "\n\tYour function assets have been created: serverless.yml, slsart.md%s.\n"
      "\tThe service is called %s; serverless.yml is there to be edited.\n"
      "\tRun `slsart deploy` before you invoke it, and again after each change of serverless.yml.\n"
      "\tHow monitoring is switched on is told there, at the schedule.\n",
      has_script ? " (your script.yml stays)" : ", script.yml", name.c_str());
  return ExitCode::kOk;
}

}  // namespace

std::function<ExitCode()> declare_configure(CLI::App& app) {
  app.footer(
      "Example:\n"
      "  slsart configure\n\n"
      "Writes serverless.yml, with a service name that nobody else has, script.yml where there is "
      "none,\n"
      "and slsart.md, a short note, into the current folder. Nothing is ever overwritten.\n");
  return [] { return write_files(); };
}

}  // namespace slsart::cli
