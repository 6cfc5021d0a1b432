#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/exchange.h"

namespace slsart::protocol {

// The content-encodings of a body in the order they were applied (RFC 9110 §8.4): gzip, deflate
// (zlib's format or, as browsers accept, the raw one), br, zstd; identity counts for nothing.
class ContentCodings {
 public:
  // Reads the content-encoding fields. With a coding we do not know, or more than four: none, the
  // body is then left as it came.
  static ContentCodings of(const ResponseHead& head);

  bool empty() const { return count_ == 0; }

  // Undoes all codings of `body`, which may be cut short: `out` gets what could be decoded. Answers
  // the fault: kBadContentEncoding when the bytes are not what was announced (cut short included),
  // kBodyTooLarge when a layer grew above `limit` bytes. Bytes after the end of the last gzip
  // member or zstd frame are ignored.
  std::optional<HttpFault> decode(std::string_view body, std::size_t limit, std::string& out) const;

 private:
  enum class Coding : std::uint8_t { kGzip, kDeflate, kBrotli, kZstd };
  static constexpr std::size_t kMost = 4;
  Coding codings_[kMost] = {};
  std::size_t count_ = 0;
};

}  // namespace slsart::protocol
