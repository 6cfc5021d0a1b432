#pragma once

#include <memory>
#include <mutex>
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

// What all TLS connections of a process have in common: TLS 1.2 or later, ALPN http/1.1, no session
// is resumed. Made once, shared by workers (OpenSSL counts references itself). OpenSSL's
// configuration file and compiled-in directories are not used.
class TlsContext {
 public:
  // Errors: a certificate, key or CA that cannot be read, a key that does not fit its certificate.
  // What the options give is loaded now; the system's CA bundle at the first TLS connection, not
  // before.
  static core::Result<std::unique_ptr<TlsContext>> make(TlsOptions options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // Loads the CA bundle now, if it is needed. Errors: none found (the hint names the places);
  // connections then fail with X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY. Any thread.
  core::Result<void> prepare();

  const TlsOptions& options() const { return options_; }
  ssl_ctx_st* native();  // prepared; any thread

 private:
  TlsContext() = default;
  core::Result<void> load_given();
  core::Result<void> load_bundle();

  TlsOptions options_;
  ssl_ctx_st* context_ = nullptr;
  std::once_flag prepared_;
  std::string missing_;  // why no bundle could be loaded
};

}  // namespace slsart::net
