#include "provider/emulated/log_file.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "core/text.h"

namespace slsart::provider::emulated {

namespace {

constexpr std::size_t kTimeLength = 24;

}  // namespace

std::string to_iso_time(core::WallTime time) {
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const time_t seconds = static_cast<time_t>(millis / 1000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                static_cast<int>(millis % 1000));
  return text;
}

bool parse_iso_time(std::string_view text, core::WallTime& time) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (text.size() != kTimeLength) return false;
  for (std::size_t i = 0; i < kTimeLength; ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !is_digit : text[i] != kShape[i]) return false;
  }
  const auto number = [&](std::size_t at, std::size_t count) {
    return static_cast<int>(core::parse_integer(text.substr(at, count)).value_or(0));
  };
  tm parts{};
  parts.tm_year = number(0, 4) - 1900;
  parts.tm_mon = number(5, 2) - 1;
  parts.tm_mday = number(8, 2);
  parts.tm_hour = number(11, 2);
  parts.tm_min = number(14, 2);
  parts.tm_sec = number(17, 2);
  time = core::WallTime(std::chrono::seconds(timegm(&parts)) +
                        std::chrono::milliseconds(number(20, 3)));
  return true;
}

LogFile::~LogFile() {
  finish_line();
  if (descriptor_ >= 0) close(descriptor_);
}

void LogFile::line(std::string_view text) {
  finish_line();
  write(text);
}

void LogFile::output(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::size_t room = kMaxLineBytes - partial_.size();
    const std::size_t count = std::min({end, room, bytes.size()});
    partial_.append(bytes.substr(0, count));
    const bool is_end = count == end;
    bytes.remove_prefix(count + (is_end ? 1 : 0));
    if (is_end || partial_.size() == kMaxLineBytes) {
      write(partial_);
      partial_.clear();
    }
  }
}

void LogFile::finish_line() {
  if (partial_.empty()) return;
  write(partial_);
  partial_.clear();
}

void LogFile::write(std::string_view text) {
  tail_.append(text).append("\n");
  if (tail_.size() > kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
  if (bytes_ > kMaxBytes) return;
  if (descriptor_ < 0) {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor_ < 0) return;  // the disk is full or the folder gone: nobody can be told
  }
  std::string whole = to_iso_time(clock_.wall_now()) + " ";
  bytes_ += text.size() + whole.size();
  whole += bytes_ > kMaxBytes ? "(this log has grown too large: no more is kept)" : text;
  whole += "\n";
  [[maybe_unused]] const auto written = ::write(descriptor_, whole.data(), whole.size());
}

}  // namespace slsart::provider::emulated
