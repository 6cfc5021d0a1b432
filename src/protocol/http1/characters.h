#pragma once

#include <array>
#include <cstdint>

namespace slsart::protocol::http1 {

inline constexpr std::uint8_t kTokenCharacter = 1;  // RFC 9110 §5.6.2
inline constexpr std::uint8_t kValueCharacter = 2;  // RFC 9110 §5.5, obs-text included

inline constexpr std::array<std::uint8_t, 256> kCharacters = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool is_alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_alphanumeric) table[c] |= kTokenCharacter;
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) table[c] |= kValueCharacter;
  }
  for (const char c :
       {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    table[static_cast<unsigned char>(c)] |= kTokenCharacter;
  }
  return table;
}();

inline bool is_token_character(char c) {
  return (kCharacters[static_cast<unsigned char>(c)] & kTokenCharacter) != 0;
}
inline bool is_value_character(char c) {
  return (kCharacters[static_cast<unsigned char>(c)] & kValueCharacter) != 0;
}
inline bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace slsart::protocol::http1
