// Hot path: see architecture §9
#pragma once

#include <string>

#include "protocol/buffers.h"
#include "protocol/content_coding.h"
#include "protocol/http1/chunks.h"
#include "protocol/http1/head.h"
#include "protocol/session.h"

namespace slsart::protocol::http1 {

// What the sessions of one pool share; only used while one of them is being fed.
struct Scratch {
  Buffers buffers;
  HeadReader heads;
  Head trailers;
};

// HTTP/1.1 without pipelining: one exchange at a time.
class Http1Session final : public Session {
 public:
  // Requires: both outlive the session.
  Http1Session(SessionHandler& handler, Scratch& scratch) : handler_(handler), scratch_(scratch) {}

  void connected() override {}
  void submit(Exchange& exchange) override;
  Output output() const override;
  void wrote(std::size_t bytes, core::TimePoint now) override;
  void feed(std::string_view bytes, core::TimePoint now) override;
  void end(net::Failure failure, core::TimePoint now) override;
  void shutdown() override { may_continue_ = false; }
  void reset() override;
  std::uint32_t capacity() const override { return exchange_ == nullptr && may_continue_ ? 1 : 0; }

 private:
  enum class State : std::uint8_t { kHead, kLength, kUntilClose, kChunks, kTrailers };

  // Each consumes from the front of `bytes`; false: the session is over with this exchange (or was
  // reset by a handler), nothing may be touched.
  bool read_head(std::string_view& bytes, core::TimePoint now);
  bool accept_head(const Head& head, core::TimePoint now);
  bool read_body(std::string_view& bytes, core::TimePoint now);
  bool read_chunks(std::string_view& bytes, core::TimePoint now);
  bool read_trailers(std::string_view& bytes, core::TimePoint now);
  bool collect(std::string_view data, core::TimePoint now);
  std::string_view gather(std::string_view bytes);
  bool hold(std::string_view all, std::string_view& bytes, core::TimePoint now);
  void release_held();
  bool fail(HttpFault fault, core::TimePoint now);
  void complete(std::string_view rest, core::TimePoint now);
  void finish(net::Failure failure, core::TimePoint now);

  SessionHandler& handler_;
  Scratch& scratch_;
  Exchange* exchange_ = nullptr;
  State state_ = State::kHead;
  bool may_continue_ = true;    // keep-alive, and nothing out of place so far
  std::uint32_t epoch_ = 0;     // counts reset(): handlers may call it
  std::size_t written_ = 0;     // of the request
  std::uint64_t left_ = 0;      // of a body with a length
  std::size_t head_bytes_ = 0;  // of informational heads before this one
  ChunkReader chunks_;
  ContentCodings codings_;
  std::string held_;             // a head or trailers that are not complete
  std::string body_;             // collected so far
  std::string_view whole_body_;  // or the body as it lies in the bytes being fed
};

}  // namespace slsart::protocol::http1
