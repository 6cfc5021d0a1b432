#include "cli/result_files.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/text.h"
#include "metrics/stored_document.h"
#include "report/json_report.h"
#include "report/junit.h"

namespace slsart::cli {
namespace {

using core::ExitCode;

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string rescue_path(const std::string& run_id, const char* ending) {
  const char* temporary = std::getenv("TMPDIR");
  return std::string(temporary != nullptr ? temporary : "/tmp") + "/slsart-report-" + run_id +
         ending;
}

enum class Place { kThere, kElsewhere, kNowhere };

Place write_somewhere(const std::string& path, const std::string& rescue, const char* what,
                      const std::string& content) {
  auto written = core::write_file(path, content);
  if (written) return Place::kThere;
  tell_error(written.error(), ExitCode::kOperational);
  if (core::write_file(rescue, content)) {
    std::fprintf(stderr, "slsart: the %s was written to %s instead\n", what, rescue.c_str());
    return Place::kElsewhere;
  }
  std::fprintf(stderr, "slsart: no place was found to write the %s to\n", what);
  return Place::kNowhere;
}

}  // namespace

ExitCode tell_error(const core::Error& error, ExitCode code) {
  std::fprintf(stderr, "slsart: %s\n", error.message.c_str());
  if (!error.hint.empty()) std::fprintf(stderr, "  hint: %s\n", error.hint.c_str());
  return code;
}

core::Result<std::string> checked_path(const std::string& path, const std::string& name_in_folder,
                                       const std::string& option) {
  std::string file = path;
  const auto refuse = [&](const char* why) {
    return core::Error{.code = core::ErrorCode::kNotFound,
                       .message = "the result cannot be written to " + file + ": " + why,
                       .hint = "nothing was started; name another file with " + option,
                       .offset = {}};
  };
  struct stat status {};
  const bool exists = stat(file.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) file += (file.ends_with('/') ? "" : "/") + name_in_folder;
  const std::string directory = directory_of(file);
  if (stat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    return refuse("there is no such directory");
  }
  const bool is_device = exists && stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  if (!is_device && access(directory.c_str(), W_OK) != 0) return refuse(std::strerror(errno));
  return file;
}

core::Result<std::string> report_path(const std::string& path) {
  const time_t now = time(nullptr);
  tm local{};
  localtime_r(&now, &local);
  std::array<char, 64> name{};
  strftime(name.data(), name.size(), "artillery_report_%Y%m%d_%H%M%S.json", &local);
  return checked_path(path, name.data(), "-o");
}

ExitCode write_report(const std::string& path, const metrics::RunDocument& document,
                      const std::string& format, RunConsole& console) {
  const auto layout =
      format == "artillery1" ? report::JsonFormat::kArtillery1 : report::JsonFormat::kArtillery2;
  const std::string text = core::to_pretty_json(report::to_json(document, layout)) + "\n";
  const Place place = write_somewhere(path, rescue_path(document.run_id, ".json"), "report", text);
  if (place == Place::kNowhere) std::fputs(text.c_str(), stderr);
  if (place != Place::kThere) return ExitCode::kOperational;
  console.print("Log file: " + path + "\n");
  return ExitCode::kOk;
}

ExitCode save_document(const std::string& path, const metrics::RunDocument& document,
                       RunConsole& console) {
  auto bytes = metrics::encode_document(document, {});
  if (!bytes) return tell_error(bytes.error(), ExitCode::kOperational);
  const std::string rescue = rescue_path(document.run_id, ".slsart");
  if (write_somewhere(path, rescue, "stored run", *bytes) != Place::kThere) {
    return ExitCode::kOperational;
  }
  console.print("Stored run: " + path + "\n");
  return ExitCode::kOk;
}

ExitCode write_junit(const std::string& path, const metrics::RunDocument& document,
                     RunConsole& console) {
  const std::string rescue = rescue_path(document.run_id, ".xml");
  if (write_somewhere(path, rescue, "JUnit file", report::to_junit(document)) != Place::kThere) {
    return ExitCode::kOperational;
  }
  console.print("JUnit file: " + path + "\n");
  return ExitCode::kOk;
}

ExitCode exit_code_of(const metrics::RunDocument& document) {
  if (document.interrupted) return ExitCode::kInterrupted;
  if (document.ending == metrics::Ending::kIncomplete) return ExitCode::kIncomplete;
  const auto fails = [](const metrics::Check& check) { return check.strict && !check.passed; };
  if (std::ranges::any_of(document.checks, fails)) return ExitCode::kEnsure;
  if (document.total.counter("plugins.expect.failed") > 0) return ExitCode::kVerdict;
  return ExitCode::kOk;
}

}  // namespace slsart::cli
