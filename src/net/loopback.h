#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/loop.h"
#include "net/transport.h"

namespace slsart::net {

// The far end of one in-memory connection, for tests: it hears what was written and scripts what
// comes back, faults included. What it orders happens in later passes of the loop, in that order.
class LoopbackPeer {
 public:
  virtual ~LoopbackPeer() = default;
  virtual void send(std::string_view bytes) = 0;
  virtual void end() = 0;              // orderly end of the stream
  virtual void fail(int code) = 0;     // broken, with this errno
  virtual int connection() const = 0;  // 0 for the first that was opened
};

// Makes in-memory transports. Outlives them.
struct Loopback {
  // Called after each write with everything the client wrote on that connection since the last
  // call.
  std::function<void(LoopbackPeer& peer, std::string_view bytes)> on_bytes;
  std::deque<int> refusals;  // errno of the next openings, told by on_closed; 0: it succeeds
  std::deque<int> immediate_refusals;   // the same, returned by open()
  std::size_t piece_bytes = 64 * 1024;  // what is sent arrives in pieces of at most this size
  std::size_t write_limit = SIZE_MAX;   // bytes one write takes
  core::Duration waited{};  // what arrives did so this long ago, but after the last write
  int write_failure = 0;    // errno of every write from now on
  bool never_opens = false;
  int opened = 0;  // connections so far
  int closed_by_us = 0;

  std::unique_ptr<Transport> make(Loop& loop);
};

}  // namespace slsart::net
