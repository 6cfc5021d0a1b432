#pragma once

#include <span>
#include <vector>

#include "core/time.h"
#include "net/failure.h"
#include "net/loop.h"
#include "net/resolver.h"

namespace slsart::net::detail {

// Opens a TCP socket to the first of several addresses that answers, one after the other, and owns
// it.
class Dialer {
 public:
  explicit Dialer(Loop& loop) : loop_(loop) {}
  ~Dialer() { close(); }
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  // The failure of the last address when none could be begun with. Requires: no socket is open.
  Failure start(std::span<const SocketAddress> addresses, Watcher& watcher);

  enum class Progress { kPending, kConnected, kFailed };
  // What readiness of the socket means while it connects. kFailed: failure() says why, no socket is
  // left.
  Progress proceed(Readiness readiness);

  // Unwatches and closes the socket, if there is one.
  void close();

  int descriptor() const { return descriptor_; }
  core::TimePoint started() const { return started_; }
  Failure failure() const { return failure_; }

 private:
  bool try_next();
  bool try_address(const SocketAddress& address);

  Loop& loop_;
  Watcher* watcher_ = nullptr;
  std::vector<SocketAddress> addresses_;
  std::size_t next_ = 0;
  int descriptor_ = -1;
  core::TimePoint started_{};
  Failure failure_;
};

// A failure of the system with this errno.
inline Failure system_failure(int code) {
  return {FailureDomain::kSystem, code};
}

}  // namespace slsart::net::detail
