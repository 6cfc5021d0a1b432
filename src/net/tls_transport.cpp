// Hot path: see architecture §9
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "core/check.h"
#include "net/detail/address.h"
#include "net/detail/dialer.h"
#include "net/detail/wire_bio.h"
#include "net/transport.h"

namespace slsart::net {

namespace {

using detail::Dialer;
using detail::system_failure;

constexpr int kMostReadsPerEvent = 64;           // of at most a record each
constexpr std::size_t kRecordBytes = 16 * 1024;  // the most one record carries

class TlsTransport final : public Transport, private Watcher {
 public:
  TlsTransport(Loop& loop, TlsContext& context, LocalAddresses* from)
      : loop_(loop), context_(context), dialer_(loop, from), reader_(loop) {}
  ~TlsTransport() override { tear_down(Farewell::kSay); }

  Failure open(std::span<const SocketAddress> addresses, std::string_view host,
               TransportHandler& handler) override;
  Written write(std::string_view first, std::string_view second) override;
  void close() override { tear_down(Farewell::kSay); }

 private:
  enum class State : std::uint8_t { kClosed, kConnecting, kHandshake, kOpen };

  struct Handshake {
    bool is_over = false;
    Failure failure;
  };

  void on_ready(Readiness readiness) override;
  Failure begin_handshake();
  Handshake shake_hands();
  bool go_on_with_handshake();
  void opened();
  bool read_all(bool until_end);
  int name_peer();
  Failure failure_of(int result) const;
  enum class Farewell { kSay, kSkip };
  void tear_down(Farewell farewell);
  void closed(Failure failure) {
    tear_down(failure ? Farewell::kSkip : Farewell::kSay);
    handler_->on_closed(failure);
  }

  Loop& loop_;
  TlsContext& context_;
  Dialer dialer_;
  detail::SocketReader reader_;
  detail::Wire wire_;
  SSL* ssl_ = nullptr;
  TransportHandler* handler_ = nullptr;
  std::string name_;  // sent and checked
  State state_ = State::kClosed;
  std::uint32_t epoch_ = 0;  // counts close(): a callback may have closed, even opened again
  bool wants_write_ = false;
  core::TimePoint handshake_start_{};
};

Failure TlsTransport::open(std::span<const SocketAddress> addresses, std::string_view host,
                           TransportHandler& handler) {
  SLSART_DCHECK(state_ == State::kClosed);
  handler_ = &handler;
  name_ = context_.options().server_name.empty() ? host : context_.options().server_name;
  if (name_.ends_with('.')) name_.pop_back();
  wants_write_ = false;
  const Dialer::Progress progress = dialer_.start(addresses, *this);
  if (progress == Dialer::Progress::kFailed) return dialer_.failure();
  state_ = State::kConnecting;
  if (progress != Dialer::Progress::kConnected) return {};
  // The first half of the handshake; all of it, when a peer on this machine answers that quickly.
  // No event would come for what has been read here.
  loop_.refresh();
  Handshake handshake{.is_over = false, .failure = begin_handshake()};
  if (!handshake.failure) handshake = shake_hands();
  if (handshake.failure) tear_down(Farewell::kSkip);
  if (handshake.is_over) opened();
  return handshake.failure;
}

void TlsTransport::tear_down(Farewell farewell) {
  ++epoch_;
  // close_notify; nobody waits for the answer.
  if (state_ == State::kOpen && farewell == Farewell::kSay) SSL_shutdown(ssl_);
  SSL_free(ssl_);
  ssl_ = nullptr;
  ERR_clear_error();
  state_ = State::kClosed;
  dialer_.close();
}

// -- opening

Failure TlsTransport::begin_handshake() {
  handshake_start_ = loop_.now();
  reader_.attach(dialer_.descriptor());
  wire_ = {.descriptor = dialer_.descriptor(), .reader = &reader_};
  ssl_ = SSL_new(context_.native());
  BIO* bio = ssl_ == nullptr ? nullptr : detail::make_wire_bio(wire_);
  if (bio == nullptr) return system_failure(ENOMEM);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_connect_state(ssl_);
  // A name no certificate can have.
  if (name_peer() != 1) return {FailureDomain::kTls, X509_V_ERR_HOSTNAME_MISMATCH};
  state_ = State::kHandshake;
  return {};
}

// Tells the peer whom we want (RFC 6066 §3: names only) and OpenSSL whom the certificate must name.
int TlsTransport::name_peer() {
  const bool is_address = detail::parse_address(name_, 0).has_value();
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address) return X509_VERIFY_PARAM_set1_ip_asc(parameters, name_.c_str());
  if (SSL_set_tlsext_host_name(ssl_, name_.c_str()) != 1) return 0;
  return X509_VERIFY_PARAM_set1_host(parameters, name_.data(), name_.size());
}

// Takes the handshake as far as the bytes that are there allow.
TlsTransport::Handshake TlsTransport::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return {.is_over = true, .failure = {}};
  const int error = SSL_get_error(ssl_, result);
  if (error == SSL_ERROR_WANT_WRITE) dialer_.watch_both();
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return {};
  const Failure failure = failure_of(result);
  return {.is_over = false, .failure = failure ? failure : system_failure(ECONNRESET)};
}

