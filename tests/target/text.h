#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slsart::target {

// Appends `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
void append_json(std::string& out, std::string_view text);

// `%41` and, when asked for, `+` as blank. Malformed escapes stay as they are.
enum class Plus { kStays, kIsBlank };
std::string decode_url(std::string_view text, Plus plus = Plus::kStays);

std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view text, std::string_view lower_case);

// Nothing if `text` is not standard base64.
std::optional<std::string> decode_base64(std::string_view text);

// A whole number of at most `limit`; nothing for anything else.
std::optional<std::uint64_t> to_number(std::string_view text, std::uint64_t limit);

// The parts between the separators, empty ones included.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

// The text member `key` of the JSON object `json`; nothing if absent, no text, or not an object.
std::optional<std::string> json_text_member(std::string_view json, std::string_view key);

}  // namespace slsart::target
