#pragma once

#include <string>

#include "cli/run_console.h"
#include "core/exit_code.h"
#include "core/result.h"
#include "metrics/document.h"

namespace slsart::cli {

// What `slsart run` and `slsart report` do with a result, so that both do the same.

// Tells the error, and its hint, on standard error; returns `code`.
core::ExitCode tell_error(const core::Error& error, core::ExitCode code);

// Where a file is to be written: the path itself, or `name_in_folder` if that is a directory. Fails
// now rather than after a run when nothing can be written there. `option` is named in the hint.
core::Result<std::string> checked_path(const std::string& path, const std::string& name_in_folder,
                                       const std::string& option);
// The same for a report, whose name in a directory has the date.
core::Result<std::string> report_path(const std::string& path);

// Writes the report. `format` as on the command line. A result must not be lost: when the file
// cannot be written any more, another place is tried, and the code is kOperational.
core::ExitCode write_report(const std::string& path, const metrics::RunDocument& document,
                            const std::string& format, RunConsole& console);

// Writes the measurements for `slsart report`; the same care is taken.
core::ExitCode save_document(const std::string& path, const metrics::RunDocument& document,
                             RunConsole& console);

// Writes the verdict as JUnit XML; the same care is taken.
core::ExitCode write_junit(const std::string& path, const metrics::RunDocument& document,
                           RunConsole& console);

// What a result is to the caller of the program: interrupted, incomplete, a strict check or an
// expectation failed, or ok.
core::ExitCode exit_code_of(const metrics::RunDocument& document);

}  // namespace slsart::cli
