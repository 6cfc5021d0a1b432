// URLs and redirect targets. What is accepted is fit for a request line, and means the same when
// written out and read again. Input: base, line feed, location; without a line feed only a URL.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "protocol/url.h"

namespace {

using slsart::protocol::Scheme;
using slsart::protocol::Url;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Url& url) {
  require(!url.origin.host.empty() && url.origin.port != 0);
  require(url.target.starts_with('/'));
  for (const char c : url.target) require(c > 0x20 && c < 0x7f);
  for (const char c : url.origin.authority()) require(c > 0x20 && c < 0x7f && c != '@' && c != '/');
  const std::string scheme = url.origin.scheme == Scheme::kHttps ? "https://" : "http://";
  const auto again = slsart::protocol::parse_url(scheme + url.origin.authority() + url.target);
  require(again.has_value());
  require(again->origin == url.origin && again->target == url.target);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  const auto base = slsart::protocol::parse_url(text.substr(0, end));
  if (!base) return 0;
  check(*base);
  if (end == std::string_view::npos) return 0;
  const auto next = slsart::protocol::resolve_url(*base, text.substr(end + 1));
  if (next) check(*next);
  return 0;
}
