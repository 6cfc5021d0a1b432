#include "net/detail/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

namespace slsart::net {

static_assert(sizeof(SocketAddress::bytes) >= sizeof(sockaddr_in6));

int SocketAddress::family() const {
  if (length == 0) return AF_UNSPEC;
  sockaddr header;
  std::memcpy(&header, bytes, sizeof header);
  return header.sa_family;
}

namespace detail {

SocketAddress to_socket_address(const in_addr& address, std::uint16_t port) {
  sockaddr_in native{};
  native.sin_family = AF_INET;
  native.sin_port = htons(port);
  native.sin_addr = address;
  SocketAddress result;
  std::memcpy(result.bytes, &native, sizeof native);
  result.length = sizeof native;
  return result;
}

SocketAddress to_socket_address(const in6_addr& address, std::uint16_t port) {
  sockaddr_in6 native{};
  native.sin6_family = AF_INET6;
  native.sin6_port = htons(port);
  native.sin6_addr = address;
  SocketAddress result;
  std::memcpy(result.bytes, &native, sizeof native);
  result.length = sizeof native;
  return result;
}

void set_port(SocketAddress& address, std::uint16_t port) {
  const std::uint16_t network_order = htons(port);
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  std::memcpy(address.bytes + offsetof(sockaddr_in, sin_port), &network_order,
              sizeof network_order);
}

std::optional<SocketAddress> parse_address(std::string_view text, std::uint16_t port) {
  char terminated[INET6_ADDRSTRLEN + 1] = {};
  if (text.empty() || text.size() >= sizeof terminated) return std::nullopt;
  text.copy(terminated, text.size());
  in_addr four{};
  if (inet_pton(AF_INET, terminated, &four) == 1) return to_socket_address(four, port);
  in6_addr six{};
  if (inet_pton(AF_INET6, terminated, &six) == 1) return to_socket_address(six, port);
  return std::nullopt;
}

}  // namespace detail

}  // namespace slsart::net
