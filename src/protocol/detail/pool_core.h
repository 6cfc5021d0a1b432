// Hot path: see architecture §9
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/loop.h"
#include "net/resolver.h"
#include "net/tls_context.h"
#include "protocol/connection.h"
#include "protocol/connection_pool.h"
#include "protocol/detail/ticket.h"
#include "protocol/http1/http1_session.h"

namespace slsart::protocol::detail {

struct OriginHash {
  std::size_t operator()(const Origin& origin) const {
    const std::size_t rest = static_cast<std::size_t>(origin.port) << 1 |
                             static_cast<std::size_t>(origin.scheme == Scheme::kHttps);
    return std::hash<std::string>()(origin.host) ^ rest * 0x9e3779b97f4a7c15u;
  }
};

// What the pool's connections and its public face share: who is idle, who waits, what is free.
class PoolCore {
 public:
  PoolCore(net::Loop& loop, net::Resolver& resolver, net::TlsContext& tls, PoolOptions options);
  ~PoolCore();

  // -- for ConnectionPool
  OriginId origin(const Origin& origin);
  void submit(Exchange& exchange, OriginId origin, UserConnections& user);
  void cancel(Exchange& exchange);
  void release(UserConnections& user);
  void close_idle();

  // -- for Connection
  const PoolOptions& options() const { return options_; }
  net::Resolver& resolver() { return resolver_; }
  // The connection has finished its exchange and takes the next one of the line, or is put aside.
  void became_idle(Connection& connection);
  // Closes it and gives its place to the line.
  void discard(Connection& connection);
  // Closes it and sends the ticket's exchange again on a new one.
  void retry(Connection& connection, Ticket& ticket);
  // Lets the connection hear of the failure in the loop's next pass.
  void report_later(Connection& connection, net::Failure failure);
  // The exchange is over; its result is filled in.
  void finish(Ticket& ticket, std::string_view body);
  void count_open() {
    ++counters_.opened;
    ++counters_.open_now;
  }
  void count_closed() { --counters_.open_now; }
  void count_failed_opening(net::Failure failure);

  const ConnectionPool::Counters& counters() const { return counters_; }

 private:
  struct Report {
    Connection* connection;
    std::uint32_t epoch;  // stale when the connection has closed since
    net::Failure failure;
  };

  Ticket& take_ticket();
  void free_ticket(Ticket& ticket);
  Group& group_of(OriginId origin, UserConnections& user);
  Connection* find_idle(Group& group, OriginId origin) const;
  bool has_room(const Group& group, OriginId origin) const;
  void open_for(Ticket& ticket);
  void recycle(Connection& connection);
  void serve_line(Group& group);
  void arm_deadline(Ticket& ticket);
  void deadline_passed(Ticket& ticket);
  void deliver_reports();
  std::unique_ptr<net::Transport> make_transport(Scheme scheme);

  net::Loop& loop_;
  net::Resolver& resolver_;
  net::TlsContext& tls_;
  PoolOptions options_;
  ConnectionPool::Counters counters_;
  http1::Scratch scratch_;

  std::unordered_map<Origin, std::uint32_t, OriginHash> origin_ids_;
  std::vector<const Origin*> origins_;  // by id, keys of origin_ids_
  std::deque<Group> shared_groups_;     // by id, with shared connections

  std::deque<Connection> connections_;
  std::vector<Connection*> free_connections_[2];  // by scheme
  std::deque<Ticket> tickets_;
  List<Ticket> free_tickets_;
  std::deque<Group> groups_;
  std::vector<Group*> free_groups_;

  std::vector<Report> reports_;
  std::vector<Report> reports_in_delivery_;
  net::Timer report_timer_;
};

}  // namespace slsart::protocol::detail
