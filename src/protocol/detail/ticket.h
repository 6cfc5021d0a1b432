// Hot path: see architecture §9
#pragma once

#include "net/loop.h"
#include "protocol/connection_pool.h"
#include "protocol/detail/list.h"

namespace slsart::protocol::detail {

class Connection;
struct Group;

// One exchange under way, from submit() to on_end(). Lives in the pool's free list between times
// with its timer still armed, so that a request that ends in time never touches the timer heap.
struct Ticket {
  Ticket(net::Timer::Callback on_deadline) : deadline(on_deadline, this) {}  // NOLINT(*-explicit-*)

  Exchange* exchange = nullptr;      // null: free
  Group* group = nullptr;            // whose connections it may use
  Connection* connection = nullptr;  // null: waits in the group's line
  OriginId origin;
  bool is_reused = false;  // given a connection that had been idle
  bool was_retried = false;
  void* pool = nullptr;
  net::Timer deadline;  // may be due before the exchange's own deadline: looked at when it fires
  Ticket* previous = nullptr;
  Ticket* next = nullptr;
};

// Connections that may serve each other's exchanges: those of one user, or of one shared origin.
struct Group {
  List<Connection> idle;
  List<Connection> busy;  // opening or carrying an exchange
  List<Ticket> line;      // exchanges that wait, the longest first
  std::uint32_t limit_per_origin = 1;
  bool is_one_origin = false;  // shared: everything here is of the same origin
};

}  // namespace slsart::protocol::detail
