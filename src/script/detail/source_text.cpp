#include "script/detail/source_text.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace slsart::script::detail {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Length of the well-formed UTF-8 sequence at `at`, 0 if there is none (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

Places::Places(core::SourcePtr source) : source_(std::move(source)) {
  const std::string& text = source_->text;
  starts_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool lone_return = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (text[i] == '\n' || lone_return) starts_.push_back(i + 1);
  }
}

std::size_t Places::line_of(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(starts_, offset);
  return static_cast<std::size_t>(after - starts_.begin()) - 1;
}

std::string_view Places::line(std::size_t number) const {
  if (number >= starts_.size()) return {};
  const std::string_view text = source_->text;
  const std::size_t end = number + 1 < starts_.size() ? starts_[number + 1] : text.size();
  std::string_view result = text.substr(starts_[number], end - starts_[number]);
  while (result.ends_with('\n') || result.ends_with('\r')) result.remove_suffix(1);
  return result;
}

core::Span Places::span(std::size_t from, std::size_t to) const {
  from = std::min(from, source_->text.size());
  const std::size_t number = line_of(from);
  const std::size_t line_end = starts_[number] + line(number).size();
  const std::size_t end = std::max(from, std::min(to, line_end));
  return {.source = source_,
          .line = static_cast<std::uint32_t>(number + 1),
          .column = static_cast<std::uint32_t>(from - starts_[number] + 1),
          .length = static_cast<std::uint32_t>(end - from)};
}

std::size_t Places::offset(std::size_t line_number, std::size_t character) const {
  if (line_number >= starts_.size()) return source_->text.size();
  const std::string_view text = line(line_number);
  std::size_t at = text.starts_with("\xEF\xBB\xBF") && line_number == 0 ? 3 : 0;
  for (; character > 0 && at < text.size(); --character) {
    do {
      ++at;
    } while (at < text.size() && is_continuation(text[at]));
  }
  return starts_[line_number] + at;
}

bool check_text(const Places& places, Report& report) {
  const std::string_view text = places.source()->text;
  if (text.size() > kLongestScript) {
    report.error("too-long", places.span(0, 0), "the script is longer than 16 MiB",
                 "put large data into a CSV file and read it with config.payload");
    return false;
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0) {
      report.error("not-utf-8", places.span(at, at + 1), "this byte is not UTF-8 text",
                   "save the script in the encoding UTF-8");
      return false;
    }
    const auto c = static_cast<unsigned char>(text[at]);
    const bool is_control = (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
    if (is_control) {
      report.error("control-character", places.span(at, at + 1),
                   "a control character may not stand here",
                   "remove it; inside double quotes write it as an escape such as \\x1b");
      return false;
    }
    at += length;
  }
  return true;
}

}  // namespace slsart::script::detail
