// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <string_view>

#include "core/time.h"
#include "net/failure.h"
#include "protocol/exchange.h"

namespace slsart::protocol {

// What a session tells the connection that carries it.
class SessionHandler {
 public:
  virtual ~SessionHandler() = default;
  // The exchange is over, its result is filled in. The session is ready for the next one if
  // capacity() says so, and touches nothing of its own after this call: it may be submitted to, or
  // reset, from here. `body` is valid during the call.
  virtual void on_exchange_end(Exchange& exchange, std::string_view body) = 0;
};

// What waits to be written, in two pieces.
struct Output {
  std::string_view first;
  std::string_view second;
  bool empty() const { return first.empty() && second.empty(); }
  std::size_t size() const { return first.size() + second.size(); }
};

// One protocol conversation on one connection: bytes in, bytes out, no socket, no clock. Reused for
// another connection after reset().
class Session {
 public:
  virtual ~Session() = default;

  // The stream is open; what the protocol says first is then in output().
  virtual void connected() = 0;
  // Starts an exchange; its request is then in output(). Requires: capacity() > 0.
  virtual void submit(Exchange& exchange) = 0;
  // What to write now (drain); wrote() tells how much of it was taken, and when.
  virtual Output output() const = 0;
  virtual void wrote(std::size_t bytes, core::TimePoint now) = 0;
  // Bytes of the peer that came at `now`. Calls exchange handlers' on_head and on_exchange_end.
  virtual void feed(std::string_view bytes, core::TimePoint now) = 0;
  // The stream is over, orderly when `failure` is empty: every exchange under way ends, with
  // `failure` or ECONNRESET unless the end of the stream was the end of its body.
  virtual void end(net::Failure failure, core::TimePoint now) = 0;
  // No exchange is to be started any more; says goodbye in output() where the protocol has a word
  // for it.
  virtual void shutdown() = 0;
  // Forgets everything; nothing is called.
  virtual void reset() = 0;

  // How many exchanges it can take now; 0 without an exchange under way: of no use any more.
  virtual std::uint32_t capacity() const = 0;
};

}  // namespace slsart::protocol
