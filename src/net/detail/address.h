#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "net/resolver.h"

namespace slsart::net::detail {

SocketAddress to_socket_address(const in_addr& address, std::uint16_t port);
SocketAddress to_socket_address(const in6_addr& address, std::uint16_t port);
void set_port(SocketAddress& address, std::uint16_t port);

// A literal IPv4 or IPv6 address (without brackets); nothing else.
std::optional<SocketAddress> parse_address(std::string_view text, std::uint16_t port);

}  // namespace slsart::net::detail
