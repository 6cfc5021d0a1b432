// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/time.h"
#include "net/failure.h"

namespace slsart::protocol {

// Faults of HTTP/1.1 responses; the comment is the reference's name (llhttp's).
enum class HttpFault : std::int32_t {
  kInvalidConstant = 1,      // HPE_INVALID_CONSTANT: not "HTTP/"
  kInvalidVersion,           // HPE_INVALID_VERSION
  kInvalidStatus,            // HPE_INVALID_STATUS
  kInvalidHeaderToken,       // HPE_INVALID_HEADER_TOKEN
  kInvalidContentLength,     // HPE_INVALID_CONTENT_LENGTH
  kUnexpectedContentLength,  // HPE_UNEXPECTED_CONTENT_LENGTH: with chunked, or two different ones
  kInvalidTransferEncoding,  // HPE_INVALID_TRANSFER_ENCODING
  kInvalidChunkSize,         // HPE_INVALID_CHUNK_SIZE
  kHeaderOverflow,           // HPE_HEADER_OVERFLOW: above kMaxHeadBytes
  kLineEndExpected,          // HPE_LF_EXPECTED / HPE_CR_EXPECTED
  kUnexpectedData,           // bytes that belong to no exchange
  kBadContentEncoding,       // the body is not what content-encoding says: "Z_DATA_ERROR"
  kBodyTooLarge,             // a body that is kept grew above Exchange::body_limit
  kTooManyRedirects,         // ERR_TOO_MANY_REDIRECTS (set by the engine)
};

inline constexpr std::size_t kMaxHeadBytes = 64 * 1024;  // status line, headers, trailers

// The head of a response. All views are valid only during the call that hands them over.
struct ResponseHead {
  int status = 0;
  struct Header {
    std::string_view name;   // as received
    std::string_view value;  // without surrounding blanks
  };
  std::span<const Header> headers;

  // The first value of a header, names without regard to case; empty if there is none.
  std::string_view find(std::string_view name) const;
};

// When things happened; a zero TimePoint means it did not. The loop's clock; what the answer did,
// when its bytes reached this machine (net::TransportHandler::on_bytes).
struct ExchangeTimes {
  core::TimePoint submitted;   // handed to the pool
  core::TimePoint connected;   // a connection was ready for it (equals submitted when one was idle)
  core::TimePoint sent;        // last byte of the request handed to the kernel
  core::TimePoint first_sent;  // first byte handed to the kernel
  core::TimePoint first_byte;  // first byte of the final response (1xx do not count)
  core::TimePoint headers;     // head complete
  core::TimePoint end;         // body complete
  core::Duration dns{};        // only of a connection opened for this exchange, else 0
  core::Duration tcp{};
  core::Duration tls{};
};

class Exchange;

class ExchangeHandler {
 public:
  virtual ~ExchangeHandler() = default;
  // The final response's head is complete. Not called for 1xx.
  virtual void on_head(Exchange& exchange, const ResponseHead& head) = 0;
  // The exchange is over: `exchange.failure` says how. `body` is the decoded body when keep_body
  // was set (as far as it came), valid during the call. The exchange may be submitted again from
  // here.
  virtual void on_end(Exchange& exchange, std::string_view body) = 0;
};

// One request and its response. Belongs to whoever submits it and must stay until on_end. The bytes
// of head and body must stay valid until on_end, too: the request may have to be sent again on a
// new connection when an idle one turns out to have been closed by the peer.
class Exchange {
 public:
  // -- set before submit
  ExchangeHandler* handler = nullptr;
  std::string_view head;  // request line, headers, blank line
  std::string_view body;
  bool is_head_method = false;  // the response has no body
  bool is_idempotent = true;    // may be sent again if a reused connection died before any answer
  bool keep_body = false;       // collect the decoded body for on_end
  bool decode_body = true;      // undo content-encoding (only matters with keep_body)
  std::size_t body_limit = 64u << 20;
  core::TimePoint deadline{};  // fails with kTimeout when not over by then; zero: none

  // -- result, valid from on_head / on_end
  int status = 0;
  net::Failure failure;
  std::uint64_t body_bytes = 0;  // of the body as it came over the wire, without chunk framing
  std::uint64_t wire_bytes = 0;  // all bytes of the response
  bool connection_reused = false;
  ExchangeTimes times;

  // -- owned by the pool while the exchange is under way
  void* pool_state = nullptr;
};

}  // namespace slsart::protocol
