#include "protocol/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "net/loopback.h"

namespace slsart::protocol {
namespace {

using testing::HasSubstr;

constexpr const char* kUrl = "http://127.0.0.1:81/a?b=c";

class HttpClientTest : public testing::Test {
 protected:
  void SetUp() override {
    HttpClient::Options options;
    options.connections = 2;
    options.make_transport = [this](net::Loop& loop) { return world_.make(loop); };
    client_ = std::move(HttpClient::make(std::move(options))).value();
  }
  void answer_with(std::string text) {
    world_.on_bytes = [this, text = std::move(text)](net::LoopbackPeer& peer,
                                                     std::string_view bytes) {
      sent_ += bytes;
      peer.send(text);
    };
  }

  net::Loopback world_;
  std::string sent_;
  std::unique_ptr<HttpClient> client_;
};

TEST_F(HttpClientTest, SendsAndReceives) {
  answer_with("HTTP/1.1 201 Created\r\nX-Kind: one\r\nContent-Length: 2\r\n\r\nok");
  const HttpReply reply =
      client_->send({.method = "POST", .url = kUrl, .headers = {{"x-own", "1"}}, .body = "body"});
  EXPECT_EQ(
      sent_,
      "POST /a?b=c HTTP/1.1\r\nx-own: 1\r\nhost: 127.0.0.1:81\r\ncontent-length: 4\r\n\r\nbody");
  EXPECT_TRUE(reply.is_ok());
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.header("x-kind"), "one");
  EXPECT_EQ(reply.header("x-other"), "");
  EXPECT_EQ(reply.body, "ok");
}

TEST_F(HttpClientTest, ErrorsOfTheServerAreAnswers) {
  answer_with("HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nlate");
  const HttpReply reply = client_->send({.url = kUrl});
  EXPECT_FALSE(reply.failure);
  EXPECT_FALSE(reply.is_ok());
  EXPECT_EQ(reply.body, "late");
}

TEST_F(HttpClientTest, KnowsWhatCannotHaveArrived) {
  world_.refusals = {ECONNREFUSED};
  const HttpReply reply = client_->send({.url = kUrl});
  EXPECT_EQ(reply.failure.code, ECONNREFUSED);
  EXPECT_FALSE(reply.may_have_arrived);
  EXPECT_THAT(reply.problem, HasSubstr("refused"));
}

TEST_F(HttpClientTest, SendsNothingTwice) {
  answer_with("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(client_->send({.url = kUrl}).is_ok());
  int seen = 0;
  world_.on_bytes = [&](net::LoopbackPeer& peer, std::string_view) {
    ++seen;
    peer.end();
  };
  const HttpReply reply = client_->send({.url = kUrl});
  EXPECT_TRUE(reply.failure);
  EXPECT_TRUE(reply.may_have_arrived);
  EXPECT_EQ(seen, 1);
}

TEST_F(HttpClientTest, RepeatsWhatItMayOnce) {
  answer_with("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(client_->send({.url = kUrl}).is_ok());
  int seen = 0;
  world_.on_bytes = [&](net::LoopbackPeer& peer, std::string_view) {
    if (++seen == 1) return peer.end();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  };
  EXPECT_TRUE(client_->send({.url = kUrl, .may_repeat = true}).is_ok());
  EXPECT_EQ(seen, 2);
}

TEST_F(HttpClientTest, GivesUpInTime) {
  world_.on_bytes = [](net::LoopbackPeer&, std::string_view) {};
  const HttpReply reply = client_->send({.url = kUrl, .timeout = std::chrono::milliseconds(5)});
  EXPECT_EQ(reply.failure.domain, net::FailureDomain::kTimeout);
  EXPECT_TRUE(reply.may_have_arrived);
}

TEST_F(HttpClientTest, BoundsTheAnswer) {
  answer_with("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901");
  const HttpReply reply = client_->send({.url = kUrl, .body_limit_bytes = 10});
  EXPECT_TRUE(reply.failure);
  EXPECT_EQ(reply.body, "");
  EXPECT_THAT(reply.problem, HasSubstr("too large"));
}

TEST_F(HttpClientTest, SeveralAtATimeKeepTheirOrder) {
  int connections = 0;
  world_.on_bytes = [&](net::LoopbackPeer& peer, std::string_view bytes) {
    connections = std::max(connections, peer.connection() + 1);
    const std::string path(bytes.substr(4, bytes.find(' ', 4) - 4));
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(path.size()) + "\r\n\r\n" +
              path);
  };
  std::vector<HttpRequest> requests;
  for (int i = 0; i < 20; ++i) {
    requests.push_back({.url = "http://127.0.0.1:81/" + std::to_string(i)});
  }
  requests[7].url = "no url";
  const std::vector<HttpReply> replies = client_->send_all(requests);
  ASSERT_EQ(replies.size(), 20u);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (i == 7) {
      EXPECT_TRUE(replies[i].failure);
      EXPECT_FALSE(replies[i].may_have_arrived);
      continue;
    }
    EXPECT_EQ(replies[i].body, "/" + std::to_string(i));
  }
  EXPECT_EQ(connections, 2);
}

TEST_F(HttpClientTest, HeadersCannotBeSmuggledIn) {
  answer_with("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  for (const HttpRequest& request :
       std::vector<HttpRequest>{{.url = kUrl, .headers = {{"a", "b\r\nc: d"}}},
                                {.url = kUrl, .headers = {{"a b", "c"}}},
                                {.method = "GET /x", .url = kUrl}}) {
    const HttpReply reply = client_->send(request);
    EXPECT_TRUE(reply.failure);
    EXPECT_FALSE(reply.problem.empty());
  }
  EXPECT_EQ(sent_, "");
}

}  // namespace
}  // namespace slsart::protocol
