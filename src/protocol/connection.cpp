// Hot path: see architecture §9
#include "protocol/connection.h"

#include <cerrno>

#include "core/check.h"
#include "protocol/detail/pool_core.h"

namespace slsart::protocol::detail {

Connection::Connection(PoolCore& pool, net::Loop& loop, http1::Scratch& scratch,
                       std::unique_ptr<net::Transport> transport)
    : pool_(pool),
      loop_(loop),
      transport_(std::move(transport)),
      session_(*this, scratch),
      connect_timer_(
          [](void* self) {
            static_cast<Connection*>(self)->fail({net::FailureDomain::kTimeout, 0});
          },
          this) {}

void Connection::open(const Origin& to, Ticket& ticket) {
  SLSART_DCHECK(state_ == State::kClosed);
  state_ = State::kResolving;
  ticket_ = &ticket;
  ticket.connection = this;
  ticket.is_reused = false;
  opening_to_ = &to;
  resolve_start_ = loop_.now();
  resolution_ = 0;
  const std::uint64_t token = pool_.resolver().resolve(
      to.host, to.port,
      [](void* self, const net::Resolution& resolution) {
        static_cast<Connection*>(self)->resolved(resolution);
      },
      this);
  if (state_ == State::kResolving) resolution_ = token;
  const core::Duration limit = pool_.options().connect_timeout;
  const bool is_under_way = state_ == State::kResolving || state_ == State::kOpening;
  if (is_under_way && limit > core::Duration{}) {
    loop_.arm(connect_timer_, resolve_start_ + limit);
  }
}

void Connection::resolved(const net::Resolution& resolution) {
  resolution_ = 0;
  state_ = State::kOpening;
  dns_ = loop_.now() - resolve_start_;
  net::Failure failure = resolution.failure;
  if (!failure) failure = transport_->open(resolution.addresses, opening_to_->host, *this);
  // Reported later: this may be inside submit(), or inside the pool serving a line.
  if (failure) pool_.report_later(*this, failure);
}

void Connection::on_open(const net::OpenTimes& times) {
  loop_.cancel(connect_timer_);
  was_usable_ = true;
  pool_.count_open();
  state_ = State::kIdle;
  session_.connected();
  Ticket& ticket = *ticket_;
  Exchange& exchange = *ticket.exchange;
  exchange.times.dns = dns_;
  exchange.times.tcp = times.tcp;
  exchange.times.tls = times.tls;
  carry(ticket);
}

void Connection::carry(Ticket& ticket) {
  SLSART_DCHECK(state_ == State::kIdle);
  state_ = State::kBusy;
  ticket_ = &ticket;
  ticket.connection = this;
  ticket.exchange->connection_reused = ticket.is_reused;
  session_.submit(*ticket.exchange);
  ticket.exchange->times.connected = loop_.now();
  flush();
}

void Connection::flush() {
  for (;;) {
    const Output output = session_.output();
    if (output.empty()) return;
    const net::Written written = transport_->write(output.first, output.second);
    session_.wrote(written.bytes, loop_.now());
    if (written.failure) {
      // What the peer said before it closed may still be read, and explains more than EPIPE.
      pool_.report_later(*this, written.failure);
      return;
    }
    if (written.bytes < output.size()) return;  // on_writable goes on
  }
}

void Connection::on_bytes(std::string_view bytes, core::TimePoint arrived) {
  const std::uint32_t epoch = epoch_;
  session_.feed(bytes, arrived);
  // Bytes nobody asked for make an idle connection useless. It fails nobody.
  if (epoch == epoch_ && state_ == State::kIdle && session_.capacity() == 0) pool_.discard(*this);
}

void Connection::on_closed(net::Failure failure) {
  if (state_ == State::kIdle) return pool_.discard(*this);
  if (state_ == State::kOpening) {
    if (!failure) failure = {net::FailureDomain::kSystem, ECONNRESET};
    return fail(failure);
  }
  Ticket& ticket = *ticket_;
  const Exchange& exchange = *ticket.exchange;
  const bool may_retry = ticket.is_reused && exchange.wire_bytes == 0 && exchange.is_idempotent;
  if (may_retry && !ticket.was_retried) return pool_.retry(*this, ticket);
  session_.end(failure, loop_.now());
}

void Connection::fail(net::Failure failure) {
  if (state_ == State::kBusy) return session_.end(failure, loop_.now());
  Ticket& ticket = *ticket_;
  ticket.exchange->failure = failure;
  ticket.exchange->times.end = loop_.now();
  pool_.count_failed_opening(failure);
  pool_.discard(*this);
  pool_.finish(ticket, {});
}

void Connection::on_exchange_end(Exchange&, std::string_view body) {
  Ticket& ticket = *ticket_;
  ticket_ = nullptr;
  ticket.connection = nullptr;
  if (session_.capacity() > 0) {
    state_ = State::kIdle;
    pool_.became_idle(*this);
  } else {
    pool_.discard(*this);
  }
  pool_.finish(ticket, body);
}

void Connection::close() {
  ++epoch_;
  if (state_ == State::kResolving && resolution_ != 0) pool_.resolver().cancel(resolution_);
  resolution_ = 0;
  loop_.cancel(connect_timer_);
  if (was_usable_) pool_.count_closed();
  was_usable_ = false;
  state_ = State::kClosed;
  if (ticket_ != nullptr) ticket_->connection = nullptr;
  ticket_ = nullptr;
  session_.reset();
  transport_->close();
}

}  // namespace slsart::protocol::detail
