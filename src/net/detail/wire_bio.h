#pragma once

#include "net/detail/socket_reader.h"

struct bio_st;

namespace slsart::net::detail {

// The socket under a TLS connection, as its BIO sees it. OpenSSL's own socket BIO would raise
// SIGPIPE and does not tell whether a read has emptied the socket.
struct Wire {
  int descriptor = -1;
  SocketReader* reader = nullptr;
  int error = 0;            // errno of the last failed call
  bool has_ended = false;   // the peer has closed its direction
  bool is_drained = false;  // the last read got less than it asked for
};

// A BIO over `wire`, which must outlive it. Null when memory is used up.
bio_st* make_wire_bio(Wire& wire);

}  // namespace slsart::net::detail
