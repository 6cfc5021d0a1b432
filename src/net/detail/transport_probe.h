#pragma once

// For this room's tests: a listening socket, and a transport's user that writes down what it hears.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
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

struct TransportProbe final : TransportHandler {
  void on_open(const OpenTimes& opened) override {
    times = opened;
    is_open = true;
    pump();
  }
  void on_bytes(std::string_view bytes) override { received += bytes; }
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
  std::optional<Failure> closed;
  Failure write_failure;
};

}  // namespace slsart::net
