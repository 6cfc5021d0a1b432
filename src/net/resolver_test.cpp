#include "net/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <map>
#include <thread>

#include "net/loop.h"

namespace slsart::net {
namespace {

std::string to_text(const SocketAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  std::uint16_t port = 0;
  if (address.family() == AF_INET) {
    sockaddr_in native;
    std::memcpy(&native, address.bytes, sizeof native);
    inet_ntop(AF_INET, &native.sin_addr, text, sizeof text);
    port = ntohs(native.sin_port);
  } else {
    sockaddr_in6 native;
    std::memcpy(&native, address.bytes, sizeof native);
    inet_ntop(AF_INET6, &native.sin6_addr, text, sizeof text);
    port = ntohs(native.sin6_port);
  }
  return std::string(text) + " " + std::to_string(port);
}

// A name server of one thread: knows A records; other names do not exist. `refuses`: says no to
// all.
class NameServer {
 public:
  using Names = std::map<std::string, std::vector<std::string>>;
  NameServer(const NameServer&) = delete;
  explicit NameServer(Names names, bool refuses = false)
      : names_(std::move(names)), refuses_(refuses) {
    descriptor_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    address_ = address;
    thread_ = std::thread([this] { serve(); });
  }
  ~NameServer() {
    // An empty datagram ends it.
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sendto(fd, "", 0, 0, reinterpret_cast<sockaddr*>(&address_), sizeof address_);
    close(fd);
    thread_.join();
    close(descriptor_);
  }
  std::string servers() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }
  int questions() const { return questions_; }  // for A records

