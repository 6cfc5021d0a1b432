#include "cli/run_console.h"

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace slsart::cli {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (no_colour == nullptr || *no_colour == '\0') && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

std::string clock_text() {
  const time_t now = time(nullptr);
  tm local{};
  localtime_r(&now, &local);
  std::array<char, 32> text{};
  strftime(text.data(), text.size(), "%H:%M:%S(%z)", &local);
  return text.data();
}

// Texts of scripts and servers must not steer the terminal.
std::string harmless(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(),
      [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') || c == 0x7f;
      },
      '?');
  return out;
}

}  // namespace

RunConsole::RunConsole(Mode mode) : mode_(mode) {
  if (mode_ == Mode::kQuiet) return;
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  style_.columns = terminal ? std::clamp<std::size_t>(terminal_columns() - 1, 50, 79) : 79;
  style_.colour = terminal && wants_colour();
  if (mode_ == Mode::kLive)
    view_ = std::make_unique<report::LiveView>(terminal_columns(), style_.colour);
}

run::RunEvents RunConsole::events() {
  if (mode_ == Mode::kQuiet) return {};
  run::RunEvents events;
  events.on_phase_started = [this](const auto& phase) { phase_line("Phase started", phase); };
  events.on_phase_completed = [this](const auto& phase) { phase_line("Phase completed", phase); };
  events.on_log_line = [this](std::string_view line) { print(harmless(line) + "\n"); };
  events.on_stopping = [this] {
    print(
        "Stopping: requests in flight get a second. Press Ctrl-C again to quit without a "
        "report.\n");
  };
  events.on_breach = [this](const metrics::Check& check) {
    print("Ending the run: " + harmless(check.text) +
          " does not hold (measured: " + harmless(check.measured) + ").\n");
  };
  events.on_period = [this](const metrics::Snapshot& window, core::WallTime end) {
    print(report::period_text(window, end, style_));
  };
  if (view_) {
    events.on_frame = [this](const report::LiveFrame& frame) { write(view_->draw(frame)); };
  }
  return events;
}

void RunConsole::phase_line(const char* what, const metrics::PhaseInfo& phase) {
  std::array<char, 64> duration{};
  std::snprintf(duration.data(), duration.size(), "%g", core::to_seconds(phase.duration));
  print(std::string(what) + ": " + (phase.name.empty() ? "unnamed" : harmless(phase.name)) +
        " (index: " + std::to_string(phase.index) + ", duration: " + duration.data() + "s) " +
        clock_text() + "\n\n");
}

void RunConsole::print(const std::string& text) {
  if (mode_ == Mode::kQuiet) return;
  if (view_) write(view_->clear());
  write(text);
}

void RunConsole::write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void RunConsole::print_summary(const metrics::RunDocument& document) {
  print(report::summary_text(document, style_));
}

}  // namespace slsart::cli
