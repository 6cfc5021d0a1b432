#include "core/digest.h"

#include <openssl/sha.h>
#include <sys/random.h>

#include <array>

#include "core/check.h"

namespace slsart::core {

std::string sha256(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string text;
  for (const unsigned char byte : digest) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

std::string random_name(std::size_t letters) {
  constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(kLetters.size() == 32);
  std::string name(letters, '\0');
  std::size_t done = 0;
  while (done < letters) {
    const ssize_t got = getrandom(name.data() + done, letters - done, 0);
    SLSART_CHECK(got > 0);  // the source is there since Linux 3.17 and never fails for long
    done += static_cast<std::size_t>(got);
  }
  for (char& c : name) c = kLetters[static_cast<unsigned char>(c) & 31];
  return name;
}

}  // namespace slsart::core
