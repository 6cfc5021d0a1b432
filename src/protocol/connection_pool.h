// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/result.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/tls_context.h"
#include "net/transport.h"
#include "protocol/exchange.h"
#include "protocol/url.h"

namespace slsart::protocol {

// Index of an origin (scheme, host, port) of a pool.
struct OriginId {
  std::uint32_t index = 0;
  friend bool operator==(OriginId, OriginId) = default;
};

// The connections one virtual user has: at most `per_user_limit` per origin. Empty until its first
// request. Must be released before it is destroyed.
struct UserConnections {
  void* first = nullptr;  // the pool's list
};

struct PoolOptions {
  std::uint32_t shared = 0;  // connections per origin shared by all users of this pool; 0: each
                             // user has its own
  std::uint32_t per_user_limit = 1;  // without sharing
  net::LocalAddresses local;         // to connect from; none: the system chooses
  bool new_each_time = false;        // no connection carries a second exchange
  core::Duration connect_timeout{};  // 0: only the exchange's deadline; passes as kTimeout
  // Makes the transports; empty: TCP and TLS. Tests put net::Loopback here.
  std::function<std::unique_ptr<net::Transport>(Scheme)> make_transport;
};

// Gives exchanges their connections and moves bytes between session and transport. One per worker,
// used on its loop's thread.
//
// An exchange that finds no free connection waits in line (first come, first served). A failure of
// an idle connection is nobody's; it is dropped. When a reused connection turns out closed before
// any byte of the answer, an idempotent exchange is sent again once on a new connection.
class ConnectionPool {
 public:
  // Requires: all references outlive the pool.
  ConnectionPool(net::Loop& loop, net::Resolver& resolver, net::TlsContext& tls,
                 PoolOptions options);
  ~ConnectionPool();

  // The id of an origin, made when first asked for. Allocates only then.
  OriginId origin(const Origin& origin);

  // Starts an exchange. on_end is never called from inside submit().
  void submit(Exchange& exchange, OriginId origin, UserConnections& user);
  // Gives up an exchange that is under way: its connection is closed; on_end is not called.
  void cancel(Exchange& exchange);
  // The user is over: its connections are closed in the orderly way.
  void release(UserConnections& user);
  // Closes every connection that is not carrying an exchange.
  void close_idle();

  struct Counters {
    std::uint64_t opened = 0;  // connections that became usable
    std::uint64_t refused_by_us =
        0;  // could not be opened for want of ports or descriptors of ours
    std::uint32_t open_now = 0;
  };
  const Counters& counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace slsart::protocol
