// Hot path: see architecture §9
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

#include "core/check.h"
#include "net/detail/dialer.h"
#include "net/detail/socket_calls.h"
#include "net/detail/socket_reader.h"
#include "net/transport.h"

namespace slsart::net {

namespace {

using detail::Dialer;
using detail::system_failure;

// After so many full buffers another connection gets its turn.
constexpr int kMostReadsPerEvent = 16;

class TcpTransport final : public Transport, private Watcher {
 public:
  TcpTransport(Loop& loop, LocalAddresses* from)
      : loop_(loop), dialer_(loop, from), reader_(loop) {}

  Failure open(std::span<const SocketAddress> addresses, std::string_view,
               TransportHandler& handler) override {
    SLSART_DCHECK(dialer_.descriptor() < 0);
    handler_ = &handler;
    is_open_ = false;
    wants_write_ = false;
    const Dialer::Progress progress = dialer_.start(addresses, *this);
    if (progress == Dialer::Progress::kFailed) return dialer_.failure();
    if (progress == Dialer::Progress::kConnected) opened();
    return {};
  }

  Written write(std::string_view first, std::string_view second) override;

  void close() override {
    ++epoch_;
    is_open_ = false;
    dialer_.close();
  }

 private:
  void on_ready(Readiness readiness) override;
  bool finish_opening();
  void opened();
  ssize_t send_both(std::string_view first, std::string_view second);
  bool read_all(bool until_end);
  void closed(Failure failure) {
    close();
    handler_->on_closed(failure);
  }

  Loop& loop_;
  Dialer dialer_;
  detail::SocketReader reader_;
  TransportHandler* handler_ = nullptr;
  std::uint32_t epoch_ = 0;  // counts close(): a callback may have closed, even opened again
  bool is_open_ = false;
  bool wants_write_ = false;
};

Written TcpTransport::write(std::string_view first, std::string_view second) {
  if (!is_open_) return {.bytes = 0, .failure = system_failure(ENOTCONN)};
  const ssize_t sent =
      second.empty() ? detail::send_bytes(dialer_.descriptor(), first) : send_both(first, second);
  if (sent < 0 && errno != EAGAIN) return {.bytes = 0, .failure = system_failure(errno)};
  reader_.wrote();
  const std::size_t bytes = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  wants_write_ = bytes < first.size() + second.size();
  if (wants_write_) dialer_.watch_both();
  return {.bytes = bytes, .failure = {}};
}

ssize_t TcpTransport::send_both(std::string_view first, std::string_view second) {
  iovec pieces[2] = {{const_cast<char*>(first.data()), first.size()},
                     {const_cast<char*>(second.data()), second.size()}};
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = 2;
  ssize_t sent = 0;
  do {
    sent = sendmsg(dialer_.descriptor(), &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

void TcpTransport::on_ready(Readiness readiness) {
  if (!is_open_ && !finish_opening()) return;
  if (readiness.readable || readiness.hang_up || readiness.error) {
    if (!read_all(readiness.hang_up || readiness.error)) return;
  }
  if (readiness.writable && wants_write_) {
    wants_write_ = false;
    handler_->on_writable();
  }
}

// True when the transport is open and still is after on_open.
bool TcpTransport::finish_opening() {
  const std::uint32_t epoch = epoch_;
  const Dialer::Progress progress = dialer_.proceed();
  if (progress == Dialer::Progress::kFailed) closed(dialer_.failure());
  if (progress != Dialer::Progress::kConnected) return false;
  opened();
  return epoch == epoch_;
}

void TcpTransport::opened() {
  is_open_ = true;
  reader_.attach(dialer_.descriptor());
  handler_->on_open({.tcp = loop_.refresh() - dialer_.started(), .tls = {}});
}

// False when the transport was closed meanwhile. A short read has emptied the socket: what comes
// later is a new edge. Only the end of the stream has to be looked for.
bool TcpTransport::read_all(bool until_end) {
  const std::span<char> buffer = loop_.read_buffer();
  const std::uint32_t epoch = epoch_;
  for (int reads = 0; reads < kMostReadsPerEvent;) {
    const ssize_t got = reader_.read(buffer.data(), buffer.size());
    if (got > 0) {
      ++reads;
      const auto count = static_cast<std::size_t>(got);
      handler_->on_bytes({buffer.data(), count}, reader_.arrived());
      if (epoch != epoch_) return false;
      if (count < buffer.size() && !until_end) return true;
    } else if (got < 0 && errno == EAGAIN) {
      return true;
    } else {
      closed(got == 0 ? Failure{} : system_failure(errno));
      return false;
    }
  }
  loop_.recheck(dialer_.descriptor(), *this);
  return true;
}

}  // namespace

std::unique_ptr<Transport> make_tcp_transport(Loop& loop, LocalAddresses* from) {
  return std::make_unique<TcpTransport>(loop, from);
}

}  // namespace slsart::net
