#include "request.h"

#include <optional>

#include "text.h"

namespace slsart::target {
namespace {

constexpr std::size_t kMaxHeadBytes = 256 * 1024;
constexpr std::size_t kMaxBodyBytes = 64 * 1024 * 1024;

bool parse_request_line(std::string_view line, Request& out) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == 0 || first == std::string_view::npos || last == first) return false;
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  out.method = line.substr(0, first);
  out.url = line.substr(first + 1, last - first - 1);
  if (out.url.empty() || out.url.find(' ') != std::string_view::npos) return false;
  const auto mark = out.url.find('?');
  out.path = out.url.substr(0, mark);
  out.query = mark == std::string_view::npos ? std::string_view() : out.url.substr(mark + 1);
  out.keep_alive = version == "HTTP/1.1";
  out.is_head = out.method == "HEAD";
  return true;
}

struct Framing {
  std::optional<std::size_t> length;
  bool is_chunked = false;
};

bool parse_headers(std::string_view head, Request& out, Framing& framing) {
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
    const auto colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) return false;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    out.headers.emplace_back(name, value);
    if (equals_ignoring_case(name, "content-length")) {
      const auto length = to_number(value, kMaxBodyBytes);
      if (!length || (framing.length && *framing.length != *length)) return false;
      framing.length = *length;
    } else if (equals_ignoring_case(name, "transfer-encoding")) {
      framing.is_chunked = equals_ignoring_case(value, "chunked");
      if (!framing.is_chunked) return false;
    } else if (equals_ignoring_case(name, "connection")) {
      if (equals_ignoring_case(value, "close")) out.keep_alive = false;
      if (equals_ignoring_case(value, "keep-alive")) out.keep_alive = true;
    }
  }
  return true;
}

// RFC 9112 §7.1; extensions and trailers are passed over.
Parsed read_chunks(std::string_view bytes, std::string& body, std::size_t& used) {
  std::size_t at = 0;
  while (true) {
    const auto end = bytes.find("\r\n", at);
    if (end == std::string_view::npos) return Parsed::kNeedBody;
    std::size_t size = 0;
    std::size_t digits = 0;
    for (char c : bytes.substr(at, end - at)) {
      if (c == ';' || c == ' ') break;
      const auto value = std::string_view("0123456789abcdef").find(to_lower({&c, 1})[0]);
      if (value == std::string_view::npos || ++digits > 7) return Parsed::kBad;
      size = size * 16 + value;
    }
    if (digits == 0 || body.size() + size > kMaxBodyBytes) return Parsed::kBad;
    at = end + 2;
    if (size == 0) break;
    if (bytes.size() < at + size + 2) return Parsed::kNeedBody;
    body += bytes.substr(at, size);
    at += size + 2;
  }
  while (true) {  // trailers up to the empty line
    const auto end = bytes.find("\r\n", at);
    if (end == std::string_view::npos) return Parsed::kNeedBody;
    const bool is_last = end == at;
    at = end + 2;
    if (is_last) break;
  }
  used = at;
  return Parsed::kDone;
}

}  // namespace

std::string_view Request::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers)
    if (equals_ignoring_case(name, lower_case_name)) return value;
  return {};
}

Parsed parse_request(std::string_view bytes, Request& out, std::size_t& consumed) {
  // A TLS greeting has no empty line to wait for.
  if (!bytes.empty() && (bytes[0] < 'A' || bytes[0] > 'Z')) return Parsed::kBad;
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return bytes.size() > kMaxHeadBytes ? Parsed::kBad : Parsed::kNeedMore;
  out.headers.clear();  // keeps its memory
  out.unchunked.clear();
  const auto line_end = bytes.find("\r\n");
  Framing framing;
  if (!parse_request_line(bytes.substr(0, line_end), out)) return Parsed::kBad;
  if (line_end < end &&
      !parse_headers(bytes.substr(line_end + 2, end - line_end - 2), out, framing))
    return Parsed::kBad;
  const std::size_t head_size = end + 4;
  const std::string_view rest = bytes.substr(head_size);
  if (framing.is_chunked) {
    std::size_t used = 0;
    const Parsed parsed = read_chunks(rest, out.unchunked, used);
    out.body = out.unchunked;
    consumed = head_size + used;
    return parsed;
  }
  const std::size_t length = framing.length.value_or(0);
  if (rest.size() < length) return Parsed::kNeedBody;
  out.body = rest.substr(0, length);
  consumed = head_size + length;
  return Parsed::kDone;
}

}  // namespace slsart::target
