// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/http1/head.h"

namespace slsart::protocol::http1 {

// The chunk framing of one body (RFC 9112 §7.1), without the trailers. Feeds in pieces of any size:
//   "5;ext=1\r\nhello\r\n0\r\n" + trailers
class ChunkReader {
 public:
  void reset() { *this = ChunkReader{}; }

  struct Piece {
    Progress progress =
        Progress::kIncomplete;  // kComplete: the last chunk's line is over, trailers follow
    HttpFault fault{};
    std::size_t used = 0;   // bytes consumed
    std::string_view data;  // of the body, the last of the bytes consumed; may be empty
  };
  // Consumes up to the end of the next run of data, or everything. Call again while bytes are left.
  Piece next(std::string_view bytes);

 private:
  enum class State : std::uint8_t {
    kFirstDigit,
    kDigits,
    kSizeLineFeed,
    kExtensionStart,
    kExtensionNext,
    kExtensionName,
    kExtensionValue,
    kExtensionQuoted,
    kExtensionQuotedEnd,
    kData,
    kDataReturn,
    kDataLineFeed,
    kDone,
    kFault,
  };
  State step(char c);
  State step_extension(char c);
  State fail(HttpFault fault);

  State state_ = State::kFirstDigit;
  HttpFault fault_{};
  std::uint64_t left_ = 0;             // of the size while it is read, then of the data
  std::uint32_t extension_bytes_ = 0;  // of all chunks
};

}  // namespace slsart::protocol::http1
