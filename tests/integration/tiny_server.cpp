#include "tests/integration/tiny_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/check.h"

namespace slsart::test {

TinyServer::TinyServer() : TinyServer([](const std::string&) { return Answer{}; }) {}

TinyServer::TinyServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  SLSART_CHECK(listener_ >= 0 && pipe(wake_) == 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  SLSART_CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), length) == 0);
  SLSART_CHECK(listen(listener_, 4096) == 0);
  SLSART_CHECK(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TinyServer::~TinyServer() {
  close(wake_[1]);
  thread_.join();
  close(wake_[0]);
  close(listener_);
}

std::vector<std::string> TinyServer::heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

std::set<std::uint32_t> TinyServer::peers() const {
  const std::lock_guard lock(mutex_);
  return peers_;
}

void TinyServer::serve() {
  std::vector<Client> clients;
  for (;;) {
    std::vector<pollfd> polled = {{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Client& client : clients) polled.push_back({client.descriptor, POLLIN, 0});
    if (poll(polled.data(), polled.size(), -1) < 0) continue;
    if (polled[0].revents != 0) break;
    for (std::size_t i = clients.size(); i-- > 0;) {
      if (polled[i + 2].revents == 0 || read_from(clients[i])) continue;
      close(clients[i].descriptor);
      clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (polled[1].revents != 0) {
      sockaddr_in peer{};
      socklen_t length = sizeof peer;
      const int client =
          accept4(listener_, reinterpret_cast<sockaddr*>(&peer), &length, SOCK_CLOEXEC);
      clients.push_back({client, {}});
      const std::lock_guard lock(mutex_);
      peers_.insert(ntohl(peer.sin_addr.s_addr));
      ++connections_;
    }
  }
  for (const Client& client : clients) close(client.descriptor);
}

bool TinyServer::read_from(Client& client) {
  std::array<char, 16384> buffer{};
  const ssize_t size = recv(client.descriptor, buffer.data(), buffer.size(), 0);
  if (size <= 0) return false;
  client.received.append(buffer.data(), static_cast<std::size_t>(size));
  for (std::size_t end = client.received.find("\r\n\r\n"); end != std::string::npos;
       end = client.received.find("\r\n\r\n")) {
    const std::string head = client.received.substr(0, end + 4);
    const std::size_t length = head.find("content-length: ");
    const std::size_t body =
        length == std::string::npos ? 0 : std::strtoul(head.c_str() + length + 16, nullptr, 10);
    if (client.received.size() < head.size() + body) return true;
    client.received.erase(0, head.size() + body);
    {
      const std::lock_guard lock(mutex_);
      heads_.push_back(head);
    }
    const Answer answer = handler_(head);
    if (answer.silent) continue;
    if (send(client.descriptor, answer.bytes.data(), answer.bytes.size(), MSG_NOSIGNAL) < 0)
      return false;
    if (answer.close) return false;
  }
  return true;
}

}  // namespace slsart::test
