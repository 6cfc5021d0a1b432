#include "net/transport.h"
namespace slsart::net {
std::unique_ptr<Transport> make_tls_transport(Loop& loop, TlsContext&) {
  return make_tcp_transport(loop);
}
}  // namespace slsart::net
