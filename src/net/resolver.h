#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "net/failure.h"
#include "net/loop.h"

namespace slsart::net {

// An address to connect to (IPv4 or IPv6 with port), as bytes of a sockaddr.
struct SocketAddress {
  alignas(8) unsigned char bytes[28] = {};
  std::uint32_t length = 0;
  int family() const;
};

struct Resolution {
  std::vector<SocketAddress> addresses;  // in the order to be tried
  Failure failure;                       // kDns when there are none
};

// Names to addresses by c-ares on the worker's loop. A question that no server answers fails after
// five seconds with ARES_ETIMEOUT, one that all refuse (or that cannot be asked, for want of
// servers) with ARES_ECONNREFUSED, an unknown name with ARES_ENOTFOUND or ARES_ENODATA. Answers are
// cached for their time to live (bounded by 1 s and 60 s), failures not at all; equal questions in
// flight share one query. Literal addresses and localhost never ask. Honours /etc/hosts and
// /etc/resolv.conf; for tests the servers may be given as "127.0.0.1:5353".
class Resolver {
 public:
  struct Options {
    std::string servers;  // empty: the system's; SLSART_DNS_SERVERS fills it in `cli`
  };
  static core::Result<std::unique_ptr<Resolver>> make(Loop& loop, Options options);
  ~Resolver();

  using Callback = void (*)(void* owner, const Resolution& resolution);
  // Calls back exactly once, possibly from inside. The token cancels; 0: already answered.
  std::uint64_t resolve(std::string_view host, std::uint16_t port, Callback callback, void* owner);
  void cancel(std::uint64_t token);

 private:
  Resolver();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace slsart::net