 private:
  void serve() {
    unsigned char message[512];
    for (;;) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got = recvfrom(descriptor_, message, sizeof message, 0,
                                   reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 12) return;
      const std::string reply = answer({message, message + got});
      sendto(descriptor_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }
  // RFC 1035 §4.1; the question is repeated, answers point to its name.
  std::string answer(const std::string& question) {
    std::string name;
    std::size_t at = 12;
    while (question[at] != 0) {
      const auto length = static_cast<std::size_t>(question[at]);
      if (!name.empty()) name += '.';
      name += question.substr(at + 1, length);
      at += length + 1;
    }
    const std::size_t end = at + 5;
    const bool is_a = question[at + 2] == 1;
    const auto found = names_.find(name);
    const bool exists = found != names_.end();
    const std::size_t count = exists && is_a ? found->second.size() : 0;
    if (is_a) ++questions_;
    constexpr char kRefused = 5;
    constexpr char kNameError = 3;
    std::string reply = question.substr(0, 2);
    reply += '\x81';
    reply += static_cast<char>('\x80' | (refuses_ ? kRefused : exists ? 0 : kNameError));
    reply += std::string("\0\1\0", 3) + static_cast<char>(count) + std::string("\0\0\0\0", 4);
    reply += question.substr(12, end - 12);
    for (std::size_t i = 0; i < count; ++i) {
      reply += std::string("\xc0\x0c\0\1\0\1\0\0\0\x1e\0\4", 12);  // 30 s to live
      in_addr address{};
      inet_pton(AF_INET, found->second[i].c_str(), &address);
      reply.append(reinterpret_cast<const char*>(&address), sizeof address);
    }
    return reply;
  }

  Names names_;
  bool refuses_;
  int descriptor_ = -1;
  sockaddr_in address_{};
  std::atomic<int> questions_ = 0;
  std::thread thread_;
};

struct Answer {
  int calls = 0;
  std::vector<std::string> addresses;
  Failure failure;
  std::function<void()> then;
  static void take(void* self, const Resolution& resolution) {
    auto& answer = *static_cast<Answer*>(self);
    ++answer.calls;
    answer.failure = resolution.failure;
    for (const SocketAddress& address : resolution.addresses) {
      answer.addresses.push_back(to_text(address));
    }
    if (answer.then) answer.then();
  }
};

class ResolverTest : public testing::Test {
 protected:
  void make(std::string servers) {
    resolver = std::move(Resolver::make(*loop, {.servers = std::move(servers)})).value();
  }
  std::uint64_t ask(std::string_view host, Answer& answer, std::uint16_t port = 80) {
    return resolver->resolve(host, port, Answer::take, &answer);
  }
  void wait_for(const Answer& answer) {
    while (answer.calls == 0) loop->run_once(core::TimePoint::max());
  }
  std::unique_ptr<Loop> loop = std::move(Loop::make()).value();
  std::unique_ptr<Resolver> resolver;
};

using Texts = std::vector<std::string>;

TEST_F(ResolverTest, LiteralsAndLocalhostAreAnsweredAtOnceWithoutAsking) {
  make("127.0.0.1:1");
  const std::pair<const char*, Texts> cases[] = {
      {"192.0.2.7", {"192.0.2.7 80"}},
      {"2001:db8::1", {"2001:db8::1 80"}},
      {"localhost", {"127.0.0.1 80", "::1 80"}},
      {"LocalHost", {"127.0.0.1 80", "::1 80"}},
  };
  for (const auto& [host, expected] : cases) {
    Answer answer;
    EXPECT_EQ(ask(host, answer), 0u);
    EXPECT_EQ(answer.calls, 1);
    EXPECT_EQ(answer.addresses, expected);
  }
}

TEST_F(ResolverTest, AsksAndRemembers) {
  NameServer server(NameServer::Names{{"a.test", {"192.0.2.1", "192.0.2.2"}}});
  make(server.servers());
  Answer first;
  EXPECT_NE(ask("a.test", first, 80), 0u);
  wait_for(first);
  EXPECT_EQ(first.addresses, (Texts{"192.0.2.1 80", "192.0.2.2 80"}));
  Answer again;
  EXPECT_EQ(ask("A.Test", again, 81), 0u);
  EXPECT_EQ(again.addresses, (Texts{"192.0.2.1 81", "192.0.2.2 81"}));
  EXPECT_EQ(server.questions(), 1);
}

TEST_F(ResolverTest, EqualQuestionsInFlightShareOne) {
  NameServer server(NameServer::Names{{"a.test", {"192.0.2.1"}}});
  make(server.servers());
  Answer answers[3];
  for (Answer& answer : answers) ask("a.test", answer);
  const std::uint64_t token = ask("a.test", answers[0]);
  resolver->cancel(token);
  wait_for(answers[2]);
  for (const Answer& answer : answers) EXPECT_EQ(answer.calls, 1);
  EXPECT_EQ(server.questions(), 1);
}

TEST_F(ResolverTest, CancelledQuestionIsNeverAnswered) {
  NameServer server({{"a.test", {"192.0.2.1"}}, {"b.test", {"192.0.2.2"}}});
  make(server.servers());
  auto gone = std::make_unique<Answer>();
  resolver->cancel(ask("a.test", *gone));
  gone.reset();
  Answer other;
  ask("b.test", other);
  wait_for(other);
  Answer again;
  ask("a.test", again);
  wait_for(again);
  EXPECT_EQ(again.calls, 1);
}

TEST_F(ResolverTest, UnknownNamesAndRefusalsAreToldApartAndNotRemembered) {
  NameServer server(NameServer::Names{});
  make(server.servers());
  for (int round = 1; round <= 2; ++round) {
    Answer answer;
    ask("missing.test.", answer);
    wait_for(answer);
    EXPECT_EQ(answer.failure, (Failure{FailureDomain::kDns, ARES_ENOTFOUND}));
    EXPECT_TRUE(answer.addresses.empty());
    EXPECT_GE(server.questions(), round);
  }
  NameServer stubborn(NameServer::Names{}, true);
  make(stubborn.servers());
  Answer answer;
  ask("a.test.", answer);
  wait_for(answer);
  EXPECT_EQ(answer.failure, (Failure{FailureDomain::kDns, ARES_ECONNREFUSED}));
}

TEST_F(ResolverTest, NobodyAtTheServersPortIsAQuickFailure) {
  std::string servers;
  {
    NameServer gone(NameServer::Names{});
    servers = gone.servers();
  }
  make(servers);
  Answer answer;
  ask("a.test.", answer);
  wait_for(answer);
  EXPECT_EQ(answer.failure, (Failure{FailureDomain::kDns, ARES_ECONNREFUSED}));
}

TEST_F(ResolverTest, CallbacksMayAskAndCancel) {
  NameServer server({{"a.test", {"192.0.2.1"}}, {"b.test", {"192.0.2.2"}}});
  make(server.servers());
  Answer first;
  Answer second;
  Answer nested;
  ask("a.test", first);
  const std::uint64_t token = ask("a.test", second);
  first.then = [&] {
    resolver->cancel(token);
    ask("b.test", nested);
  };
  wait_for(nested);
  EXPECT_EQ(second.calls, 0);
  EXPECT_EQ(nested.addresses, Texts{"192.0.2.2 80"});
}

TEST_F(ResolverTest, DestroyedWithQuestionsInFlightCallsNobody) {
  NameServer server(NameServer::Names{{"a.test", {"192.0.2.1"}}});
  make(server.servers());
  Answer answer;
  ask("a.test", answer);
  resolver.reset();
  EXPECT_EQ(answer.calls, 0);
}

}  // namespace
}  // namespace slsart::net
