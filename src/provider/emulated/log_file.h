#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/time.h"

namespace slsart::provider::emulated {

// The log of one sandbox: a file of lines "2026-11-22T13:30:14.123Z text". Above kMaxBytes nothing
// more is written but one line that says so.
class LogFile {
 public:
  static constexpr std::uint64_t kMaxBytes = 64u << 20;
  static constexpr std::size_t kMaxLineBytes =
      256 * 1024;  // Lambda's; longer ones are cut into several
  static constexpr std::size_t kTailBytes = 4096;

  LogFile(std::string path, const core::Clock& clock) : path_(std::move(path)), clock_(clock) {}
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  void line(std::string_view text);
  // What a process wrote, in pieces of any size.
  void output(std::string_view bytes);
  // Ends a line that has no end yet.
  void finish_line();

  // The last kTailBytes that were logged since this was called last, without the times.
  void begin_tail() { tail_.clear(); }
  const std::string& tail() const { return tail_; }

 private:
  void write(std::string_view text);

  std::string path_;
  const core::Clock& clock_;
  int descriptor_ = -1;
  std::uint64_t bytes_ = 0;
  std::string partial_;
  std::string tail_;
};

// "2026-11-22T13:30:14.123Z" and back; nothing when it is no such text.
std::string to_iso_time(core::WallTime time);
bool parse_iso_time(std::string_view text, core::WallTime& time);

}  // namespace slsart::provider::emulated
