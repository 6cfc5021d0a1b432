// Set-Cookie values. Whatever servers send, the Cookie header is one line of bounded size, and a
// jar given its own cookies again is not changed by them. Input: one value a line.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "protocol/cookie_jar.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using slsart::protocol::Origin;
  using slsart::protocol::Scheme;
  const Origin origin{.scheme = Scheme::kHttps, .host = "sub.x.test", .port = 443};
  const slsart::core::WallTime now{std::chrono::seconds(1'700'000'000)};
  constexpr std::string_view kTarget = "/a/b?c";
  std::string_view text(reinterpret_cast<const char*>(data), size);
  slsart::protocol::CookieJar jar;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    jar.store(text.substr(0, end), origin, kTarget, now);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::string sent;
  jar.append_header(origin, kTarget, now, sent);
  require(sent.size() <= 300 * (4096 + 4));
  for (const char c : sent) require(c == '\t' || static_cast<unsigned char>(c) >= 0x20);

  std::string again;
  jar.append_header(origin, kTarget, now, again);
  require(sent == again);
  std::string elsewhere;
  jar.append_header({.scheme = Scheme::kHttp, .host = "y.test", .port = 80}, "/", now, elsewhere);
  require(elsewhere.empty());
  return 0;
}
