#include "net/detail/dialer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace slsart::net::detail {

Dialer::Progress Dialer::start(std::span<const SocketAddress> addresses, Watcher& watcher) {
  watcher_ = &watcher;
  addresses_.assign(addresses.begin(), addresses.end());
  next_ = 0;
  started_ = loop_.now();
  failure_ = system_failure(EADDRNOTAVAIL);  // stays only when there is no address at all
  return try_next();
}

Dialer::Progress Dialer::try_next() {
  while (next_ < addresses_.size()) {
    const Progress progress = try_address(addresses_[next_++]);
    if (progress != Progress::kFailed) return progress;
  }
  return Progress::kFailed;
}

// 0, or errno. Called again for a socket that connects it tells how far that has got.
int Dialer::connect_to(const SocketAddress& address) const {
  const auto* to = reinterpret_cast<const sockaddr*>(address.bytes);
  return connect(descriptor_, to, address.length) == 0 ? 0 : errno;
}

// 0, or errno. Where the script names no local addresses the system chooses.
int Dialer::bind_locally(int family) const {
  const SocketAddress* const local = from_ == nullptr ? nullptr : from_->next(family);
  if (local == nullptr) return 0;
  // The port is chosen when the peer is known: one per peer, not one per machine.
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const auto* address = reinterpret_cast<const sockaddr*>(local->bytes);
  return bind(descriptor_, address, local->length) == 0 ? 0 : errno;
}

Dialer::Progress Dialer::try_address(const SocketAddress& address) {
  descriptor_ = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor_ < 0) {
    failure_ = system_failure(errno);
    return Progress::kFailed;
  }
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (const int code = bind_locally(address.family()); code != 0) {
    failure_ = system_failure(code);
    ::close(descriptor_);
    descriptor_ = -1;
    return Progress::kFailed;
  }
  // On one machine the handshake is over when the call returns, though it does not say so: asking
  // once more saves a pass of the loop, and lets the request follow before the peer wakes up.
  int code = connect_to(address);
  if (code == EINPROGRESS) code = connect_to(address);
  const bool is_pending = code == EALREADY || code == EINPROGRESS;
  if (code == 0 || code == EISCONN || is_pending) {
    // Watched only after connect(): a fresh socket counts as hung up. What happened meanwhile is
    // told.
    watched_ = is_pending ? Directions::kBoth : Directions::kInput;
    if (loop_.watch(descriptor_, *watcher_, watched_)) {
      return is_pending ? Progress::kPending : Progress::kConnected;
    }
    code = errno;
  }
  failure_ = system_failure(code);
  ::close(descriptor_);
  descriptor_ = -1;
  return Progress::kFailed;
}

// Asks the socket itself, so that a readiness that was meant for an earlier one does no harm.
Dialer::Progress Dialer::proceed() {
  const int code = connect_to(addresses_[next_ - 1]);
  if (code == 0 || code == EISCONN) return Progress::kConnected;
  if (code == EALREADY || code == EINPROGRESS) return Progress::kPending;
  failure_ = system_failure(code);
  close();
  return try_next();
}

void Dialer::watch_both() {
  if (watched_ == Directions::kBoth) return;
  watched_ = Directions::kBoth;
  loop_.recheck(descriptor_, *watcher_);
}

void Dialer::close() {
  if (descriptor_ < 0) return;
  loop_.forget(*watcher_);
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace slsart::net::detail
