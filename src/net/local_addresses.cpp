#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/detail/address.h"
#include "net/transport.h"

namespace slsart::net {
namespace {

// Whether this machine may use the address: asked of the kernel by binding to it.
bool is_ours(const SocketAddress& address) {
  const int descriptor = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const bool bound =
      bind(descriptor, reinterpret_cast<const sockaddr*>(address.bytes), address.length) == 0;
  close(descriptor);
  return bound;
}

}  // namespace

core::Result<LocalAddresses> LocalAddresses::make(std::span<const std::string> texts) {
  LocalAddresses result;
  for (const std::string& text : texts) {
    const auto address = detail::parse_address(text, 0);
    if (!address || !is_ours(*address)) {
      return core::Error{
          .code = core::ErrorCode::kInvalidInput,
          .message = "cannot connect from " + text + ": this machine has no such address",
          .hint = "config.http.localAddresses may hold what `ip address` shows",
          .offset = {}};
    }
    result.addresses_.push_back(*address);
  }
  return result;
}

const SocketAddress* LocalAddresses::next(int family) {
  for (std::size_t tried = 0; tried < addresses_.size(); ++tried) {
    const SocketAddress& address = addresses_[next_++ % addresses_.size()];
    if (address.family() == family) return &address;
  }
  return nullptr;
}

}  // namespace slsart::net
