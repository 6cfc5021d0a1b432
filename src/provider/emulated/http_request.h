#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/http1/chunks.h"

namespace slsart::provider::emulated {

// A request that was read. Names of headers are lower case; values without surrounding blanks.
struct HttpRequest {
  std::string method;
  std::string path;   // as sent, without the query: "/2015-03-31/functions/f/invocations"
  std::string query;  // as sent, without "?"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // empty when it was too large
  bool is_too_large = false;
  bool keeps_alive = true;

  // The first value; empty if there is none.
  std::string_view header(std::string_view lower_case_name) const;
};

// Reads HTTP/1.1 requests from the bytes of one connection, in pieces of any size (RFC 9112). Heads
// above kMaxHeadBytes are a fault; of bodies above kMaxBodyBytes nothing is kept, so that they can
// be answered, above kMaxDiscardedBytes they are a fault.
class RequestReader {
 public:
  static constexpr std::size_t kMaxHeadBytes = 64 * 1024;
  static constexpr std::size_t kMaxHeaders = 200;
  static constexpr std::size_t kMaxBodyBytes = std::size_t{7} << 20;
  static constexpr std::size_t kMaxDiscardedBytes = std::size_t{64} << 20;

  enum class Progress { kIncomplete, kComplete, kFault };
  // Consumes from the front of `bytes`, up to the end of one request. With kComplete take() has it;
  // what is left of `bytes` belongs to the next. After a fault nothing more can be read.
  Progress feed(std::string_view& bytes);
  // The status to refuse with, after a fault: 400, 413, 431, 501 or 505.
  int fault_status() const { return fault_status_; }
  // The sender waits for "100 Continue" before it sends the body; true once.
  bool take_expectation() { return std::exchange(expects_continue_, false); }
  // Requires: feed() returned kComplete.
  HttpRequest take();
  bool is_between_requests() const { return state_ == State::kHead && held_.empty(); }

 private:
  enum class State { kHead, kLength, kChunks, kTrailers, kDone, kFault };

  bool gather(std::string_view& bytes);
  bool read_head(std::string_view& bytes);
  bool accept_head(std::string_view head);
  bool accept_line(std::string_view line);
  bool accept_framing();
  bool read_length(std::string_view& bytes);
  bool read_chunks(std::string_view& bytes);
  bool read_trailers(std::string_view& bytes);
  bool keep(std::string_view data);
  bool refuse(int status);

  State state_ = State::kHead;
  int fault_status_ = 0;
  bool expects_continue_ = false;
  std::string held_;  // a head or trailers so far
  std::uint64_t left_ = 0;
  std::uint64_t body_bytes_ = 0;
  protocol::http1::ChunkReader chunks_;
  HttpRequest request_;
};

// A status with its headers and body, as bytes.
struct HttpAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // without content-length
  std::string body;
};
std::string to_bytes(const HttpAnswer& answer, bool keeps_alive);

}  // namespace slsart::provider::emulated
