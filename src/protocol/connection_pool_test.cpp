#include "protocol/connection_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>

#include "net/loopback.h"

namespace slsart::protocol {
namespace {

using net::FailureDomain;
using net::LoopbackPeer;

constexpr std::string_view kHello =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Kind: greeting\r\n\r\nhello";
const net::Failure kReset{FailureDomain::kSystem, ECONNRESET};
const net::Failure kTimeout{FailureDomain::kTimeout, 0};

// One request and what became of it.
struct Call final : ExchangeHandler {
  Call() {
    exchange.handler = this;
    exchange.head = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    exchange.keep_body = true;
  }
  void on_head(Exchange&, const ResponseHead& head) override {
    ++heads;
    kind = head.find("x-kind");
    if (at_head) at_head();
  }
  void on_end(Exchange&, std::string_view text) override {
    EXPECT_FALSE(is_submitting) << "on_end from inside submit";
    ++ends;
    body = text;
    if (at_end) at_end();
  }
  Exchange exchange;
  int heads = 0;
  int ends = 0;
  std::string kind;
  std::string body;
  bool is_submitting = false;
  std::function<void()> at_head;
  std::function<void()> at_end;
};

class ConnectionPoolTest : public testing::Test {
 protected:
  void make_pool(PoolOptions options = {}) {
    options.make_transport = [this](Scheme) { return world.make(*loop); };
    pool = std::make_unique<ConnectionPool>(*loop, *resolver, *tls, std::move(options));
    origin = pool->origin({.scheme = Scheme::kHttp, .host = "127.0.0.1", .port = 80});
  }
  void answer_with(std::string text) {
    world.on_bytes = [text = std::move(text)](LoopbackPeer& peer, std::string_view) {
      peer.send(text);
    };
  }
  void submit(Call& call) {
    call.is_submitting = true;
    pool->submit(call.exchange, origin, user);
    call.is_submitting = false;
  }
  void run_until(const std::function<bool()>& done) {
    for (int pass = 0; pass < 1000 && !done(); ++pass) loop->run_once(loop->now());
    EXPECT_TRUE(done());
  }
  void run_call(Call& call) {
    submit(call);
    run_until([&] { return call.ends == 1; });
  }
  void settle() {
    for (int pass = 0; pass < 20; ++pass) loop->run_once(loop->now());
  }

