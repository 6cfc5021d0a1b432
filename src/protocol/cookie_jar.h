#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "protocol/url.h"

namespace slsart::protocol {

// The cookies of one virtual user by the rules of RFC 6265: domain and path matching, Secure,
// Max-Age and Expires, host-only cookies, the order of §5.4. No public suffix list: a Domain
// without a dot is refused unless it is the host. Bounded: 50 cookies a domain, 4096 bytes each,
// 300 in all.
class CookieJar {
 public:
  struct Cookie {
    std::string name, value, domain, path;
    bool host_only = true;
    bool secure = false;
    core::WallTime expires = core::WallTime::max();
    std::uint64_t created = 0;
  };

  // Reads one Set-Cookie value; false when it is not a cookie (it is then ignored).
  bool store(std::string_view set_cookie, const Origin& origin, std::string_view target,
             core::WallTime now);
  // A host-only session cookie with path "/".
  void set(std::string_view name, std::string_view value, const Origin& origin);
  // Appends "a=1; b=2" for a request; nothing when no cookie matches.
  void append_header(const Origin& origin, std::string_view target, core::WallTime now,
                     std::string& out) const;
  bool empty() const { return cookies_.empty(); }
  void clear();
  const std::vector<Cookie>& cookies() const { return cookies_; }
  // Another number whenever the cookies have changed; 0: never had any.
  std::uint64_t version() const { return version_; }

 private:
  void put(Cookie cookie, core::WallTime now);
  void make_room(std::string_view domain, core::WallTime now);

  std::vector<Cookie> cookies_;  // in the order of their creation
  std::uint64_t created_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace slsart::protocol
