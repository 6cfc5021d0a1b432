// Architecture §9 rule 1: an exchange on a kept-alive connection allocates nothing. Replaces
// operator new in this test program to count the calls of the testing thread.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <new>
#include <thread>

#include "protocol/connection_pool.h"

namespace {
thread_local std::uint64_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace slsart::protocol {
namespace {

// Answers `count` requests of one connection; each is expected to come in one piece.
class Server {
 public:
  Server(std::string answer, int count) : answer_(std::move(answer)), count_(count) {
    descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(descriptor_, 8), 0);
    EXPECT_EQ(getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    thread_.join();
    close(descriptor_);
  }
  std::uint16_t port = 0;

 private:
  void serve() {
    const int fd = accept(descriptor_, nullptr, nullptr);
    char buffer[4096];
    for (int i = 0; i < count_; ++i) {
      if (recv(fd, buffer, sizeof buffer, 0) <= 0) break;
      send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    }
    while (recv(fd, buffer, sizeof buffer, 0) > 0) {
    }
    close(fd);
  }
  int descriptor_ = -1;
  std::string answer_;
  int count_;
  std::thread thread_;
};

struct Again final : ExchangeHandler {
  void on_head(Exchange&, const ResponseHead& head) override {
    found += head.find("content-type").size();
  }
  void on_end(Exchange& ended, std::string_view body) override {
    ++ends;
    bytes += body.size();
    EXPECT_FALSE(ended.failure);
    if (ends == kWarmUp) before = allocations;
    if (ends == kWarmUp + kCounted) {
      after = allocations;
      loop->stop();
      return;
    }
    exchange.deadline = loop->now() + core::kSecond;
    pool->submit(exchange, origin, user);
  }
  static constexpr int kWarmUp = 20;
  static constexpr int kCounted = 1000;
  net::Loop* loop = nullptr;
  ConnectionPool* pool = nullptr;
  OriginId origin;
  UserConnections user;
  Exchange exchange;
  int ends = 0;
  std::size_t found = 0;
  std::size_t bytes = 0;
  std::uint64_t before = 0;
  std::uint64_t after = 0;
};

TEST(Allocations, KeptAliveExchangesNeedNone) {
  const std::string answers[] = {
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
      "20\r\nhello hello hello hello hello he\r\n3\r\nabc\r\n0\r\n\r\n",
  };
  for (const std::string& answer : answers) {
    const Server server(answer, Again::kWarmUp + Again::kCounted);
    auto loop = std::move(net::Loop::make()).value();
    auto resolver = std::move(net::Resolver::make(*loop, {})).value();
    auto tls = std::move(net::TlsContext::make({})).value();
    ConnectionPool pool(*loop, *resolver, *tls, {});
    Again again;
    again.loop = loop.get();
    again.pool = &pool;
    again.origin = pool.origin({.scheme = Scheme::kHttp, .host = "127.0.0.1", .port = server.port});
    again.exchange.handler = &again;
    again.exchange.head = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    again.exchange.keep_body = true;
    again.exchange.deadline = loop->now() + core::kSecond;
    pool.submit(again.exchange, again.origin, again.user);
    loop->run();
    pool.release(again.user);
    EXPECT_EQ(again.after - again.before, 0u);
    EXPECT_GT(again.bytes, 0u);
    EXPECT_EQ(pool.counters().opened, 1u);
  }
}

}  // namespace
}  // namespace slsart::protocol
