// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <memory>

#include "net/loop.h"
#include "net/resolver.h"
#include "net/transport.h"
#include "protocol/detail/ticket.h"
#include "protocol/http1/http1_session.h"
#include "protocol/session.h"

namespace slsart::protocol::detail {

class PoolCore;

// One connection of a pool: opens its transport, carries the bytes between it and the session,
// tells the pool when it is free or gone. Used again for another origin after it has closed.
class Connection final : private net::TransportHandler, private SessionHandler {
 public:
  Connection(PoolCore& pool, net::Loop& loop, http1::Scratch& scratch,
             std::unique_ptr<net::Transport> transport);

  // Opens for a ticket, which is then carried. Failures come to the pool later. Requires: closed.
  void open(const Origin& origin, Ticket& ticket);
  // Sends the ticket's request. Requires: idle.
  void carry(Ticket& ticket);
  // The exchange it carries or opens for ends with this failure; the connection closes.
  void fail(net::Failure failure);
  // A failure to open or to write, reported in its own time.
  void hear(net::Failure failure) { on_closed(failure); }
  // Closes in the orderly way. A ticket it has is let go; nothing is called.
  void close();

  Ticket& ticket() const { return *ticket_; }  // Requires: it has one
  bool is_idle() const { return state_ == State::kIdle; }
  std::uint32_t epoch() const { return epoch_; }

  // -- kept by the pool
  Group* group = nullptr;
  OriginId origin;
  Scheme scheme = Scheme::kHttp;
  Connection* previous = nullptr;
  Connection* next = nullptr;

 private:
  enum class State : std::uint8_t { kClosed, kResolving, kOpening, kIdle, kBusy };

  void on_open(const net::OpenTimes& times) override;
  void on_bytes(std::string_view bytes, core::TimePoint arrived) override;
  void on_writable() override { flush(); }
  void on_closed(net::Failure failure) override;
  void on_exchange_end(Exchange& exchange, std::string_view body) override;

  void resolved(const net::Resolution& resolution);
  void flush();

  PoolCore& pool_;
  net::Loop& loop_;
  std::unique_ptr<net::Transport> transport_;
  http1::Http1Session session_;
  State state_ = State::kClosed;
  bool was_usable_ = false;  // counted as open
  std::uint32_t epoch_ = 0;  // counts close()
  std::uint64_t resolution_ = 0;
  Ticket* ticket_ = nullptr;
  const Origin* opening_to_ = nullptr;  // owned by the pool
  core::TimePoint resolve_start_{};
  core::Duration dns_{};
  net::Timer connect_timer_;
};

}  // namespace slsart::protocol::detail
