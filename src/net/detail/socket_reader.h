// Hot path: see architecture §9
#pragma once

#include <algorithm>

#include "core/time.h"
#include "net/detail/socket_calls.h"
#include "net/loop.h"

namespace slsart::net::detail {

// Reads a stream's socket and tells when what it read had come: usually the loop's clock at its
// event; where the bytes may have waited meanwhile (Loop::may_be_late()) the time stamp that the
// kernel put on them, the last one's of those read by one call.
class SocketReader {
 public:
  explicit SocketReader(Loop& loop) : loop_(loop) {}

  // Another socket from now on.
  void attach(int descriptor) {
    descriptor_ = descriptor;
    asks_ = false;
    arrived_ = loop_.now();
  }
  // Nothing that is read from now on is taken for older than this moment's event: an answer does
  // not come before its request.
  void wrote() { arrived_ = loop_.now(); }

  // As receive_bytes().
  ssize_t read(char* into, std::size_t size) {
    if (loop_.may_be_late()) return read_stamped(into, size);
    arrived_ = loop_.now();
    return receive_bytes(descriptor_, into, size);
  }
  // Of the last read. Never goes back.
  core::TimePoint arrived() const { return arrived_; }

 private:
  ssize_t read_stamped(char* into, std::size_t size);

  Loop& loop_;
  int descriptor_ = -1;
  bool asks_ = false;  // the socket was told to hand over stamps
  core::TimePoint arrived_{};
};

}  // namespace slsart::net::detail