// True when the transport is open and still is after on_open.
bool TlsTransport::go_on_with_handshake() {
  const Handshake handshake = shake_hands();
  if (handshake.failure) closed(handshake.failure);
  if (!handshake.is_over) return false;
  const std::uint32_t epoch = epoch_;
  opened();
  return epoch == epoch_;
}

void TlsTransport::opened() {
  state_ = State::kOpen;
  const core::TimePoint now = loop_.refresh();  // the handshake's arithmetic took its time
  handler_->on_open({.tcp = handshake_start_ - dialer_.started(), .tls = now - handshake_start_});
}

// Why a call failed for good; empty: the peer ended the stream.
Failure TlsTransport::failure_of(int result) const {
  const int error = SSL_get_error(ssl_, result);
  if (error == SSL_ERROR_ZERO_RETURN) return {};
  if (wire_.error != 0) return system_failure(wire_.error);
  if (wire_.has_ended) return {};
  const long verified = SSL_get_verify_result(ssl_);
  const bool is_refused = verified != X509_V_OK && context_.options().verify_peer;
  return {FailureDomain::kTls, is_refused ? static_cast<std::int32_t>(verified) : 0};
}

// -- bytes

void TlsTransport::on_ready(Readiness readiness) {
  if (state_ == State::kConnecting) {
    const Dialer::Progress progress = dialer_.proceed();
    if (progress == Dialer::Progress::kFailed) return closed(dialer_.failure());
    if (progress != Dialer::Progress::kConnected) return;
    if (const Failure failure = begin_handshake()) return closed(failure);
  }
  if (state_ == State::kHandshake && !go_on_with_handshake()) return;
  const bool is_over = readiness.hang_up || readiness.error;
  // Bytes may have come with the handshake, too: always look.
  if (!read_all(is_over)) return;
  if (wants_write_) {
    wants_write_ = false;
    handler_->on_writable();
  }
}

// False when the transport was closed meanwhile.
bool TlsTransport::read_all(bool until_end) {
  const std::span<char> buffer = loop_.read_buffer();
  const std::uint32_t epoch = epoch_;
  wire_.is_drained = false;
  for (int reads = 0; reads < kMostReadsPerEvent; ++reads) {
    if (wire_.is_drained && !until_end && SSL_has_pending(ssl_) == 0) return true;
    ERR_clear_error();
    const int got = SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()));
    if (got > 0) {
      handler_->on_bytes({buffer.data(), static_cast<std::size_t>(got)}, reader_.arrived());
      if (epoch != epoch_) return false;
      continue;
    }
    const int error = SSL_get_error(ssl_, got);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return true;
    closed(failure_of(got));
    return false;
  }
  loop_.recheck(dialer_.descriptor(), *this);
  return true;
}

// Head and body go out in common records. OpenSSL wants an interrupted record's bytes again: the
// pieces are cut at the same places when the caller goes on with the same bytes.
Written TlsTransport::write(std::string_view first, std::string_view second) {
  Written written;
  if (state_ != State::kOpen) return {.bytes = 0, .failure = system_failure(ENOTCONN)};
  reader_.wrote();
  char joined[kRecordBytes];
  while (!first.empty() || !second.empty()) {
    std::string_view piece = first.empty() ? second : first;
    if (!first.empty() && !second.empty() && first.size() < kRecordBytes) {
      const std::size_t more = std::min(second.size(), kRecordBytes - first.size());
      first.copy(joined, first.size());
      second.copy(joined + first.size(), more);
      piece = {joined, first.size() + more};
    }
    ERR_clear_error();
    const int taken =
        SSL_write(ssl_, piece.data(), static_cast<int>(std::min(piece.size(), kRecordBytes)));
    if (taken <= 0) {
      const int error = SSL_get_error(ssl_, taken);
      wants_write_ = error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ;
      if (wants_write_) dialer_.watch_both();
      if (!wants_write_) written.failure = failure_of(taken);
      if (!wants_write_ && !written.failure) written.failure = system_failure(EPIPE);
      return written;
    }
    const auto bytes = static_cast<std::size_t>(taken);
    written.bytes += bytes;
    const std::size_t of_first = std::min(bytes, first.size());
    first.remove_prefix(of_first);
    second.remove_prefix(bytes - of_first);
  }
  return written;
}

}  // namespace

std::unique_ptr<Transport> make_tls_transport(Loop& loop, TlsContext& tls, LocalAddresses* from) {
  return std::make_unique<TlsTransport>(loop, tls, from);
}

}  // namespace slsart::net
