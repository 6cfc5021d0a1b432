#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace slsart::test {

// An HTTP/1.1 server on a loopback port of its own, one thread, level-triggered poll; written for
// tests that want to look at each request. Answers are made by a function of the request's head.
class TinyServer {
 public:
  struct Answer {
    std::string bytes = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    bool close = false;   // after the answer
    bool silent = false;  // no answer at all
  };
  using Handler = std::function<Answer(const std::string& head)>;
  TinyServer();  // answers everything with 200 and "ok"
  explicit TinyServer(Handler handler);
  ~TinyServer();

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<std::string> heads() const;  // all requests so far, in order of arrival
  std::uint64_t connections() const { return connections_; }
  std::set<std::uint32_t> peers() const;  // their IPv4 addresses as numbers

 private:
  struct Client {
    int descriptor = -1;
    std::string received;
  };
  void serve();
  bool read_from(Client& client);  // false: closed

  Handler handler_;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> heads_;
  std::set<std::uint32_t> peers_;
  std::atomic<std::uint64_t> connections_{0};
  std::thread thread_;
};

}  // namespace slsart::test
