#pragma once

#include <cstdint>
#include <string>

namespace slsart::net {

// Why a connection or exchange failed, as data. `engine/error_names` gives it the reference's name.
enum class FailureDomain : std::uint8_t {
  kNone,       // no failure
  kSystem,     // code: errno
  kDns,        // code: ARES_*
  kTls,        // code: X509_V_ERR_* when the peer's certificate was refused, else 0
  kHttp,       // code: protocol::HttpFault
  kTimeout,    // the deadline passed
  kCancelled,  // we gave it up (stop, end of run)
};

struct Failure {
  FailureDomain domain = FailureDomain::kNone;
  std::int32_t code = 0;

  explicit operator bool() const { return domain != FailureDomain::kNone; }
  friend bool operator==(Failure, Failure) = default;
};

}  // namespace slsart::net
