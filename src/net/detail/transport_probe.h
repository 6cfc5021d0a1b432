#pragma once

// For this room's tests: a listening socket, and a transport's user that writes down what it hears.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "net/detail/address.h"
#include "net/transport.h"

namespace slsart::net {

// A socket that listens on a port of its own on loopback.
class Listener {
 public:
  explicit Listener(int backlog = 64) {
    descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(descriptor_, backlog), 0);
    EXPECT_EQ(getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { stop(); }
  void stop() {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = -1;
  }
  std::uint16_t port() const { return port_; }
  SocketAddress address() const { return *detail::parse_address("127.0.0.1", port_); }
  int accept_one() const { return accept(descriptor_, nullptr, nullptr); }

 private:
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
};

// Waits until the kernel stamps what arrives on this machine; false: it never does. It begins a
// moment after the first loop was made.
inline bool kernel_stamps_arrivals() {
  Listener listener;
  const SocketAddress to = listener.address();
  bool is_stamped = false;
  for (int tries = 0; tries < 200 && !is_stamped; ++tries) {
    const int ours = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(connect(ours, reinterpret_cast<const sockaddr*>(to.bytes), to.length), 0);
    const int theirs = listener.accept_one();
    const int on = 1;
    setsockopt(ours, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    EXPECT_EQ(send(theirs, "x", 1, 0), 1);
    char byte = 0;
    char control[128];
    iovec piece{&byte, 1};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    EXPECT_EQ(recvmsg(ours, &message, 0), 1);
    is_stamped = CMSG_FIRSTHDR(&message) != nullptr;
    close(ours);
    close(theirs);
    if (!is_stamped) usleep(10'000);
  }
  return is_stamped;
}

// What a late reader has to show: bytes were sent at `sent`, and the loop read them when they had
// lain there for long.
struct LateRead {
  core::TimePoint sent;       // before the peer's call
  core::TimePoint delivered;  // after it
  core::TimePoint read;

  // The loop stands still from `send` on, for as long as would be a sizeable response time.
  template <typename Send>
  static LateRead of(Loop& loop, Send&& send) {
    constexpr core::Duration kStall = 30 * core::kMillisecond;
    LateRead late;
    const core::SystemClock clock;
    late.sent = clock.now();
    send();
    late.delivered = clock.now();
    while (clock.now() < late.delivered + kStall) usleep(1000);
    late.read = loop.refresh();
    return late;
  }
  // No absolute bound: a delivery may itself be late, but not by half of the stall.
  void expect_is_of_arrival(core::TimePoint arrived) const {
    EXPECT_GE(arrived, sent);
    EXPECT_LT(arrived, delivered + (read - delivered) / 2);
  }
};

struct TransportProbe final : TransportHandler {
  void on_open(const OpenTimes& opened) override {
    times = opened;
    is_open = true;
    pump();
  }
  void on_bytes(std::string_view bytes, core::TimePoint when) override {
    received += bytes;
    arrived = when;
  }
  void on_writable() override { pump(); }
  void on_closed(Failure failure) override {
    EXPECT_FALSE(closed) << "told twice";
    closed = failure;
  }
  // A failure that open() answers with counts like one that is told.
  void open(Transport& what, std::vector<SocketAddress> addresses, std::string_view host) {
    transport = &what;
    if (const Failure failure = what.open(addresses, host, *this)) on_closed(failure);
  }
  void pump() {
    while (!to_write.empty()) {
      const Written written = transport->write(to_write.substr(0, 1), to_write.substr(1));
      write_failure = written.failure;
      const bool was_short = written.bytes < to_write.size();
      to_write.remove_prefix(written.bytes);
      if (was_short) return;
    }
  }
  // Runs the loop until the stream is over.
  void run_until_closed(Loop& loop) {
    while (!closed) loop.run_once(core::TimePoint::max());
  }

  Transport* transport = nullptr;
  std::string_view to_write;
  OpenTimes times;
  bool is_open = false;
  std::string received;
  core::TimePoint arrived{};  // of what was received last
  std::optional<Failure> closed;
  Failure write_failure;
};

}  // namespace slsart::net
