#pragma once

#include <span>
#include <vector>

#include "core/time.h"
#include "net/failure.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/transport.h"

namespace slsart::net::detail {

// Opens a TCP socket to the first of several addresses that answers, one after the other, and owns
// it.
class Dialer {
 public:
  // `from` as of make_tcp_transport().
  explicit Dialer(Loop& loop, LocalAddresses* from = nullptr) : loop_(loop), from_(from) {}
  ~Dialer() { close(); }
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  enum class Progress { kPending, kConnected, kFailed };
  // kConnected: the peer is on this machine, and its kernel has answered already. kFailed: no
  // address could be begun with; failure() is the last one's. Requires: no socket is open.
  Progress start(std::span<const SocketAddress> addresses, Watcher& watcher);

  // How far it has got, asked when the socket told of something. kFailed: failure() says why, no
  // socket is left.
  Progress proceed();

  // Watches for room to write, too: a socket that was connected at once is watched for input only.
  void watch_both();

  // Unwatches and closes the socket, if there is one.
  void close();

  int descriptor() const { return descriptor_; }
  core::TimePoint started() const { return started_; }
  Failure failure() const { return failure_; }

 private:
  Progress try_next();
  Progress try_address(const SocketAddress& address);
  int bind_locally(int family) const;
  int connect_to(const SocketAddress& address) const;

  Loop& loop_;
  LocalAddresses* from_;
  Watcher* watcher_ = nullptr;
  std::vector<SocketAddress> addresses_;
  std::size_t next_ = 0;
  int descriptor_ = -1;
  Directions watched_ = Directions::kBoth;
  core::TimePoint started_{};
  Failure failure_;
};

// A failure of the system with this errno.
inline Failure system_failure(int code) {
  return {FailureDomain::kSystem, code};
}

}  // namespace slsart::net::detail
