#include "engine/error_names.h"

#include <ares.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <cstring>
#include <utility>

#include "core/check.h"
#include "protocol/exchange.h"

namespace slsart::engine {
namespace {

std::string system_name(int code) {
  const char* name = strerrorname_np(code);
  return name != nullptr ? name : "errno " + std::to_string(code);
}

// Node tells "there is no such name" from "nobody could be asked".
std::string dns_name(int code) {
  switch (code) {
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
    case ARES_EBADNAME:
      return "ENOTFOUND";
    default:
      return "EAI_AGAIN";
  }
}

std::string tls_name(int code) {
  static constexpr auto kNames = std::to_array<std::pair<int, const char*>>({
      {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "DEPTH_ZERO_SELF_SIGNED_CERT"},
      {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "SELF_SIGNED_CERT_IN_CHAIN"},
      {X509_V_ERR_CERT_HAS_EXPIRED, "CERT_HAS_EXPIRED"},
      {X509_V_ERR_CERT_NOT_YET_VALID, "CERT_NOT_YET_VALID"},
      {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "UNABLE_TO_GET_ISSUER_CERT"},
      {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"},
      {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"},
      {X509_V_ERR_CERT_REVOKED, "CERT_REVOKED"},
      {X509_V_ERR_INVALID_CA, "INVALID_CA"},
      {X509_V_ERR_INVALID_PURPOSE, "INVALID_PURPOSE"},
      {X509_V_ERR_CERT_UNTRUSTED, "CERT_UNTRUSTED"},
      {X509_V_ERR_CERT_REJECTED, "CERT_REJECTED"},
      {X509_V_ERR_CERT_CHAIN_TOO_LONG, "CERT_CHAIN_TOO_LONG"},
      {X509_V_ERR_CERT_SIGNATURE_FAILURE, "CERT_SIGNATURE_FAILURE"},
      {X509_V_ERR_HOSTNAME_MISMATCH, "ERR_TLS_CERT_ALTNAME_INVALID"},
      {X509_V_ERR_IP_ADDRESS_MISMATCH, "ERR_TLS_CERT_ALTNAME_INVALID"},
  });
  for (const auto& [known, name] : kNames) {
    if (known == code) return name;
  }
  return "EPROTO";
}

std::string http_name(protocol::HttpFault fault) {
  using protocol::HttpFault;
  switch (fault) {
    case HttpFault::kInvalidConstant:
      return "HPE_INVALID_CONSTANT";
    case HttpFault::kInvalidVersion:
      return "HPE_INVALID_VERSION";
    case HttpFault::kInvalidStatus:
      return "HPE_INVALID_STATUS";
    case HttpFault::kInvalidHeaderToken:
      return "HPE_INVALID_HEADER_TOKEN";
    case HttpFault::kInvalidContentLength:
      return "HPE_INVALID_CONTENT_LENGTH";
    case HttpFault::kUnexpectedContentLength:
      return "HPE_UNEXPECTED_CONTENT_LENGTH";
    case HttpFault::kInvalidTransferEncoding:
      return "HPE_INVALID_TRANSFER_ENCODING";
    case HttpFault::kInvalidChunkSize:
      return "HPE_INVALID_CHUNK_SIZE";
    case HttpFault::kHeaderOverflow:
      return "HPE_HEADER_OVERFLOW";
    case HttpFault::kLineEndExpected:
      return "HPE_LF_EXPECTED";
    case HttpFault::kUnexpectedData:
      return "HPE_INVALID_CONSTANT";
    case HttpFault::kBadContentEncoding:
      return "Z_DATA_ERROR";
    case HttpFault::kBodyTooLarge:
      return "ERR_BODY_TOO_LARGE";
    case HttpFault::kTooManyRedirects:
      return "ERR_TOO_MANY_REDIRECTS";
  }
  return "HPE_INTERNAL";
}

}  // namespace

std::string error_name(net::Failure failure) {
  switch (failure.domain) {
    case net::FailureDomain::kNone:
      break;
    case net::FailureDomain::kSystem:
      return system_name(failure.code);
    case net::FailureDomain::kDns:
      return dns_name(failure.code);
    case net::FailureDomain::kTls:
      return tls_name(failure.code);
    case net::FailureDomain::kHttp:
      return http_name(static_cast<protocol::HttpFault>(failure.code));
    case net::FailureDomain::kTimeout:
      return "ETIMEDOUT";
    case net::FailureDomain::kCancelled:
      return "ECANCELED";
  }
  SLSART_CHECK(false && "error_name of no failure");
}

}  // namespace slsart::engine
