#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace slsart::metrics {

// Numbers in stored documents: little-endian groups of seven bits, the eighth bit set in all but
// the last (LEB128). Signed ones are folded first: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...

inline void put_varint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

inline void put_zigzag(std::int64_t value, std::string& out) {
  put_varint(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63), out);
}

inline void put_text(std::string_view text, std::string& out) {
  put_varint(text.size(), out);
  out += text;
}

// Takes them from the front. `failed` once something was missing or too large; what is read from
// then on is 0 or empty.
struct ByteReader {
  const unsigned char* at = nullptr;
  const unsigned char* end = nullptr;
  bool failed = false;

  explicit ByteReader(std::string_view bytes)
      : at(reinterpret_cast<const unsigned char*>(bytes.data())), end(at + bytes.size()) {}
  ByteReader(const unsigned char* from, const unsigned char* to) : at(from), end(to) {}

  std::size_t left() const { return static_cast<std::size_t>(end - at); }

  std::uint64_t fail() {
    failed = true;
    at = end;
    return 0;
  }

  unsigned char byte() {
    if (at == end) return static_cast<unsigned char>(fail());
    return *at++;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == end) return fail();
      const std::uint64_t part = *at++;
      if (shift == 63 && part > 1) return fail();
      value |= (part & 0x7f) << shift;
      if (part < 0x80) return value;
    }
    return fail();
  }
  // Fails when it is larger.
  std::uint64_t varint_at_most(std::uint64_t most) {
    const std::uint64_t value = varint();
    return value <= most ? value : fail();
  }

  std::int64_t zigzag() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
  }

  std::string_view text() {
    const std::uint64_t size = varint_at_most(left());
    if (failed || size > left()) {
      fail();
      return {};
    }
    const std::string_view text(reinterpret_cast<const char*>(at), static_cast<std::size_t>(size));
    at += size;
    return text;
  }
};

}  // namespace slsart::metrics
