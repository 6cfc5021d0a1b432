#pragma once

#include <memory>
#include <string>

#include "core/result.h"

struct ssl_ctx_st;

namespace slsart::net {

struct TlsOptions {
  bool verify_peer = true;
  std::string ca;  // PEM; empty: the system's bundle, found where Debian, Amazon Linux, Fedora and
                   // Alpine keep it, or by SSL_CERT_FILE
  std::string certificate;  // PEM, the client's
  std::string key;          // PEM
  std::string pkcs12;       // instead of certificate and key
  std::string passphrase;
  std::string server_name;  // overrides the name sent and checked; empty: the host
};

// What all TLS connections of a process have in common. Made once, shared by workers (OpenSSL
// counts references itself). Loading the CA bundle happens at the first TLS connection, not before.
class TlsContext {
 public:
  // Errors: a certificate or key that cannot be read, no CA bundle found (hint names the places).
  static core::Result<std::unique_ptr<TlsContext>> make(TlsOptions options);
  ~TlsContext();

  const TlsOptions& options() const { return options_; }
  ssl_ctx_st* native();  // any thread

 private:
  TlsContext() = default;
  TlsOptions options_;
  ssl_ctx_st* context_ = nullptr;
};

}  // namespace slsart::net
