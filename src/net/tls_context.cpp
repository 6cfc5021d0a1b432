#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cstdlib>

#include "core/check.h"

namespace slsart::net {

namespace {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Pkcs12Ptr = std::unique_ptr<PKCS12, Freer<PKCS12_free>>;

// Where systems keep their bundle: Debian and Alpine, Amazon Linux and Fedora (old and new), SUSE,
// Alpine's alias.
constexpr const char* kBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

core::Error tls_error(std::string message, std::string hint) {
  const unsigned long code = ERR_get_error();
  if (code != 0) {
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    message += ": " + std::string(text);
  }
  ERR_clear_error();
  return {.code = core::ErrorCode::kInvalidInput,
          .message = std::move(message),
          .hint = std::move(hint),
          .offset = std::nullopt};
}

BioPtr reader(const std::string& bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

CertificatePtr read_certificate(BIO* from) {
  return CertificatePtr(PEM_read_bio_X509(from, nullptr, nullptr, nullptr));
}

core::Result<void> use_pair(SSL_CTX* context, X509* certificate, EVP_PKEY* key) {
  if (SSL_CTX_use_certificate(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey(context, key) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return tls_error("the client's key does not belong to its certificate",
                     "give the key that the certificate was made for");
  }
  return {};
}

core::Result<void> use_pem(SSL_CTX* context, const TlsOptions& options) {
  const BioPtr certificates = reader(options.certificate);
  const CertificatePtr certificate = read_certificate(certificates.get());
  if (certificate == nullptr) {
    return tls_error("cannot read the client certificate", "it must be PEM text");
  }
  // Never null: OpenSSL would ask for the passphrase on the terminal.
  auto* passphrase = const_cast<char*>(options.passphrase.c_str());
  const KeyPtr key(
      PEM_read_bio_PrivateKey(reader(options.key).get(), nullptr, nullptr, passphrase));
  if (key == nullptr) {
    return tls_error("cannot read the client's key",
                     "it must be PEM text; is the passphrase right?");
  }
  if (auto used = use_pair(context, certificate.get(), key.get()); !used) return used;
  while (CertificatePtr next = read_certificate(certificates.get())) {
    SSL_CTX_add0_chain_cert(context, next.release());
  }
  ERR_clear_error();  // the end of the text
  return {};
}

core::Result<void> use_pkcs12(SSL_CTX* context, const TlsOptions& options) {
  const Pkcs12Ptr store(d2i_PKCS12_bio(reader(options.pkcs12).get(), nullptr));
  X509* certificate = nullptr;
  EVP_PKEY* key = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (store == nullptr ||
      PKCS12_parse(store.get(), options.passphrase.c_str(), &key, &certificate, &others) != 1) {
    return tls_error("cannot read the PKCS#12 file",
                     "is the passphrase right? Files of very old tools must be converted anew");
  }
  const CertificatePtr certificate_owner(certificate);
  const KeyPtr key_owner(key);
  core::Result<void> used =
      certificate == nullptr || key == nullptr
          ? core::Result<void>(tls_error("the PKCS#12 file lacks a certificate or a key", ""))
          : use_pair(context, certificate, key);
  while (sk_X509_num(others) > 0) SSL_CTX_add0_chain_cert(context, sk_X509_pop(others));
  sk_X509_free(others);
  return used;
}

core::Result<void> use_ca(SSL_CTX* context, const std::string& pem) {
  const BioPtr from = reader(pem);
  int count = 0;
  while (const CertificatePtr ca = read_certificate(from.get())) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get());
    ++count;
  }
  if (count == 0) return tls_error("cannot read the CA certificate", "it must be PEM text");
  ERR_clear_error();
  return {};
}

}  // namespace

core::Result<std::unique_ptr<TlsContext>> TlsContext::make(TlsOptions options) {
  std::unique_ptr<TlsContext> context(new TlsContext);
  context->options_ = std::move(options);
  if (auto loaded = context->load_given(); !loaded) return std::move(loaded).error();
  return context;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

core::Result<void> TlsContext::load_given() {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  context_ = SSL_CTX_new(TLS_client_method());
  if (context_ == nullptr) return tls_error("cannot set up TLS", "");
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_options(context_, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context_, 1);
  SSL_CTX_set_verify(context_, options_.verify_peer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  constexpr unsigned char kProtocols[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context_, kProtocols, sizeof kProtocols - 1);

  if (!options_.ca.empty()) {
    if (auto used = use_ca(context_, options_.ca); !used) return used;
  }
  if (!options_.pkcs12.empty()) return use_pkcs12(context_, options_);
  if (!options_.certificate.empty()) return use_pem(context_, options_);
  return {};
}

core::Result<void> TlsContext::prepare() {
  std::call_once(prepared_, [this] {
    if (auto loaded = load_bundle(); !loaded) missing_ = loaded.error().message;
  });
  if (missing_.empty()) return {};
  std::string places = "set SSL_CERT_FILE, or install certificates in one of:";
  for (const char* bundle : kBundles) places.append(" ").append(bundle);
  return core::Error{.code = core::ErrorCode::kNotFound,
                     .message = missing_,
                     .hint = std::move(places),
                     .offset = std::nullopt};
}

core::Result<void> TlsContext::load_bundle() {
  if (!options_.verify_peer || !options_.ca.empty()) return {};
  const char* named = std::getenv("SSL_CERT_FILE");
  if (named != nullptr && *named != '\0') {
    if (SSL_CTX_load_verify_file(context_, named) == 1) return {};
    return tls_error(std::string("cannot read the certificates of SSL_CERT_FILE, ") + named, "");
  }
  for (const char* bundle : kBundles) {
    if (access(bundle, R_OK) != 0) continue;
    if (SSL_CTX_load_verify_file(context_, bundle) == 1) return {};
  }
  ERR_clear_error();
  return core::Error{.code = core::ErrorCode::kNotFound,
                     .message = "no bundle of CA certificates was found",
                     .hint = {},
                     .offset = std::nullopt};
}

ssl_ctx_st* TlsContext::native() {
  // Whoever wants to hear of a missing bundle calls prepare(); a connection fails by its
  // verification.
  [[maybe_unused]] const auto prepared = prepare();
  SLSART_CHECK(context_ != nullptr);
  return context_;
}

}  // namespace slsart::net
