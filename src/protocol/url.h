#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace slsart::protocol {

enum class Scheme : std::uint8_t { kHttp, kHttps };

struct Origin {
  Scheme scheme = Scheme::kHttp;
  std::string host;  // lower case; an IPv6 address without brackets
  std::uint16_t port = 80;

  // The value of the Host header: host, and port where it is not the scheme's default.
  std::string authority() const;
  friend bool operator==(const Origin&, const Origin&) = default;
};

// An absolute http or https URL, split (RFC 3986). The fragment is dropped. Bytes of path and query
// that may not stand in a request line (blanks, controls, non-ASCII) are percent-encoded; a lone
// '%' is kept as it is. User info is handed over as written and is no part of the origin.
struct Url {
  Origin origin;
  std::string target;     // path and query as sent: "/a?b=c"; at least "/"
  std::string user_info;  // "user:password" as written, empty if none
};

core::Result<Url> parse_url(std::string_view text);

// What `location` means seen from `base` (RFC 3986 §5.2): absolute, //authority, /path, ?query,
// relative.
core::Result<Url> resolve_url(const Url& base, std::string_view location);

}  // namespace slsart::protocol
