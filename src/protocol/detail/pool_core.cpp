// Hot path: see architecture §9
#include "protocol/detail/pool_core.h"

#include <algorithm>
#include <cerrno>

#include "core/check.h"
#include "net/transport.h"

namespace slsart::protocol::detail {

PoolCore::PoolCore(net::Loop& loop, net::Resolver& resolver, net::TlsContext& tls,
                   PoolOptions options)
    : loop_(loop),
      resolver_(resolver),
      tls_(tls),
      options_(std::move(options)),
      report_timer_([](void* self) { static_cast<PoolCore*>(self)->deliver_reports(); }, this) {
  options_.per_user_limit = std::max(options_.per_user_limit, 1u);
}

PoolCore::~PoolCore() {
  for (Connection& connection : connections_) connection.close();
}

OriginId PoolCore::origin(const Origin& origin) {
  const auto [entry, is_new] =
      origin_ids_.try_emplace(origin, static_cast<std::uint32_t>(origins_.size()));
  if (is_new) {
    origins_.push_back(&entry->first);
    if (options_.shared > 0) {
      shared_groups_.emplace_back();
      shared_groups_.back().limit_per_origin = options_.shared;
      shared_groups_.back().is_one_origin = true;
    }
  }
  return {entry->second};
}

// -- an exchange begins

void PoolCore::submit(Exchange& exchange, OriginId origin, UserConnections& user) {
  SLSART_DCHECK(exchange.pool_state == nullptr && exchange.handler != nullptr);
  Ticket& ticket = take_ticket();
  ticket.exchange = &exchange;
  ticket.origin = origin;
  ticket.was_retried = false;
  Group& group = group_of(origin, user);
  ticket.group = &group;
  exchange.pool_state = &ticket;
  exchange.status = 0;
  exchange.failure = {};
  exchange.body_bytes = 0;
  exchange.wire_bytes = 0;
  exchange.connection_reused = false;
  exchange.times = {};
  // Many exchanges may be started for one event: each has its own reading.
  exchange.times.submitted = loop_.refresh();
  arm_deadline(ticket);

  if (Connection* connection = find_idle(group, origin)) {
    group.idle.remove(*connection);
    group.busy.push_back(*connection);
    ticket.is_reused = true;
    connection->carry(ticket);
  } else if (has_room(group, origin)) {
    open_for(ticket);
  } else {
    group.line.push_back(ticket);
  }
}

Group& PoolCore::group_of(OriginId origin, UserConnections& user) {
  if (options_.shared > 0) return shared_groups_[origin.index];
  if (user.first != nullptr) return *static_cast<Group*>(user.first);
  if (free_groups_.empty()) {
    groups_.emplace_back().limit_per_origin = options_.per_user_limit;
    free_groups_.push_back(&groups_.back());
  }
  Group& group = *free_groups_.back();
  free_groups_.pop_back();
  user.first = &group;
  return group;
}

// The one used last: it is the least likely to have been closed meanwhile.
Connection* PoolCore::find_idle(Group& group, OriginId origin) const {
  for (Connection* c = group.idle.last(); c != nullptr; c = c->previous) {
    if (c->origin == origin) return c;
  }
  return nullptr;
}

bool PoolCore::has_room(const Group& group, OriginId origin) const {
  if (group.is_one_origin) return group.idle.size() + group.busy.size() < group.limit_per_origin;
  std::uint32_t count = 0;
  for (const auto* list : {&group.idle, &group.busy}) {
    for (const Connection* c = list->first(); c != nullptr; c = c->next) {
      count += c->origin == origin ? 1 : 0;
    }
  }
  return count < group.limit_per_origin;
}

std::unique_ptr<net::Transport> PoolCore::make_transport(Scheme scheme) {
  if (options_.make_transport) return options_.make_transport(scheme);
  net::LocalAddresses* const local = options_.local.is_empty() ? nullptr : &options_.local;
  return scheme == Scheme::kHttps ? net::make_tls_transport(loop_, tls_, local)
                                  : net::make_tcp_transport(loop_, local);
}

void PoolCore::open_for(Ticket& ticket) {
  const Origin& to = *origins_[ticket.origin.index];
  auto& free = free_connections_[static_cast<std::size_t>(to.scheme)];
  if (free.empty()) {
    Connection& made = connections_.emplace_back(*this, loop_, scratch_, make_transport(to.scheme));
    made.scheme = to.scheme;
    free.push_back(&made);
  }
  Connection& connection = *free.back();
  free.pop_back();
  connection.group = ticket.group;
  connection.origin = ticket.origin;
  ticket.group->busy.push_back(connection);
  connection.open(to, ticket);
}

// -- a connection changes

void PoolCore::became_idle(Connection& connection) {
  Group& group = *connection.group;
  if (options_.new_each_time) {
    group.busy.remove(connection);
    group.idle.push_back(connection);
    return discard(connection);
  }
  for (Ticket* ticket = group.line.first(); ticket != nullptr; ticket = ticket->next) {
    if (ticket->origin != connection.origin) continue;
    group.line.remove(*ticket);
    ticket->is_reused = true;
    return connection.carry(*ticket);
  }
  group.busy.remove(connection);
  group.idle.push_back(connection);
}

void PoolCore::recycle(Connection& connection) {
  Group& group = *connection.group;
  (connection.is_idle() ? group.idle : group.busy).remove(connection);
  connection.close();
  connection.group = nullptr;
  free_connections_[static_cast<std::size_t>(connection.scheme)].push_back(&connection);
}

void PoolCore::discard(Connection& connection) {
  Group& group = *connection.group;
  recycle(connection);
  serve_line(group);
}

void PoolCore::retry(Connection& connection, Ticket& ticket) {
  Group& group = *connection.group;
  recycle(connection);
  ticket.was_retried = true;
  Exchange& exchange = *ticket.exchange;
  exchange.times = {.submitted = exchange.times.submitted};
  open_for(ticket);
  serve_line(group);
}

// Opens what those who wait may have, now that there is room.
void PoolCore::serve_line(Group& group) {
  Ticket* ticket = group.line.first();
  while (ticket != nullptr) {
    Ticket* const following = ticket->next;
    if (has_room(group, ticket->origin)) {
      group.line.remove(*ticket);
      open_for(*ticket);
    } else if (group.is_one_origin) {
      return;
    }
    ticket = following;
  }
}

void PoolCore::report_later(Connection& connection, net::Failure failure) {
  reports_.push_back({&connection, connection.epoch(), failure});
  if (!report_timer_.is_armed()) loop_.arm(report_timer_, loop_.now());
}

void PoolCore::deliver_reports() {
  reports_in_delivery_.swap(reports_);
  for (const Report& report : reports_in_delivery_) {
    if (report.epoch == report.connection->epoch()) report.connection->hear(report.failure);
  }
  reports_in_delivery_.clear();
}

void PoolCore::count_failed_opening(net::Failure failure) {
  if (failure.domain != net::FailureDomain::kSystem) return;
  const int ours[] = {EMFILE, ENFILE, EADDRNOTAVAIL, EAGAIN, ENOBUFS, ENOMEM};
  if (std::ranges::find(ours, failure.code) != std::end(ours)) ++counters_.refused_by_us;
}

// -- an exchange ends

void PoolCore::finish(Ticket& ticket, std::string_view body) {
  Exchange& exchange = *ticket.exchange;
  free_ticket(ticket);
  exchange.handler->on_end(exchange, body);
}

void PoolCore::cancel(Exchange& exchange) {
  if (exchange.pool_state == nullptr) return;
  Ticket& ticket = *static_cast<Ticket*>(exchange.pool_state);
  Connection* const connection = ticket.connection;
  if (connection == nullptr) {
    ticket.group->line.remove(ticket);
    free_ticket(ticket);
  } else {
    free_ticket(ticket);
    discard(*connection);
  }
}

void PoolCore::release(UserConnections& user) {
  if (user.first == nullptr) return;
  Group& group = *static_cast<Group*>(user.first);
  user.first = nullptr;
  while (Ticket* ticket = group.line.pop_back()) free_ticket(*ticket);
  while (Connection* connection = group.busy.last()) {
    free_ticket(connection->ticket());
    recycle(*connection);
  }
  while (Connection* connection = group.idle.last()) recycle(*connection);
  free_groups_.push_back(&group);
}

void PoolCore::close_idle() {
  for (Connection& connection : connections_) {
    if (connection.is_idle()) recycle(connection);
  }
}

// -- tickets and deadlines

Ticket& PoolCore::take_ticket() {
  if (Ticket* ticket = free_tickets_.pop_back()) return *ticket;
  Ticket& ticket = tickets_.emplace_back([](void* self) {
    Ticket& due = *static_cast<Ticket*>(self);
    static_cast<PoolCore*>(due.pool)->deadline_passed(due);
  });
  ticket.pool = this;
  return ticket;
}

void PoolCore::free_ticket(Ticket& ticket) {
  ticket.exchange->pool_state = nullptr;
  ticket.exchange = nullptr;
  ticket.connection = nullptr;
  ticket.group = nullptr;
  free_tickets_.push_back(ticket);
}

void PoolCore::arm_deadline(Ticket& ticket) {
  const core::TimePoint deadline = ticket.exchange->deadline;
  if (deadline == core::TimePoint{}) return;
  // A timer left from an earlier exchange fires before this deadline and is then set right.
  if (ticket.deadline.is_armed() && ticket.deadline.due() <= deadline) return;
  loop_.arm(ticket.deadline, deadline);
}

void PoolCore::deadline_passed(Ticket& ticket) {
  if (ticket.exchange == nullptr || ticket.exchange->deadline == core::TimePoint{}) return;
  if (loop_.now() < ticket.exchange->deadline) {
    loop_.arm(ticket.deadline, ticket.exchange->deadline);
    return;
  }
  const net::Failure failure{net::FailureDomain::kTimeout, 0};
  if (ticket.connection != nullptr) return ticket.connection->fail(failure);
  ticket.group->line.remove(ticket);
  ticket.exchange->failure = failure;
  ticket.exchange->times.end = loop_.now();
  finish(ticket, {});
}

}  // namespace slsart::protocol::detail
