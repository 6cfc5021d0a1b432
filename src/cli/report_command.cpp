#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/result_files.h"
#include "cli/run_console.h"
#include "core/text.h"
#include "metrics/document_merger.h"
#include "report/ensure.h"

namespace slsart::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::ExitCode;
using core::Result;
using metrics::DocumentMerger;

constexpr std::size_t kMaxToldErrors = 20;

struct ReportArguments {
  std::vector<std::string> sources;
  std::optional<std::string> output, junit;
  std::string format = "artillery2";
  bool quiet = false;
  bool several_runs = false;
};

Result<std::vector<std::string>> files_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failure;
  for (std::filesystem::directory_iterator it(folder, failure), end; !failure && it != end;
       it.increment(failure)) {
    if (it->path().extension() == ".slsart") files.push_back(it->path().string());
  }
  if (failure) return Error{ErrorCode::kIo, folder + ": " + failure.message(), {}, {}};
  if (files.empty()) {
    return Error{ErrorCode::kNotFound,
                 folder + " holds no stored runs",
                 "they are files whose names end in .slsart; slsart run --save writes them",
                 {}};
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::vector<std::string>> files_listed_in(const std::string& list) {
  auto text = core::read_file(list);
  if (!text) return std::move(text).error();
  std::vector<std::string> files;
  for (const std::string_view line : core::split(*text, '\n')) {
    const std::string_view name = core::trim(line);
    if (!name.empty()) files.emplace_back(name);
  }
  return files;
}

// The files that the words of the command line stand for.
Result<std::vector<std::string>> files_of(const std::vector<std::string>& sources) {
  std::vector<std::string> files;
  for (const std::string& source : sources) {
    Result<std::vector<std::string>> more = std::vector<std::string>{source};
    std::error_code ignored;
    if (source.starts_with('@')) {
      more = files_listed_in(source.substr(1));
    } else if (std::filesystem::is_directory(source, ignored)) {
      more = files_in(source);
    }
    if (!more) return more;
    files.insert(files.end(), more->begin(), more->end());
  }
  return files;
}

// Feeds a merger with files, and tells what is wrong with them.
class Reader {
 public:
  explicit Reader(bool several_runs)
      : merger_(several_runs ? DocumentMerger::Runs::kSeveral : DocumentMerger::Runs::kOne),
        several_runs_(several_runs) {}

  void read(const std::string& file) {
    auto added = add(file);
    if (!added) {
      tell(file, added.error());
    } else if (*added == DocumentMerger::Added::kDuplicate) {
      std::fprintf(stderr, "slsart: warning: %s was there already; it counts once\n", file.c_str());
    }
  }

  // kOk: there is something to report.
  ExitCode outcome(std::size_t files) const {
    if (failed_ == 0) return ExitCode::kOk;
    if (failed_ > kMaxToldErrors) std::fputs("slsart: and so on\n", stderr);
    std::fprintf(stderr, "slsart: %zu of %zu stored runs cannot be used; there is no report\n",
                 failed_, files);
    return code_;
  }

  const DocumentMerger& merger() const { return merger_; }

 private:
  Result<DocumentMerger::Added> add(const std::string& file) {
    auto bytes = core::read_file(file, metrics::StoredDocument::kMaxStoredBytes + 1024);
    if (!bytes) return std::move(bytes).error();
    auto stored = metrics::StoredDocument::open(*bytes);
    if (!stored) return std::move(stored).error();
    const std::string& run = stored->head().run_id;
    if (first_run_.empty()) first_run_ = run;
    if (run != first_run_ && !several_runs_) {
      return Error{ErrorCode::kInvalidInput,
                   "it is of another run (" + run + ") than the ones before (" + first_run_ + ")",
                   "add --several-runs if they are to be one report",
                   {}};
    }
    return merger_.add(*stored);
  }

  void tell(const std::string& file, const Error& error) {
    ++failed_;
    const bool is_ours = error.code == ErrorCode::kIo;
    code_ = is_ours || code_ == ExitCode::kOperational ? ExitCode::kOperational : ExitCode::kScript;
    if (failed_ > kMaxToldErrors) return;
    Error told = error;
    if (told.message.find(file) == std::string::npos) told.message = file + ": " + told.message;
    tell_error(told, code_);
  }

  DocumentMerger merger_;
  bool several_runs_;
  std::string first_run_;
  std::size_t failed_ = 0;
  ExitCode code_ = ExitCode::kOk;
};

ExitCode make_report(const ReportArguments& arguments) {
  std::string path;
  if (arguments.output) {
    auto checked = report_path(*arguments.output);
    if (!checked) return tell_error(checked.error(), ExitCode::kScript);
    path = std::move(*checked);
  }
  std::string junit;
  if (arguments.junit) {
    auto checked = checked_path(*arguments.junit, "junit.xml", "--junit");
    if (!checked) return tell_error(checked.error(), ExitCode::kScript);
    junit = std::move(*checked);
  }
  const auto files = files_of(arguments.sources);
  if (!files) return tell_error(files.error(), ExitCode::kScript);
  if (files->empty()) {
    return tell_error({ErrorCode::kNotFound, "no stored run was named", "slsart report --help", {}},
                      ExitCode::kScript);
  }
  Reader reader(arguments.several_runs);
  for (const std::string& file : *files) reader.read(file);
  if (const ExitCode code = reader.outcome(files->size()); code != ExitCode::kOk) return code;

  metrics::RunDocument document = reader.merger().document();
  if (reader.merger().workers() > 1) report::judge_again(document);
  RunConsole console(arguments.quiet ? RunConsole::Mode::kQuiet : RunConsole::Mode::kPlain);
  console.print("Test run id: " + document.run_id + "\n");
  ExitCode written = ExitCode::kOk;
  if (!path.empty()) written = write_report(path, document, arguments.format, console);
  if (!junit.empty()) written = std::max(written, write_junit(junit, document, console));
  console.print_summary(document);
  const ExitCode code = exit_code_of(document);
  return code == ExitCode::kOk ? written : code;
}

}  // namespace

std::function<ExitCode()> declare_report(CLI::App& app) {
  auto shared = std::make_shared<ReportArguments>();  // outlives the parse inside the function
  ReportArguments& arguments = *shared;
  app.add_option("file", arguments.sources,
                 "Stored run, folder of *.slsart files, or @FILE with one name a line")
      ->required();
  app.add_option("-o,--output", arguments.output, "Write the report (JSON) to this file or folder");
  app.add_option("--junit", arguments.junit,
                 "Write the verdict as JUnit XML to this file or folder");
  app.add_option("--format", arguments.format, "Layout of the report")
      ->check(CLI::IsMember({"artillery2", "artillery1"}));
  app.add_flag("-q,--quiet", arguments.quiet, "Print nothing but errors");
  app.add_flag("--several-runs", arguments.several_runs,
               "Put different runs into one report, by the time of the clock");
  app.footer(
      "Examples:\n"
      "  slsart report run.slsart                        the summary again\n"
      "  slsart report run.slsart -o report.json         and the report as JSON\n"
      "  slsart report stored/ -o report.json            all workers' documents of a run\n"
      "  slsart report --several-runs a.slsart b.slsart  of two machines, as one\n\n"
      "Nothing is rounded when runs are stored: the report of one is the one `slsart run` made, "
      "and\n"
      "percentiles of several are those of all their samples. What comes twice counts once.\n"
      "The exit code is that of the run.\n");
  return [shared] { return make_report(*shared); };
}

}  // namespace slsart::cli
