#include "protocol/url.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "core/text.h"

namespace slsart::protocol {

namespace {

core::Error url_error(std::string message, std::string hint = {}) {
  return {.code = core::ErrorCode::kInvalidInput,
          .message = std::move(message),
          .hint = std::move(hint),
          .offset = std::nullopt};
}

// -- splitting (RFC 3986 appendix B)

// What a reference is made of; views into the text.
struct Reference {
  std::string_view scheme;  // without ':'; empty when there is none
  bool has_authority = false;
  std::string_view authority;
  std::string_view path;
  bool has_query = false;
  std::string_view query;
};

bool is_scheme(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (text.empty() || !is_letter(text.front())) return false;
  for (const char c : text) {
    if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.') return false;
  }
  return true;
}

Reference split_reference(std::string_view text) {
  Reference reference;
  text = text.substr(0, text.find('#'));
  const std::size_t colon = text.find_first_of(":/?");
  if (colon != std::string_view::npos && text[colon] == ':' && is_scheme(text.substr(0, colon))) {
    reference.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
    reference.has_query = true;
    reference.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const std::size_t end = std::min(text.find('/'), text.size());
    reference.has_authority = true;
    reference.authority = text.substr(0, end);
    text.remove_prefix(end);
  }
  reference.path = text;
  return reference;
}

// -- the authority

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// A registered name, percent decoded and in lower case. Names beyond ASCII would need IDNA.
core::Result<std::string> read_name(std::string_view text) {
  constexpr std::size_t kLongestName = 253;  // RFC 1035 §2.3.4
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
      if (low < 0) return url_error("the host \"" + std::string(text) + "\" is not valid");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    const bool is_allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    if (!is_allowed) {
      return url_error("the host \"" + std::string(text) + "\" is not valid",
                       static_cast<unsigned char>(c) >= 0x80
                           ? "write an international name in its xn-- form"
                           : "");
    }
    name += c;
  }
  if (name.size() > kLongestName) return url_error("the host is too long");
  return core::to_lower(name);
}

core::Result<std::uint16_t> read_port(std::string_view text, Scheme scheme) {
  if (text.empty()) return static_cast<std::uint16_t>(scheme == Scheme::kHttps ? 443 : 80);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    return url_error("the port \"" + std::string(text) + "\" is not a number from 1 to 65535");
  }
  return port;
}

bool is_ipv6_text(std::string_view text) {
  if (text.find(':') == std::string_view::npos) return false;
  for (const char c : text) {
    if (hex_digit(c) < 0 && c != ':' && c != '.') return false;
  }
  return true;
}

core::Result<void> read_authority(std::string_view text, Url& url) {
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    url.user_info = text.substr(0, at);
    text.remove_prefix(at + 1);
  }
  std::string_view host;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return url_error("\"]\" is missing after an IPv6 address");
    host = text.substr(1, close - 1);
    if (!is_ipv6_text(host)) {
      return url_error("\"" + std::string(host) + "\" is not an IPv6 address");
    }
    url.origin.host = core::to_lower(host);
    text.remove_prefix(close + 1);
    if (!text.empty() && text.front() != ':') return url_error("only a port may follow \"]\"");
    port = text.substr(std::min<std::size_t>(1, text.size()));
  } else {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon + 1);
    auto name = read_name(host);
    if (!name) return std::move(name).error();
    url.origin.host = *std::move(name);
  }
  if (url.origin.host.empty()) return url_error("the host is missing", "write http://host/path");
  auto number = read_port(port, url.origin.scheme);
  if (!number) return std::move(number).error();
  url.origin.port = *number;
  return {};
}

// -- path and query

// What browsers encode beside controls, blanks and bytes beyond ASCII (WHATWG URL §1.3); some
// servers refuse a request line that holds one of these.
constexpr std::string_view kEncodedInPath = "\"<>`{}";
constexpr std::string_view kEncodedInQuery = "\"<>";

