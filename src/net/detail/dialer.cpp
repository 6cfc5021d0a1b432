#include "net/detail/dialer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace slsart::net::detail {

Failure Dialer::start(std::span<const SocketAddress> addresses, Watcher& watcher) {
  watcher_ = &watcher;
  addresses_.assign(addresses.begin(), addresses.end());
  next_ = 0;
  started_ = loop_.now();
  failure_ = system_failure(EADDRNOTAVAIL);  // stays only when there is no address at all
  return try_next() ? Failure{} : failure_;
}

bool Dialer::try_next() {
  while (next_ < addresses_.size()) {
    if (try_address(addresses_[next_++])) return true;
  }
  return false;
}

bool Dialer::try_address(const SocketAddress& address) {
  descriptor_ = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor_ < 0) {
    failure_ = system_failure(errno);
    return false;
  }
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* to = reinterpret_cast<const sockaddr*>(address.bytes);
  // Watched only after connect(): a fresh socket counts as hung up. What happened meanwhile is
  // told.
  const bool begun = connect(descriptor_, to, address.length) == 0 || errno == EINPROGRESS;
  if (begun && loop_.watch(descriptor_, *watcher_)) return true;
  failure_ = system_failure(errno);
  ::close(descriptor_);
  descriptor_ = -1;
  return false;
}

Dialer::Progress Dialer::proceed(Readiness readiness) {
  if (readiness.writable && !readiness.error) return Progress::kConnected;
  if (!readiness.error && !readiness.hang_up) return Progress::kPending;
  int code = 0;
  socklen_t size = sizeof code;
  getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &code, &size);
  failure_ = system_failure(code != 0 ? code : ECONNRESET);
  close();
  return try_next() ? Progress::kPending : Progress::kFailed;
}

void Dialer::close() {
  if (descriptor_ < 0) return;
  loop_.unwatch(descriptor_, *watcher_);
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace slsart::net::detail
