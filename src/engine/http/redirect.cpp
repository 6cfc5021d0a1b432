#include "engine/http/redirect.h"

#include <algorithm>

namespace slsart::engine {
namespace {

// Removes the lines of one header from "name: value\r\n..."; names are in lower case there.
void remove_header(std::string_view name, std::string& headers) {
  std::size_t begin = 0;
  while (begin < headers.size()) {
    const std::size_t end = headers.find("\r\n", begin) + 2;
    const std::string_view line = std::string_view(headers).substr(begin, end - begin);
    if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ':') {
      headers.erase(begin, end - begin);
    } else {
      begin = end;
    }
  }
}

bool becomes_get(const std::string& method, int status, const script::Dialect& dialect) {
  if (status == 303) return method != "HEAD";
  const bool moved = status == 301 || status == 302;
  return moved && method == "POST" &&
         dialect.redirected_post == script::RedirectedPost::kBecomesGet;
}

}  // namespace

bool is_redirect(int status) {
  return status == 300 || status == 301 || status == 302 || status == 303 || status == 307 ||
         status == 308;
}

core::Result<void> apply_redirect(RequestParts& parts, int status, std::string_view location,
                                  const script::Dialect& dialect) {
  auto url = protocol::resolve_url(parts.url, location);
  if (!url) return std::move(url).error();
  if (becomes_get(parts.method, status, dialect)) {
    parts.method = "GET";
    parts.body.clear();
    parts.has_body = false;
    remove_header("content-type", parts.headers);
  }
  if (url->origin != parts.url.origin) {
    remove_header("authorization", parts.headers);
    remove_header("host", parts.headers);
    parts.names_host = false;
    parts.cookie.clear();
    parts.on_target = false;
  }
  parts.url = std::move(*url);
  return {};
}

}  // namespace slsart::engine
