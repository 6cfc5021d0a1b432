#include "certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <string_view>

namespace slsart::target {
namespace {

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct CloseFile {
  void operator()(FILE* file) const { std::fclose(file); }
};
using X509Ptr = std::unique_ptr<X509, FreeX509>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

constexpr long kDaySeconds = 24L * 60 * 60;

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

X509Ptr make_self_signed(EVP_PKEY* key, const Options& options) {
  X509Ptr certificate(X509_new());
  if (!certificate) return nullptr;
  const std::string name = options.tls_name.empty() ? "localhost" : options.tls_name;
  const std::string names =
      options.tls_name.empty() ? "DNS:localhost,IP:127.0.0.1,IP:::1" : "DNS:" + options.tls_name;
  const long end = options.tls_expired ? -kDaySeconds : 30 * kDaySeconds;
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 4711);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -10 * kDaySeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), end);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  if (!add_extension(certificate.get(), NID_subject_alt_name, names) ||
      !add_extension(certificate.get(), NID_basic_constraints, "CA:FALSE") ||
      X509_sign(certificate.get(), key, EVP_sha256()) == 0)
    return nullptr;
  return certificate;
}

bool use_made_certificate(SSL_CTX* context, const Options& options) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (!key) return false;
  const X509Ptr certificate = make_self_signed(key.get(), options);
  return certificate && SSL_CTX_use_certificate(context, certificate.get()) == 1 &&
         SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

bool write_certificate(SSL_CTX* context, const std::string& path) {
  const std::unique_ptr<FILE, CloseFile> file(std::fopen(path.c_str(), "w"));
  return file && PEM_write_X509(file.get(), SSL_CTX_get0_certificate(context)) == 1;
}

bool ask_for_client_certificate(SSL_CTX* context, const std::string& ca_file) {
  if (SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1) return false;
  static constexpr unsigned char kSessionContext[] = "slsart-target";
  SSL_CTX_set_session_id_context(context, kSessionContext, sizeof kSessionContext - 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return true;
}

int select_http1(SSL* /*tls*/, const unsigned char** out, unsigned char* out_length,
                 const unsigned char* offered, unsigned offered_length, void* /*unused*/) {
  static constexpr unsigned char kHttp1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kHttp1, sizeof kHttp1, offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

}  // namespace

TlsContextPtr make_tls_context(const Options& options, std::string& error) {
  const auto failed = [&error](std::string_view what) {
    error = std::string(what) + ": " + openssl_reason();
    return nullptr;
  };
  TlsContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (!context) return failed("cannot start TLS");
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context.get(), select_http1, nullptr);
  if (options.cert_file.empty()) {
    if (!use_made_certificate(context.get(), options)) return failed("cannot make a certificate");
  } else if (SSL_CTX_use_certificate_chain_file(context.get(), options.cert_file.c_str()) != 1 ||
             SSL_CTX_use_PrivateKey_file(context.get(), options.key_file.c_str(),
                                         SSL_FILETYPE_PEM) != 1) {
    return failed("cannot use " + options.cert_file + " with " + options.key_file);
  }
  if (!options.client_ca_file.empty() &&
      !ask_for_client_certificate(context.get(), options.client_ca_file))
    return failed("cannot read " + options.client_ca_file);
  if (!options.write_cert_file.empty() &&
      !write_certificate(context.get(), options.write_cert_file))
    return failed("cannot write " + options.write_cert_file);
  return context;
}

}  // namespace slsart::target
