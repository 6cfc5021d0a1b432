// Hot path: see architecture §9
#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string_view>

namespace slsart::net::detail {

// recv(2) and send(2) as bare system calls, repeated when a signal came between. The library's are
// cancellation points, which costs each call two atomic operations in a process with threads; no
// thread here is ever cancelled. Return -1 with errno as those do.

inline ssize_t receive_bytes(int descriptor, char* into, std::size_t size) {
  long got = 0;
  do {
    got = syscall(SYS_recvfrom, descriptor, into, size, 0, nullptr, nullptr);
  } while (got < 0 && errno == EINTR);
  return got;
}

// Never raises SIGPIPE.
inline ssize_t send_bytes(int descriptor, std::string_view bytes) {
  long sent = 0;
  do {
    sent = syscall(SYS_sendto, descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL, nullptr, 0);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

}  // namespace slsart::net::detail
