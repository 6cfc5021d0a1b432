// Hot path: see architecture §9
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "core/time.h"
#include "net/failure.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/tls_context.h"

namespace slsart::net {

// How long opening took, part by part; zero for a part that was not needed.
struct OpenTimes {
  core::Duration tcp{};
  core::Duration tls{};
};

// What a transport tells its user. Any of these may close the transport, open it again, or have it
// destroyed once the loop's pass is over.
class TransportHandler {
 public:
  virtual ~TransportHandler() = default;
  virtual void on_open(const OpenTimes& times) = 0;
  // Bytes of the peer, valid during the call. `arrived`: when the last of them reached this
  // machine, as far as is known; at most the loop's now(), and not before the last write.
  virtual void on_bytes(std::string_view bytes, core::TimePoint arrived) = 0;
  // More can be written after a write() that took less than offered.
  virtual void on_writable() = 0;
  // Over: opening failed, the peer ended the stream (`failure` is empty) or it broke. The transport
  // is closed already.
  virtual void on_closed(Failure failure) = 0;
};

// What a write took; with a failure the stream cannot take any more, but bytes of the peer may
// still come. EPIPE and ECONNRESET are reported as the system does.
struct Written {
  std::size_t bytes = 0;
  Failure failure;
};

// One stream of bytes to a peer. Used on the loop's thread; may be opened again after it was
// closed.
class Transport {
 public:
  virtual ~Transport() = default;

  // Starts to open: the addresses are tried in their order, then on_open or on_closed is called.
  // on_open may come from inside, when the peer is on this machine; on_closed never does. Returns a
  // failure, and calls nothing, when it could not even begin. `host` is the name (or literal
  // address) that TLS sends and checks. Requires: closed.
  virtual Failure open(std::span<const SocketAddress> addresses, std::string_view host,
                       TransportHandler& handler) = 0;

  // Writes as much of the two pieces as is possible now, by one system call where it can. After
  // less than everything, go on at on_writable() with the same bytes.
  virtual Written write(std::string_view first, std::string_view second) = 0;

  // Ends the stream in the orderly way; nothing is called any more. Harmless when closed.
  virtual void close() = 0;
};

// Addresses of this machine that connections start from, in turn. One thread.
class LocalAddresses {
 public:
  LocalAddresses() = default;  // none
  // Of literal addresses. Errors: one that is none, or that this machine does not have.
  static core::Result<LocalAddresses> make(std::span<const std::string> texts);

  bool is_empty() const { return addresses_.empty(); }
  // The next one of that family; nullptr: there is none.
  const SocketAddress* next(int family);

 private:
  std::vector<SocketAddress> addresses_;
  std::size_t next_ = 0;
};

// `from`: where connections start; nullptr: the system chooses. It must outlive the transport.
std::unique_ptr<Transport> make_tcp_transport(Loop& loop, LocalAddresses* from = nullptr);
// `tls` must outlive the transport.
std::unique_ptr<Transport> make_tls_transport(Loop& loop, TlsContext& tls,
                                              LocalAddresses* from = nullptr);

}  // namespace slsart::net
