#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "net/detail/transport_probe.h"
#include "net/transport.h"

namespace slsart::net {
namespace {

class TcpTransportTest : public testing::Test {
 protected:
  void open(std::vector<SocketAddress> addresses) {
    probe.open(*transport, std::move(addresses), "127.0.0.1");
  }
  // Reads what the peer sends until it ends its direction.
  static std::string read_all(int fd) {
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = recv(fd, buffer, sizeof buffer, 0)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
  }

  std::unique_ptr<Loop> loop = std::move(Loop::make()).value();
  std::unique_ptr<Transport> transport = make_tcp_transport(*loop);
  TransportProbe probe;
  Listener listener;
};

TEST_F(TcpTransportTest, CarriesBytesBothWaysUntilThePeerEnds) {
  std::thread server([&] {
    const int fd = listener.accept_one();
    char ping[4];
    EXPECT_EQ(recv(fd, ping, sizeof ping, MSG_WAITALL), 4);
    EXPECT_EQ(send(fd, "pong", 4, 0), 4);
    close(fd);
  });
  probe.to_write = "ping";
  open({listener.address()});
  probe.run_until_closed(*loop);
  server.join();
  EXPECT_EQ(probe.received, "pong");
  EXPECT_FALSE(*probe.closed);
  EXPECT_GT(probe.times.tcp, core::Duration{});
  EXPECT_EQ(probe.times.tls, core::Duration{});
}

TEST_F(TcpTransportTest, BodyLargerThanAllBuffersArrivesCompletely) {
  const std::string large(20u << 20, 'x');
  std::string seen;
  std::thread server([&] {
    const int fd = listener.accept_one();
    seen.resize(large.size());
    EXPECT_EQ(recv(fd, seen.data(), seen.size(), MSG_WAITALL), static_cast<ssize_t>(seen.size()));
    for (std::size_t sent = 0; sent < seen.size();) {
      const ssize_t count = send(fd, seen.data() + sent, seen.size() - sent, 0);
      ASSERT_GT(count, 0);
      sent += static_cast<std::size_t>(count);
    }
    close(fd);
  });
  probe.to_write = large;
  open({listener.address()});
  probe.run_until_closed(*loop);
  server.join();
  EXPECT_TRUE(seen == large);
  EXPECT_TRUE(probe.received == large);
}

// A full line at the listener: the kernel asks again after a second, by then there is room.
TEST_F(TcpTransportTest, ConnectionThatIsNotMadeAtOnceIsMadeLater) {
  Listener narrow(0);
  const int first = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const SocketAddress address = narrow.address();
  ASSERT_EQ(connect(first, reinterpret_cast<const sockaddr*>(address.bytes), address.length), 0);
  probe.to_write = "late";
  open({address});
  EXPECT_FALSE(probe.is_open);
  loop->run_once(loop->now());  // nothing to tell yet
  EXPECT_FALSE(probe.is_open || probe.closed);
  close(narrow.accept_one());
  std::string seen;
  std::thread server([&] {
    const int fd = narrow.accept_one();
    char text[4];
    if (recv(fd, text, sizeof text, MSG_WAITALL) == 4) seen.assign(text, sizeof text);
    close(fd);
  });
  probe.run_until_closed(*loop);
  server.join();
  close(first);
  EXPECT_EQ(seen, "late");
  EXPECT_FALSE(*probe.closed);
  EXPECT_GT(probe.times.tcp, 500 * core::kMillisecond);
}

TEST_F(TcpTransportTest, RefusedConnectionIsReportedWithItsErrno) {
  const SocketAddress gone = listener.address();
  listener.stop();
  open({gone});
  probe.run_until_closed(*loop);
  EXPECT_EQ(*probe.closed, (Failure{FailureDomain::kSystem, ECONNREFUSED}));
  EXPECT_FALSE(probe.is_open);
}

TEST_F(TcpTransportTest, TriesTheNextAddressAfterARefusal) {
  SocketAddress gone;
  {
    const Listener other;
    gone = other.address();
  }
  open({gone, gone, listener.address()});
  while (!probe.is_open && !probe.closed) loop->run_once(core::TimePoint::max());
  EXPECT_TRUE(probe.is_open);
}

TEST_F(TcpTransportTest, WithoutAnAddressItCannotBegin) {
  EXPECT_EQ(transport->open({}, "x", probe), (Failure{FailureDomain::kSystem, EADDRNOTAVAIL}));
}

TEST_F(TcpTransportTest, ResetByThePeerIsReported) {
  std::thread server([&] {
    const int fd = listener.accept_one();
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
  });
  open({listener.address()});
  probe.run_until_closed(*loop);
  server.join();
  EXPECT_EQ(*probe.closed, (Failure{FailureDomain::kSystem, ECONNRESET}));
}

TEST_F(TcpTransportTest, CloseEndsTheStreamInTheOrderlyWayAndItMayBeOpenedAgain) {
  for (int round = 0; round < 2; ++round) {
    open({listener.address()});
    const int fd = listener.accept_one();
    while (!probe.is_open) loop->run_once(core::TimePoint::max());
    transport->write("bye", "!");
    transport->close();
    EXPECT_EQ(read_all(fd), "bye!");
    close(fd);
    probe.is_open = false;
  }
  EXPECT_FALSE(probe.closed);
  EXPECT_EQ(transport->write("x", "").failure.code, ENOTCONN);
}

TEST_F(TcpTransportTest, ClosingFromACallbackIsSafe) {
  struct Closer final : TransportHandler {
    void on_open(const OpenTimes&) override {}
    void on_bytes(std::string_view, core::TimePoint) override {
      ++calls;
      transport->close();
    }
    void on_writable() override {}
    void on_closed(Failure) override { ADD_FAILURE(); }
    Transport* transport = nullptr;
    int calls = 0;
  } closer;
  closer.transport = transport.get();
  ASSERT_FALSE(transport->open(std::vector{listener.address()}, "x", closer));
  const int fd = listener.accept_one();
  ASSERT_EQ(send(fd, "a", 1, 0), 1);
  close(fd);
  while (closer.calls == 0) loop->run_once(core::TimePoint::max());
  loop->run_once(loop->now());
  EXPECT_EQ(closer.calls, 1);
}

// What the loop does meanwhile is no part of the answer's time.
TEST_F(TcpTransportTest, BytesThatLayInTheSocketHaveTheTimeOfTheirArrival) {
  if (!kernel_stamps_arrivals()) GTEST_SKIP() << "no time stamps from this kernel";
  open({listener.address()});
  const int fd = listener.accept_one();
  while (!probe.is_open) loop->run_once(core::TimePoint::max());
  for (const std::string_view text : {"first", "second"}) {
    const auto late = LateRead::of(*loop, [&] { send(fd, text.data(), text.size(), 0); });
    probe.received.clear();
    while (probe.received.empty()) loop->run_once(core::TimePoint::max());
    late.expect_is_of_arrival(probe.arrived);
  }
  close(fd);
}

TEST_F(TcpTransportTest, BytesAreNotTakenForOlderThanTheLastWrite) {
  open({listener.address()});
  const int fd = listener.accept_one();
  while (!probe.is_open) loop->run_once(core::TimePoint::max());
  LateRead::of(*loop, [&] { send(fd, "early", 5, 0); });
  const core::TimePoint written = loop->now();
  transport->write("request", "");
  while (probe.received.empty()) loop->run_once(core::TimePoint::max());
  EXPECT_GE(probe.arrived, written);
  close(fd);
}

}  // namespace
}  // namespace slsart::net
