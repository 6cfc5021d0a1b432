// Hot path: see architecture §9
#include "net/detail/socket_reader.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <cstring>

namespace slsart::net::detail {

// The kernel stamps all packets while any socket asks for it (Loop keeps one that does), and looks
// at this socket's option only when it is read: so the option is set at the first late read, and a
// connection that is never late pays nothing.
ssize_t SocketReader::read_stamped(char* into, std::size_t size) {
  if (!asks_) {
    const int on = 1;
    asks_ = setsockopt(descriptor_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0;
  }
  iovec piece{.iov_base = into, .iov_len = size};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(timespec))];
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got = 0;
  do {
    got = recvmsg(descriptor_, &message, 0);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) {
    arrived_ = std::max(arrived_, loop_.now());
    return got;
  }
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  core::TimePoint when = loop_.now();
  if (header != nullptr && header->cmsg_level == SOL_SOCKET &&
      header->cmsg_type == SCM_TIMESTAMPNS) {
    timespec stamp;
    std::memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
    when = loop_.arrival_of(
        core::WallTime(core::Duration(stamp.tv_sec * 1'000'000'000LL + stamp.tv_nsec)));
  }
  arrived_ = std::max(arrived_, when);
  return got;
}

}  // namespace slsart::net::detail
