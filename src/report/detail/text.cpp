#include "report/detail/text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>

#include "core/value.h"

namespace slsart::report {
namespace {

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

// The length of the well-formed UTF-8 character at the front (RFC 3629 §4), 0 if there is none.
std::size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool is_overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool is_beyond = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
  return is_overlong || is_beyond ? 0 : length;
}

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;  // U+0080..U+009F
}

std::tm to_local(core::WallTime time) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0 || is_control(text.substr(0, length))) {
      out.push_back('?');
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

std::string fitted(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  const std::size_t dots = std::min<std::size_t>(columns, 3);
  std::size_t kept = 0;
  for (std::size_t left = columns - dots; kept < text.size(); ++kept) {
    if (continues(text[kept])) continue;
    if (left-- == 0) break;
  }
  return std::string(text.substr(0, kept)) + std::string(dots, '.');
}

std::string clock_text(core::WallTime time) {
  const std::tm parts = to_local(time);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%H:%M:%S(%z)", &parts)};
}

std::string iso_text(core::WallTime time) {
  const std::int64_t milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ",
                static_cast<int>(milliseconds - seconds * 1000));
  return std::string(text, size) + fraction;
}

std::string words(core::Duration duration) {
  const std::int64_t seconds = std::chrono::round<std::chrono::seconds>(duration).count();
  struct Unit {
    std::int64_t count;
    const char* name;
  };
  const Unit units[] = {{seconds / 86400, "day"},
                        {seconds / 3600 % 24, "hour"},
                        {seconds / 60 % 60, "minute"},
                        {seconds % 60, "second"}};
  std::string out;
  for (const Unit& unit : units) {
    if (unit.count == 0) continue;
    if (!out.empty()) out += ", ";
    out += std::to_string(unit.count) + " " + unit.name + (unit.count == 1 ? "" : "s");
  }
  return out.empty() ? "0 seconds" : out;
}

std::string fixed(double value, int decimals) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return {text, static_cast<std::size_t>(std::clamp(size, 0, 63))};
}

std::string plain(double value) {
  std::string out;
  core::write_number(value, out);
  return out;
}

}  // namespace slsart::report