  std::unique_ptr<net::Loop> loop = std::move(net::Loop::make()).value();
  std::unique_ptr<net::Resolver> resolver = std::move(net::Resolver::make(*loop, {})).value();
  std::unique_ptr<net::TlsContext> tls = std::move(net::TlsContext::make({})).value();
  net::Loopback world;
  std::unique_ptr<ConnectionPool> pool;
  OriginId origin;
  UserConnections user;
};

TEST_F(ConnectionPoolTest, AnswersAndFillsInTheResult) {
  make_pool();
  answer_with(std::string(kHello));
  Call call;
  run_call(call);
  EXPECT_EQ(call.heads, 1);
  EXPECT_EQ(call.kind, "greeting");
  EXPECT_EQ(call.body, "hello");
  const Exchange& exchange = call.exchange;
  EXPECT_EQ(exchange.status, 200);
  EXPECT_FALSE(exchange.failure);
  EXPECT_EQ(exchange.body_bytes, 5u);
  EXPECT_EQ(exchange.wire_bytes, kHello.size());
  EXPECT_FALSE(exchange.connection_reused);
  const ExchangeTimes& times = exchange.times;
  EXPECT_LE(times.submitted, times.connected);
  EXPECT_LE(times.connected, times.first_sent);
  EXPECT_LE(times.first_sent, times.sent);
  EXPECT_LE(times.sent, times.first_byte);
  EXPECT_LE(times.first_byte, times.headers);
  EXPECT_LE(times.headers, times.end);
  EXPECT_NE(times.submitted, core::TimePoint{});
  EXPECT_EQ(pool->counters().opened, 1u);
  EXPECT_EQ(pool->counters().open_now, 1u);
}

// The far end says here that all came long ago: at once when the request had been written.
TEST_F(ConnectionPoolTest, AnswerHasTheTimeOfItsArrivalNotOfItsReading) {
  make_pool();
  answer_with(std::string(kHello));
  world.waited = core::kSecond;
  Call call;
  run_call(call);
  const ExchangeTimes& times = call.exchange.times;
  EXPECT_EQ(times.first_byte, times.sent);
  EXPECT_EQ(times.headers, times.sent);
  EXPECT_EQ(times.end, times.sent);
}

TEST_F(ConnectionPoolTest, ReusesTheUsersConnection) {
  make_pool();
  answer_with(std::string(kHello));
  for (int i = 0; i < 3; ++i) {
    Call call;
    run_call(call);
    EXPECT_EQ(call.exchange.connection_reused, i > 0);
  }
  EXPECT_EQ(pool->counters().opened, 1u);
  pool->release(user);
  EXPECT_EQ(pool->counters().open_now, 0u);
  EXPECT_EQ(world.closed_by_us, 1);
}

TEST_F(ConnectionPoolTest, EachUserHasItsOwnConnection) {
  make_pool();
  answer_with(std::string(kHello));
  UserConnections other;
  Call first;
  Call second;
  submit(first);
  pool->submit(second.exchange, origin, other);
  run_until([&] { return first.ends + second.ends == 2; });
  EXPECT_EQ(pool->counters().opened, 2u);
  pool->release(other);
  EXPECT_EQ(pool->counters().open_now, 1u);
}

TEST_F(ConnectionPoolTest, SubmitsAgainFromOnEnd) {
  make_pool();
  answer_with(std::string(kHello));
  Call call;
  call.at_end = [&] {
    if (call.ends < 5) pool->submit(call.exchange, origin, user);
  };
  submit(call);
  run_until([&] { return call.ends == 5; });
  EXPECT_EQ(pool->counters().opened, 1u);
}

TEST_F(ConnectionPoolTest, ExchangesAboveTheLimitWaitInLine) {
  make_pool();
  std::vector<std::string> seen;
  world.on_bytes = [&](LoopbackPeer& peer, std::string_view bytes) {
    seen.emplace_back(bytes);
    peer.send(kHello);
  };
  const std::string heads[] = {"GET /1 HTTP/1.1\r\n\r\n", "GET /2 HTTP/1.1\r\n\r\n",
                               "GET /3 HTTP/1.1\r\n\r\n"};
  Call calls[3];
  for (int i = 0; i < 3; ++i) {
    calls[i].exchange.head = heads[i];
    submit(calls[i]);
  }
  run_until([&] { return calls[2].ends == 1; });
  EXPECT_THAT(seen, testing::ElementsAreArray(heads));
  EXPECT_EQ(pool->counters().opened, 1u);
}

TEST_F(ConnectionPoolTest, LineGoesOnWhenTheConnectionCloses) {
  make_pool();
  answer_with("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  Call calls[3];
  for (Call& call : calls) submit(call);
  run_until([&] { return calls[2].ends == 1; });
  EXPECT_EQ(pool->counters().opened, 3u);
  EXPECT_EQ(pool->counters().open_now, 0u);
}

TEST_F(ConnectionPoolTest, SharedPoolOpensAtMostItsNumber) {
  make_pool({.shared = 2});
  answer_with(std::string(kHello));
  UserConnections users[6];
  Call calls[6];
  for (int i = 0; i < 6; ++i) pool->submit(calls[i].exchange, origin, users[i]);
  run_until([&] { return calls[5].ends == 1; });
  EXPECT_EQ(pool->counters().opened, 2u);
  EXPECT_EQ(pool->counters().open_now, 2u);
  pool->close_idle();
  EXPECT_EQ(pool->counters().open_now, 0u);
}

TEST_F(ConnectionPoolTest, RefusedConnectionFailsWithItsErrno) {
  make_pool();
  world.refusals = {ECONNREFUSED};
  Call call;
  run_call(call);
  EXPECT_EQ(call.exchange.failure, (net::Failure{FailureDomain::kSystem, ECONNREFUSED}));
  EXPECT_EQ(call.heads, 0);
  EXPECT_EQ(pool->counters().refused_by_us, 0u);
  EXPECT_EQ(pool->counters().open_now, 0u);
}

TEST_F(ConnectionPoolTest, WantOfPortsIsCountedAndNeverReportedFromInsideSubmit) {
  make_pool();
  world.immediate_refusals = {EADDRNOTAVAIL, EMFILE};
  Call first;
  run_call(first);
  Call second;
  run_call(second);
  EXPECT_EQ(first.exchange.failure, (net::Failure{FailureDomain::kSystem, EADDRNOTAVAIL}));
  EXPECT_EQ(second.exchange.failure, (net::Failure{FailureDomain::kSystem, EMFILE}));
  EXPECT_EQ(pool->counters().refused_by_us, 2u);
}

TEST_F(ConnectionPoolTest, LongLineOfImmediateFailuresEndsOneByOne) {
  make_pool({.shared = 1});
  constexpr int kCount = 5000;
  world.immediate_refusals.assign(kCount, EMFILE);
  std::vector<Call> calls(kCount);
  for (Call& call : calls) submit(call);
  for (int pass = 0; pass < 2 * kCount && calls.back().ends == 0; ++pass) {
    loop->run_once(loop->now());
  }
  for (const Call& call : calls) EXPECT_EQ(call.ends, 1);
}

struct FaultCase {
  const char* name;
  std::function<void(LoopbackPeer&)> fault;
  net::Failure failure;
  const char* body;
};

TEST_F(ConnectionPoolTest, FaultsOfTheStreamFailTheExchange) {
  const auto http = [](HttpFault fault) {
    return net::Failure{FailureDomain::kHttp, static_cast<int>(fault)};
  };
  const FaultCase cases[] = {
      {"closed before the answer", [](LoopbackPeer& p) { p.end(); }, kReset, ""},
      {"reset before the answer", [](LoopbackPeer& p) { p.fail(ECONNRESET); }, kReset, ""},
      {"closed within the head",
       [](LoopbackPeer& p) {
         p.send("HTTP/1.1 200 OK\r\nContent-");
         p.end();
       },
       kReset, ""},
      {"closed within the body",
       [](LoopbackPeer& p) {
         p.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
         p.end();
       },
       kReset, "hello"},
      {"reset within a body that ends with the stream",
       [](LoopbackPeer& p) {
         p.send("HTTP/1.1 200 OK\r\n\r\nhel");
         p.fail(ECONNRESET);
       },
       kReset, "hel"},
      {"a body that ends with the stream",
       [](LoopbackPeer& p) {
         p.send("HTTP/1.1 200 OK\r\n\r\nhel");
         p.send("lo");
         p.end();
       },
       {},
       "hello"},
      {"not HTTP", [](LoopbackPeer& p) { p.send("SSH-2.0-OpenSSH\r\n"); },
       http(HttpFault::kInvalidConstant), ""},
  };
  make_pool();
  for (const FaultCase& c : cases) {
    SCOPED_TRACE(c.name);
    world.on_bytes = [&](LoopbackPeer& peer, std::string_view) { c.fault(peer); };
    Call call;
    run_call(call);
    EXPECT_EQ(call.exchange.failure, c.failure);
    EXPECT_EQ(call.body, c.body);
    EXPECT_EQ(pool->counters().open_now, 0u);
  }
}

TEST_F(ConnectionPoolTest, IdleConnectionClosedByThePeerIsDroppedSilently) {
  make_pool();
  world.on_bytes = [](LoopbackPeer& peer, std::string_view) {
    peer.send(kHello);
    peer.end();
  };
  Call call;
  run_call(call);
  EXPECT_FALSE(call.exchange.failure);
  settle();
  EXPECT_EQ(call.ends, 1);
  EXPECT_EQ(pool->counters().open_now, 0u);
}

TEST_F(ConnectionPoolTest, BytesAfterTheAnswerCloseTheConnectionAndFailNobody) {
  make_pool();
  answer_with(std::string(kHello) + "rubbish");
  Call call;
  run_call(call);
  EXPECT_FALSE(call.exchange.failure);
  EXPECT_EQ(call.exchange.wire_bytes, kHello.size());
  EXPECT_EQ(pool->counters().open_now, 0u);
}

TEST_F(ConnectionPoolTest, BytesOnAnIdleConnectionCloseIt) {
  make_pool();
  world.on_bytes = [](LoopbackPeer& peer, std::string_view) {
    peer.send(kHello);
    peer.send("HTTP/1.1 408 Request Timeout\r\n\r\n");
  };
  Call call;
  run_call(call);
  settle();
  EXPECT_FALSE(call.exchange.failure);
  EXPECT_EQ(pool->counters().open_now, 0u);
}

class ConnectionPoolRetryTest : public ConnectionPoolTest {
 protected:
  // The first connection answers once and dies at the second request by `fault`; others answer.
  void run(const std::function<void(LoopbackPeer&)>& fault, bool is_idempotent) {
    make_pool();
    int requests = 0;
    world.on_bytes = [&, fault](LoopbackPeer& peer, std::string_view) {
      if (peer.connection() == 0 && requests++ > 0) return fault(peer);
      peer.send(kHello);
    };
    Call first;
    run_call(first);
    second.exchange.is_idempotent = is_idempotent;
    run_call(second);
  }
  Call second;
};

TEST_F(ConnectionPoolRetryTest, IdempotentExchangeIsSentAgainOnANewConnection) {
  for (const int code : {0, ECONNRESET}) {
    second.ends = 0;
    run([&](LoopbackPeer& p) { code == 0 ? p.end() : p.fail(code); }, true);
    EXPECT_FALSE(second.exchange.failure);
    EXPECT_EQ(second.body, "hello");
    EXPECT_FALSE(second.exchange.connection_reused);
    EXPECT_EQ(pool->counters().opened, 2u);
    pool->release(user);
    world.opened = 0;
  }
}

TEST_F(ConnectionPoolRetryTest, OthersAreNot) {
  run([](LoopbackPeer& p) { p.end(); }, false);
  EXPECT_EQ(second.exchange.failure, kReset);
  EXPECT_EQ(pool->counters().opened, 1u);
}

TEST_F(ConnectionPoolRetryTest, NorAfterAByteOfTheAnswer) {
  run(
      [](LoopbackPeer& p) {
        p.send("H");
        p.end();
      },
      true);
  EXPECT_EQ(second.exchange.failure, kReset);
  EXPECT_EQ(pool->counters().opened, 1u);
}

TEST_F(ConnectionPoolTest, FreshConnectionThatDiesIsNotRetried) {
  make_pool();
  world.on_bytes = [](LoopbackPeer& peer, std::string_view) { peer.end(); };
  Call call;
  run_call(call);
  EXPECT_EQ(call.exchange.failure, kReset);
  EXPECT_EQ(world.opened, 1);
}

TEST_F(ConnectionPoolTest, FailedWriteIsReportedLaterAndAReusedConnectionRetried) {
  make_pool();
  answer_with(std::string(kHello));
  Call first;
  run_call(first);
  world.write_failure = EPIPE;
  Call second;
  submit(second);
  EXPECT_EQ(second.ends, 0);
  run_until([&] { return second.ends == 1; });
  EXPECT_EQ(second.exchange.failure, (net::Failure{FailureDomain::kSystem, EPIPE}));
  EXPECT_EQ(pool->counters().opened, 2u) << "tried once more";
}

TEST_F(ConnectionPoolTest, RequestInPiecesIsWrittenCompletely) {
  make_pool();
  world.write_limit = 7;
  std::string received;
  world.on_bytes = [&](LoopbackPeer& peer, std::string_view bytes) {
    received += bytes;
    if (received.ends_with("0123456789")) peer.send(kHello);
  };
  Call call;
  call.exchange.head = "POST / HTTP/1.1\r\ncontent-length: 10\r\n\r\n";
  call.exchange.body = "0123456789";
  run_call(call);
  EXPECT_EQ(received, std::string(call.exchange.head) + "0123456789");
  EXPECT_FALSE(call.exchange.failure);
}

TEST_F(ConnectionPoolTest, AnswerBeforeTheRequestIsOutEndsTheConnection) {
  make_pool();
  world.write_limit = 4;
  bool answered = false;
  world.on_bytes = [&](LoopbackPeer& peer, std::string_view) {
    if (!std::exchange(answered, true)) {
      peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    }
  };
  Call call;
  run_call(call);
  EXPECT_EQ(call.exchange.status, 413);
  EXPECT_FALSE(call.exchange.failure);
  EXPECT_EQ(pool->counters().open_now, 0u);
}

TEST_F(ConnectionPoolTest, DeadlinePassesWhereverTheExchangeIs) {
  make_pool();
  world.on_bytes = [](LoopbackPeer& peer, std::string_view) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
  };
  Call calls[2];  // the second waits in line
  for (Call& call : calls) {
    call.exchange.deadline = loop->now() + 50 * core::kMillisecond;
    submit(call);
  }
  run_until([&] { return calls[0].exchange.body_bytes == 4; });
  while (calls[0].ends + calls[1].ends < 2) loop->run_once(core::TimePoint::max());
  for (const Call& call : calls) EXPECT_EQ(call.exchange.failure, kTimeout);
  EXPECT_EQ(calls[0].body, "half");

  world.never_opens = true;
  Call opening;
  opening.exchange.deadline = loop->now() + core::kMillisecond;
  submit(opening);
  while (opening.ends == 0) loop->run_once(core::TimePoint::max());
  EXPECT_EQ(opening.exchange.failure, kTimeout);
  EXPECT_GE(opening.exchange.times.end, opening.exchange.deadline);
  EXPECT_EQ(pool->counters().open_now, 0u);
}

TEST_F(ConnectionPoolTest, DeadlineOfAnEarlierExchangeDoesNotHitTheNext) {
  make_pool();
  answer_with(std::string(kHello));
  Call first;
  first.exchange.deadline = loop->now() + core::kMillisecond;
  run_call(first);
  world.on_bytes = nullptr;  // no answer
  Call second;
  second.exchange.deadline = first.exchange.deadline + 2 * core::kMillisecond;
  submit(second);
  while (second.ends == 0) loop->run_once(core::TimePoint::max());
  EXPECT_GE(second.exchange.times.end, second.exchange.deadline);
}

TEST_F(ConnectionPoolTest, ConnectTimeoutEndsOpeningOnly) {
  make_pool({.connect_timeout = core::kMillisecond});
  world.never_opens = true;
  Call call;
  submit(call);
  while (call.ends == 0) loop->run_once(core::TimePoint::max());
  EXPECT_EQ(call.exchange.failure, kTimeout);
}

TEST_F(ConnectionPoolTest, CancelledExchangeIsNeverHeardOfAgain) {
  make_pool();
  answer_with(std::string(kHello));
  Call carried;
  Call waiting;
  Call next;
  submit(carried);
  submit(waiting);
  submit(next);
  pool->cancel(waiting.exchange);
  pool->cancel(carried.exchange);
  run_until([&] { return next.ends == 1; });
  settle();
  EXPECT_EQ(carried.ends + waiting.ends, 0);
  pool->cancel(next.exchange);  // is over: nothing to cancel
  EXPECT_EQ(pool->counters().open_now, 1u);
}

TEST_F(ConnectionPoolTest, HandlersMayCancelAndRelease) {
  make_pool();
  answer_with(std::string(kHello));
  Call cancelled;
  cancelled.at_head = [&] {
    pool->cancel(cancelled.exchange);
    pool->submit(cancelled.exchange, origin, user);  // takes the same connection again
    cancelled.at_head = nullptr;
  };
  run_call(cancelled);
  EXPECT_EQ(cancelled.heads, 2);
  Call released;
  released.at_end = [&] { pool->release(user); };
  run_call(released);
  EXPECT_EQ(pool->counters().open_now, 0u);
}

TEST_F(ConnectionPoolTest, OriginsAreToldApart) {
  make_pool();
  const Origin a{.scheme = Scheme::kHttp, .host = "a", .port = 80};
  Origin b = a;
  b.port = 81;
  Origin c = a;
  c.scheme = Scheme::kHttps;
  EXPECT_EQ(pool->origin(a), pool->origin(a));
  EXPECT_NE(pool->origin(a), pool->origin(b));
  EXPECT_NE(pool->origin(a), pool->origin(c));
}

}  // namespace
}  // namespace slsart::protocol
