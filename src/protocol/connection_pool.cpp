// Hot path: see architecture §9
#include "protocol/connection_pool.h"

#include "protocol/detail/pool_core.h"

namespace slsart::protocol {

struct ConnectionPool::State : detail::PoolCore {
  using PoolCore::PoolCore;
};

ConnectionPool::ConnectionPool(net::Loop& loop, net::Resolver& resolver, net::TlsContext& tls,
                               PoolOptions options)
    : state_(std::make_unique<State>(loop, resolver, tls, std::move(options))) {}

ConnectionPool::~ConnectionPool() = default;

OriginId ConnectionPool::origin(const Origin& origin) {
  return state_->origin(origin);
}

void ConnectionPool::submit(Exchange& exchange, OriginId origin, UserConnections& user) {
  state_->submit(exchange, origin, user);
}

void ConnectionPool::cancel(Exchange& exchange) {
  state_->cancel(exchange);
}

void ConnectionPool::release(UserConnections& user) {
  state_->release(user);
}

void ConnectionPool::close_idle() {
  state_->close_idle();
}

const ConnectionPool::Counters& ConnectionPool::counters() const {
  return state_->counters();
}

}  // namespace slsart::protocol
