#include "provider/emulated/http_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/check.h"
#include "provider/emulated/peer_user.h"

namespace slsart::provider::emulated {

namespace {

constexpr int kMostReadsPerEvent = 64;
// Of the next request while one is answered.
constexpr std::size_t kMaxAheadBytes = 256 * 1024;

core::Error io_error(const char* what) {
  return {core::ErrorCode::kIo, std::string("no server can be opened on 127.0.0.1: ") + what +
                                    ": " + std::strerror(errno)};
}

}  // namespace

class HttpServer::Listener final : public net::Watcher {
 public:
  Listener(HttpServer& server, int descriptor) : server_(server), descriptor_(descriptor) {}
  ~Listener() override {
    server_.loop_.unwatch(descriptor_, *this);
    close(descriptor_);
  }
  void on_ready(net::Readiness) override {
    for (;;) {
      const int client = accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (client >= 0) {
        server_.accepted(client);
        continue;
      }
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return;
    }
  }

 private:
  HttpServer& server_;
  int descriptor_;
};

class HttpServer::Connection final : public net::Watcher {
 public:
  Connection(HttpServer& server, int descriptor) : server_(server), descriptor_(descriptor) {}
  ~Connection() override { shut(); }

  bool open() {
    last_use_ = server_.loop_.now();
    return server_.loop_.watch(descriptor_, *this).has_value();
  }
  void on_ready(net::Readiness) override {
    if (!flush() || !receive()) server_.closed(*this);
  }
  void answer(const HttpAnswer& answer) {
    out_ += to_bytes(answer, keeps_alive_);
    request_ = 0;
    last_use_ = server_.loop_.now();
    // From inside on_request go_on() is at work already.
    if (!flush() || (!is_reading_ && !go_on())) server_.closed(*this);
  }
  void shut() {
    if (descriptor_ < 0) return;
    server_.loop_.unwatch(descriptor_, *this);
    close(descriptor_);
    descriptor_ = -1;
  }

  Id request() const { return request_; }
  bool is_idle_since(core::TimePoint time) const { return request_ == 0 && last_use_ < time; }

 private:
  // Each is false when the connection is over.
  bool receive() {
    const std::span<char> buffer = server_.loop_.read_buffer();
    for (int reads = 0; reads < kMostReadsPerEvent; ++reads) {
      const ssize_t got = recv(descriptor_, buffer.data(), buffer.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno == EAGAIN;
      if (got == 0) return false;
      ahead_.append(buffer.data(), static_cast<std::size_t>(got));
      if (!go_on() || ahead_.size() > kMaxAheadBytes) return false;
      if (descriptor_ < 0) return true;  // closed from inside
    }
    server_.loop_.recheck(descriptor_, *this);
    return true;
  }

  // Reads requests of what came, as long as none waits for its answer.
  bool go_on() {
    if (request_ == 0 && !keeps_alive_) return !out_.empty();
    while (request_ == 0 && !ahead_.empty()) {
      std::string_view bytes = ahead_;
      const RequestReader::Progress progress = reader_.feed(bytes);
      ahead_.erase(0, ahead_.size() - bytes.size());
      if (progress == RequestReader::Progress::kFault) {
        keeps_alive_ = false;
        out_ += to_bytes({.status = reader_.fault_status(), .headers = {}, .body = {}}, false);
        flush();
        return false;
      }
      if (reader_.take_expectation()) {
        out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        if (!flush()) return false;
      }
      if (progress == RequestReader::Progress::kIncomplete) return true;
      HttpRequest request = reader_.take();
      keeps_alive_ = request.keeps_alive;
      request_ = server_.next_id_++;
      last_use_ = server_.loop_.now();
      server_.waiting_[request_] = this;
      is_reading_ = true;
      server_.options_.on_request(request_, std::move(request));
      is_reading_ = false;
      if (descriptor_ < 0) return true;  // closed from inside
      if (request_ == 0 && !keeps_alive_) return !out_.empty();
    }
    return true;
  }

  bool flush() {
    while (!out_.empty()) {
      const ssize_t sent = send(descriptor_, out_.data(), out_.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return errno == EAGAIN;
      out_.erase(0, static_cast<std::size_t>(sent));
    }
    return request_ != 0 || keeps_alive_;
  }

  HttpServer& server_;
  int descriptor_;
  Id request_ = 0;
  bool keeps_alive_ = true;
  bool is_reading_ = false;
  core::TimePoint last_use_{};
  RequestReader reader_;
  std::string ahead_;
  std::string out_;
};

HttpServer::HttpServer(net::Loop& loop, Options options)
    : loop_(loop), options_(std::move(options)) {}

HttpServer::~HttpServer() = default;

core::Result<std::unique_ptr<HttpServer>> HttpServer::make(net::Loop& loop, Options options) {
  std::unique_ptr<HttpServer> server(new HttpServer(loop, std::move(options)));
  if (auto opened = server->open(); !opened) return std::move(opened).error();
  return server;
}

core::Result<void> HttpServer::open() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return io_error("socket");
  listener_ = std::make_unique<Listener>(*this, descriptor);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(descriptor, reinterpret_cast<sockaddr*>(&address), length) != 0) return io_error("bind");
  if (listen(descriptor, 1024) != 0) return io_error("listen");
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return io_error("getsockname");
  }
  port_ = ntohs(address.sin_port);
  return loop_.watch(descriptor, *listener_, net::Directions::kInput);
}

void HttpServer::accepted(int descriptor) {
  const bool is_welcome = connections_.size() < options_.max_connections &&
                          (!options_.own_user_only || peer_is_own_user(descriptor));
  if (!is_welcome) {
    close(descriptor);
    return;
  }
  auto connection = std::make_unique<Connection>(*this, descriptor);
  Connection& opened = *connection;
  connections_.emplace(&opened, std::move(connection));
  if (!opened.open()) closed(opened);
}

void HttpServer::closed(Connection& connection) {
  const auto found = connections_.find(&connection);
  if (found == connections_.end()) return;
  connection.shut();
  closed_.push_back(std::move(found->second));
  connections_.erase(found);
  const Id request = connection.request();
  if (request != 0 && waiting_.erase(request) > 0 && options_.on_gone) options_.on_gone(request);
}

void HttpServer::answer(Id request, const HttpAnswer& answer) {
  const auto found = waiting_.find(request);
  if (found == waiting_.end()) return;
  Connection& connection = *found->second;
  waiting_.erase(found);
  connection.answer(answer);
}

void HttpServer::drop(Id request) {
  const auto found = waiting_.find(request);
  if (found == waiting_.end()) return;
  Connection& connection = *found->second;
  waiting_.erase(found);
  closed(connection);
}

void HttpServer::sweep(core::Duration limit) {
  closed_.clear();
  std::vector<Connection*> idle;
  for (const auto& [connection, owned] : connections_) {
    if (connection->is_idle_since(loop_.now() - limit)) idle.push_back(connection);
  }
  for (Connection* connection : idle) closed(*connection);
}

}  // namespace slsart::provider::emulated
