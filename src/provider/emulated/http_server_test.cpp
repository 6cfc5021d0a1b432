#include "provider/emulated/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

namespace slsart::provider::emulated {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

// A server and clients on one loop, in one thread.
class HttpServerTest : public testing::Test {
 protected:
  void start(bool own_user_only = false, std::size_t max_connections = 100) {
    server_ = std::move(HttpServer::make(
                            *loop_, {.on_request =
                                         [this](HttpServer::Id id, HttpRequest&& request) {
                                           ids_.push_back(id);
                                           paths_.push_back(request.path + " " + request.body);
                                           if (answers_at_once_) {
                                             server_->answer(id, {.body = "to " + request.path});
                                           }
                                         },
                                     .on_gone = [this](HttpServer::Id id) { gone_.push_back(id); },
                                     .own_user_only = own_user_only,
                                     .max_connections = max_connections}))
                  .value();
  }
  void TearDown() override {
    for (const int client : clients_) close(client);
  }
  int connect_client() {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    clients_.push_back(client);
    return client;
  }
  static void say(int client, std::string_view text) {
    EXPECT_EQ(send(client, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  void turn() {
    for (int i = 0; i < 5; ++i) loop_->run_once(loop_->refresh());
  }
  // What has come; "(closed)" at the end.
  std::string hear(int client) {
    turn();
    std::string heard;
    char buffer[65536];
    for (;;) {
      const ssize_t got = recv(client, buffer, sizeof buffer, MSG_DONTWAIT);
      if (got == 0) return heard + "(closed)";
      if (got < 0) return errno == ECONNRESET ? heard + "(closed)" : heard;
      heard.append(buffer, static_cast<std::size_t>(got));
    }
  }

  std::unique_ptr<net::Loop> loop_ = std::move(net::Loop::make()).value();
  std::unique_ptr<HttpServer> server_;
  std::vector<int> clients_;
  std::vector<HttpServer::Id> ids_;
  std::vector<HttpServer::Id> gone_;
  std::vector<std::string> paths_;
  bool answers_at_once_ = true;
};

TEST_F(HttpServerTest, AnswersOneRequestAfterTheOther) {
  start();
  const int client = connect_client();
  say(client, "POST /a HTTP/1.1\r\ncontent-length: 2\r\n\r\nhiGET /b HTTP/1.1\r\n\r\n");
  EXPECT_EQ(hear(client),
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nto /a"
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nto /b");
  EXPECT_THAT(paths_, ElementsAre("/a hi", "/b "));
  say(client, "GET /c HTTP/1.1\r\nconnection: close\r\n\r\n");
  EXPECT_THAT(hear(client), EndsWith("to /c(closed)"));
  EXPECT_THAT(gone_, ElementsAre());
}

TEST_F(HttpServerTest, AnswersMayComeLater) {
  answers_at_once_ = false;
  start();
  const int slow = connect_client();
  const int quick = connect_client();
  say(slow, "GET /slow HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n\r\n");
  turn();
  say(quick, "GET /quick HTTP/1.1\r\n\r\n");
  EXPECT_EQ(hear(slow), "");
  ASSERT_THAT(paths_, ElementsAre("/slow ", "/quick "));
  server_->answer(ids_[1], {.body = "2"});
  EXPECT_THAT(hear(quick), EndsWith("\r\n\r\n2"));
  server_->answer(ids_[0], {.body = "1"});
  EXPECT_THAT(hear(slow), EndsWith("\r\n\r\n1"));
  EXPECT_THAT(paths_, ElementsAre("/slow ", "/quick ", "/next "));
}

TEST_F(HttpServerTest, ManyRequestsAtATimeDoNotPileUp) {
  start();
  const int client = connect_client();
  constexpr std::string_view kRequest = "GET / HTTP/1.1\r\n\r\n";
  std::string bytes;
  while (bytes.size() + kRequest.size() < 60'000) bytes += kRequest;
  say(client, bytes);
  hear(client);
  EXPECT_EQ(paths_.size(), bytes.size() / kRequest.size());
}

TEST_F(HttpServerTest, TellsWhoHasLeft) {
  answers_at_once_ = false;
  start();
  const int client = connect_client();
  say(client, "GET /x HTTP/1.1\r\n\r\n");
  turn();
  close(client);
  clients_.clear();
  turn();
  EXPECT_EQ(gone_, ids_);
  server_->answer(ids_.at(0), {});  // harmless
  server_->sweep(std::chrono::seconds(1));
}

TEST_F(HttpServerTest, RefusesWhatIsNoRequest) {
  start();
  const int client = connect_client();
  say(client, "HELO\r\n\r\n");
  EXPECT_EQ(hear(client),
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n(closed)");
}

TEST_F(HttpServerTest, LargeAnswersGoOutAsTheyAreRead) {
  answers_at_once_ = false;
  start();
  const int client = connect_client();
  say(client, "GET /x HTTP/1.1\r\n\r\n");
  turn();
  server_->answer(ids_.at(0), {.body = std::string(6'000'000, 'l')});
  std::string heard;
  for (int i = 0; i < 1000 && heard.size() < 6'000'000; ++i) heard += hear(client);
  EXPECT_GT(heard.size(), 6'000'000u);
  answers_at_once_ = true;
  say(client, "GET /y HTTP/1.1\r\n\r\n");
  EXPECT_THAT(hear(client), EndsWith("to /y"));
}

TEST_F(HttpServerTest, ConnectionsAreBoundedAndIdleOnesEnd) {
  start(false, 2);
  const int first = connect_client();
  const int second = connect_client();
  turn();
  EXPECT_EQ(hear(connect_client()), "(closed)");
  server_->sweep(std::chrono::hours(1));
  EXPECT_EQ(hear(first), "");
  loop_->refresh();
  server_->sweep(core::Duration(0));
  EXPECT_EQ(hear(first) + hear(second), "(closed)(closed)");
}

TEST_F(HttpServerTest, KnowsItsOwnUser) {
  start(true);
  const int client = connect_client();
  say(client, "GET /own HTTP/1.1\r\n\r\n");
  EXPECT_THAT(hear(client), EndsWith("to /own"));
}

TEST_F(HttpServerTest, DroppedRequestsSeeTheConnectionClose) {
  answers_at_once_ = false;
  start();
  const int client = connect_client();
  say(client, "GET /x HTTP/1.1\r\n\r\n");
  turn();
  server_->drop(ids_.at(0));
  EXPECT_EQ(hear(client), "(closed)");
  EXPECT_THAT(gone_, ElementsAre());
}

}  // namespace
}  // namespace slsart::provider::emulated
