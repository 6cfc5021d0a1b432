// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/exchange.h"

namespace slsart::protocol::http1 {

inline constexpr std::size_t kMaxHeaderLines = 1000;  // of a head; above is kHeaderOverflow

// How the end of a body is found (RFC 9112 §6.3).
enum class Framing : std::uint8_t { kNone, kLength, kChunked, kUntilClose };

// The head of one response. Kept and reused, so that parsing allocates nothing in the long run.
// The views point into the parsed bytes, or into `unfolded`.
struct Head {
  int status = 0;
  std::vector<ResponseHead::Header> headers;
  Framing framing = Framing::kNone;
  std::uint64_t content_length = 0;  // with kLength
  bool is_keep_alive = false;        // the peer will take another request
  std::size_t bytes = 0;             // length of the head, blank line included
  std::string unfolded;              // values that stood on several lines
};

enum class Progress : std::uint8_t { kIncomplete, kComplete, kFault };

struct HeadResult {
  Progress progress = Progress::kIncomplete;
  HttpFault fault{};  // with kFault
};

// Reads a response head that starts at the first byte. A pure function: with kIncomplete it is
// called again, from the start, when more bytes have come; a fault is found when its line is
// complete (a wrong "HTTP/" earlier). Whoever calls bounds the bytes by kMaxHeadBytes.
// `answers_head`: the request was a HEAD.
//
// Accepts what llhttp 8.1 accepts, without its leniency flags, but for what the table in
// http1/README.md lists.
HeadResult parse_head(std::string_view bytes, bool answers_head, Head& head);

// The head read last, kept with its text. One target answers many requests with the same bytes;
// recognising them costs a comparison, reading them again some hundreds of nanoseconds. Like
// parse_head() in every result.
class HeadReader {
 public:
  HeadResult read(std::string_view bytes, bool answers_head);
  // Of the last read() that was complete. Its views last until the next.
  const Head& head() const { return head_; }

 private:
  Head head_;  // points into text_
  std::string text_;
  bool answers_head_ = false;
};

// Reads the trailer fields after the last chunk, up to and with the blank line. Their form is
// checked, their meaning is ignored. With kComplete `bytes_used` is their length.
HeadResult parse_trailers(std::string_view bytes, Head& scratch, std::size_t& bytes_used);

}  // namespace slsart::protocol::http1
