#pragma once

#include <memory>
#include <string>

#include "metrics/document.h"
#include "report/console.h"
#include "report/live_view.h"
#include "run/run.h"

namespace slsart::cli {

// What a run shows on standard output while it goes on: phase lines, log lines, a block every ten
// seconds, and on a terminal the live view below them. One thread.
class RunConsole {
 public:
  enum class Mode { kQuiet, kPlain, kLive };
  explicit RunConsole(Mode mode);

  // Events that print here. Requires: the console outlives them.
  run::RunEvents events();
  void print(const std::string& text);
  void print_summary(const metrics::RunDocument& document);

 private:
  void phase_line(const char* what, const metrics::PhaseInfo& phase);
  void write(const std::string& text);

  Mode mode_;
  report::ConsoleStyle style_;
  std::unique_ptr<report::LiveView> view_;
};

}  // namespace slsart::cli