// Appends what may stand in a request line; the rest percent-encoded. A '%' stays.
void append_target(std::string_view text, std::string_view encoded, std::string& out) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte > 0x20 && byte < 0x7f && encoded.find(c) == std::string_view::npos;
    if (is_plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
}

std::string make_target(std::string_view path, bool has_query, std::string_view query) {
  std::string target;
  if (!path.starts_with('/')) target += '/';
  append_target(path, kEncodedInPath, target);
  if (has_query) {
    target += '?';
    append_target(query, kEncodedInQuery, target);
  }
  return target;
}

// RFC 3986 §5.2.4.
std::string remove_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_in_directory = false;
  while (!path.empty()) {
    if (path.front() == '/') path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    ends_in_directory = segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!ends_in_directory) kept.push_back(segment);
  }
  std::string result;
  for (const std::string_view segment : kept) result.append("/").append(segment);
  if (ends_in_directory || result.empty()) result += '/';
  return result;
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

// Removes what browsers remove: blanks and controls around, line ends and tabs within.
std::string clean(std::string_view text) {
  const auto is_edge = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!text.empty() && is_edge(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_edge(text.back())) text.remove_suffix(1);
  std::string cleaned;
  for (const char c : text) {
    if (c != '\t' && c != '\n' && c != '\r') cleaned += c;
  }
  return cleaned;
}

core::Result<Scheme> read_scheme(std::string_view text) {
  if (core::equals_ignoring_case(text, "http")) return Scheme::kHttp;
  if (core::equals_ignoring_case(text, "https")) return Scheme::kHttps;
  auto error = url_error(text.empty() ? std::string("the URL has no scheme")
                                      : "the scheme \"" + std::string(text) + "\" is not supported",
                         "URLs begin with http:// or https://");
  if (!text.empty()) error.code = core::ErrorCode::kUnsupported;
  return error;
}

core::Result<Url> make_absolute(const Reference& reference, Scheme scheme) {
  if (!reference.has_authority) {
    return url_error("the URL has no host", "write http://host/path");
  }
  Url url;
  url.origin.scheme = scheme;
  if (auto read = read_authority(reference.authority, url); !read) return std::move(read).error();
  const bool has_dots = reference.path.find("/.") != std::string_view::npos;
  url.target = make_target(has_dots ? remove_dot_segments(reference.path) : reference.path,
                           reference.has_query, reference.query);
  return url;
}

}  // namespace

std::string Origin::authority() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  std::string text = is_ipv6 ? "[" + host + "]" : host;
  const std::uint16_t usual = scheme == Scheme::kHttps ? 443 : 80;
  if (port != usual) text += ":" + std::to_string(port);
  return text;
}

core::Result<Url> parse_url(std::string_view text) {
  const std::string cleaned = clean(text);
  const Reference reference = split_reference(cleaned);
  auto scheme = read_scheme(reference.scheme);
  if (!scheme) return std::move(scheme).error();
  return make_absolute(reference, *scheme);
}

core::Result<Url> resolve_url(const Url& base, std::string_view location) {
  const std::string cleaned = clean(location);
  const Reference reference = split_reference(cleaned);
  Scheme scheme = base.origin.scheme;
  if (!reference.scheme.empty()) {
    auto named = read_scheme(reference.scheme);
    if (!named) return std::move(named).error();
    scheme = *named;
  }
  if (!reference.scheme.empty() || reference.has_authority) {
    return make_absolute(reference, scheme);
  }
  Url url{.origin = base.origin, .target = base.target, .user_info = {}};
  const std::string_view base_path = path_of(base.target);
  if (reference.path.empty()) {
    if (!reference.has_query) return url;  // only a fragment, or nothing: the same resource
    url.target = make_target(base_path, true, reference.query);
    return url;
  }
  std::string path;
  if (!reference.path.starts_with('/')) path = base_path.substr(0, base_path.rfind('/') + 1);
  path += reference.path;
  url.target = make_target(remove_dot_segments(path), reference.has_query, reference.query);
  return url;
}

}  // namespace slsart::protocol
