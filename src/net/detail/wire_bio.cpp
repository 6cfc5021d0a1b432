#include "net/detail/wire_bio.h"

#include <openssl/bio.h>
#include <cerrno>

#include "net/detail/socket_calls.h"

namespace slsart::net::detail {

namespace {

Wire& wire_of(BIO* bio) {
  return *static_cast<Wire*>(BIO_get_data(bio));
}

int read_wire(BIO* bio, char* buffer, int size) {
  Wire& wire = wire_of(bio);
  BIO_clear_retry_flags(bio);
  const ssize_t got = wire.reader->read(buffer, static_cast<std::size_t>(size));
  wire.is_drained = got < size;
  wire.has_ended = got == 0;
  if (got < 0 && errno == EAGAIN) {
    BIO_set_retry_read(bio);
  } else if (got < 0) {
    wire.error = errno;
  }
  return static_cast<int>(got);
}

int write_wire(BIO* bio, const char* bytes, int size) {
  Wire& wire = wire_of(bio);
  BIO_clear_retry_flags(bio);
  const ssize_t sent = send_bytes(wire.descriptor, {bytes, static_cast<std::size_t>(size)});
  if (sent < 0 && errno == EAGAIN) {
    BIO_set_retry_write(bio);
  } else if (sent < 0) {
    wire.error = errno;
  }
  return static_cast<int>(sent);
}

long control_wire(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return wire_of(bio).has_ended ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "slsart wire");
  BIO_meth_set_read(method, read_wire);
  BIO_meth_set_write(method, write_wire);
  BIO_meth_set_ctrl(method, control_wire);
  return method;
}

}  // namespace

BIO* make_wire_bio(Wire& wire) {
  static BIO_METHOD* const method = make_method();  // a table of functions, for the whole process
  BIO* bio = BIO_new(method);
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace slsart::net::detail
