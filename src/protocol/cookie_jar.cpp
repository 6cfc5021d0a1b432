#include "protocol/cookie_jar.h"

#include <algorithm>
#include <optional>

#include "core/text.h"
#include "protocol/cookie_date.h"

namespace slsart::protocol {

namespace {

constexpr std::size_t kMostCookies = 300;
constexpr std::size_t kMostPerDomain = 50;
constexpr std::size_t kMostBytes = 4096;

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

bool is_address(std::string_view host) {
  if (host.find(':') != std::string_view::npos) return true;
  return host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// RFC 6265 §5.1.3.
bool domain_matches(std::string_view host, std::string_view domain) {
  if (host == domain) return true;
  return host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.' && !is_address(host);
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

// RFC 6265 §5.1.4.
std::string_view default_path(std::string_view target) {
  const std::string_view path = path_of(target);
  const std::size_t slash = path.rfind('/');
  if (!path.starts_with('/') || slash == 0) return "/";
  return path.substr(0, slash);
}

bool path_matches(std::string_view path, std::string_view cookie_path) {
  if (!path.starts_with(cookie_path)) return false;
  return path.size() == cookie_path.size() || cookie_path.ends_with('/') ||
         path[cookie_path.size()] == '/';
}

// RFC 6265 §5.2.2; a value that is no number is no attribute.
std::optional<core::WallTime> read_max_age(std::string_view value, core::WallTime now) {
  std::string_view digits = value;
  const bool is_negative = digits.starts_with('-');
  if (is_negative) digits.remove_prefix(1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  const auto seconds = core::parse_integer(value);
  if (is_negative || seconds == 0) return core::WallTime::min();
  const auto room = std::chrono::floor<std::chrono::seconds>(core::WallTime::max() - now).count();
  if (!seconds || *seconds >= room) return core::WallTime::max();
  return now + std::chrono::seconds(*seconds);
}

// The attributes of a Set-Cookie value (RFC 6265 §5.2).
struct Attributes {
  std::string domain;  // lower case, without its leading dot; empty: none
  std::string_view path;
  std::optional<core::WallTime> expires;
  std::optional<core::WallTime> max_age;
  bool is_secure = false;
};

Attributes read_attributes(std::string_view text, core::WallTime now) {
  Attributes attributes;
  while (!text.empty()) {
    text.remove_prefix(1);  // the semicolon
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view attribute = text.substr(0, end);
    text.remove_prefix(end);
    const std::size_t equals = attribute.find('=');
    const std::string_view name = trim_blanks(attribute.substr(0, equals));
    std::string_view value;
    if (equals != std::string_view::npos) value = trim_blanks(attribute.substr(equals + 1));
    const auto is = [&](std::string_view known) { return core::equals_ignoring_case(name, known); };
    if (is("expires")) {
      if (const auto date = parse_cookie_date(value)) attributes.expires = date;
    } else if (is("max-age")) {
      if (const auto age = read_max_age(value, now)) attributes.max_age = age;
    } else if (is("domain") && !value.empty()) {
      if (value.starts_with('.')) value.remove_prefix(1);
      attributes.domain = core::to_lower(value);
    } else if (is("path")) {
      attributes.path = value.starts_with('/') ? value : std::string_view();
    } else if (is("secure")) {
      attributes.is_secure = true;
    }
  }
  return attributes;
}

}  // namespace

bool CookieJar::store(std::string_view set_cookie, const Origin& origin, std::string_view target,
                      core::WallTime now) {
  if (has_control(set_cookie)) return false;
  const std::size_t end = std::min(set_cookie.find(';'), set_cookie.size());
  const std::string_view pair = set_cookie.substr(0, end);
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view name = trim_blanks(pair.substr(0, equals));
  const std::string_view value = trim_blanks(pair.substr(equals + 1));
  if (name.empty() || name.size() + value.size() > kMostBytes) return false;

  const Attributes attributes = read_attributes(set_cookie.substr(end), now);
  Cookie cookie;
  cookie.name = name;
  cookie.value = value;
  cookie.secure = attributes.is_secure;
  cookie.host_only = attributes.domain.empty() || attributes.domain == origin.host;
  if (!attributes.domain.empty()) {
    if (!domain_matches(origin.host, attributes.domain)) return false;
    const bool is_bare = attributes.domain.find('.') == std::string::npos;
    if (is_bare && attributes.domain != origin.host) return false;
    // A Domain that is the host itself covers its sub-domains, unless the host cannot have any.
    if (!is_bare && !is_address(origin.host)) cookie.host_only = false;
  }
  cookie.domain = attributes.domain.empty() ? origin.host : attributes.domain;
  cookie.path = attributes.path.empty() ? default_path(target) : attributes.path;
  cookie.expires = attributes.max_age   ? *attributes.max_age
                   : attributes.expires ? *attributes.expires
                                        : core::WallTime::max();
  put(std::move(cookie), now);
  return true;
}

void CookieJar::set(std::string_view name, std::string_view value, const Origin& origin) {
  Cookie cookie;
  cookie.name = name;
  cookie.value = value;
  cookie.domain = origin.host;
  cookie.path = "/";
  put(std::move(cookie), core::WallTime::min());
}

// RFC 6265 §5.3 steps 11 and 12: an equal cookie is replaced and keeps its age; one that has
// expired goes.
void CookieJar::put(Cookie cookie, core::WallTime now) {
  ++version_;
  const auto same = std::ranges::find_if(cookies_, [&](const Cookie& other) {
    return other.name == cookie.name && other.domain == cookie.domain && other.path == cookie.path;
  });
  if (cookie.expires <= now) {
    if (same != cookies_.end()) cookies_.erase(same);
    return;
  }
  if (same != cookies_.end()) {
    cookie.created = same->created;
    *same = std::move(cookie);
    return;
  }
  make_room(cookie.domain, now);
  cookie.created = created_++;
  cookies_.push_back(std::move(cookie));
}

// The order of eviction is that of RFC 6265 §5.3: expired ones, then of a crowded domain, then any;
// the oldest first. The vector is in the order of creation.
void CookieJar::make_room(std::string_view domain, core::WallTime now) {
  if (cookies_.size() < kMostPerDomain) return;
  std::erase_if(cookies_, [&](const Cookie& cookie) { return cookie.expires <= now; });
  const auto is_neighbour = [&](const Cookie& cookie) { return cookie.domain == domain; };
  if (static_cast<std::size_t>(std::ranges::count_if(cookies_, is_neighbour)) >= kMostPerDomain) {
    cookies_.erase(std::ranges::find_if(cookies_, is_neighbour));
  }
  if (cookies_.size() >= kMostCookies) cookies_.erase(cookies_.begin());
}

void CookieJar::append_header(const Origin& origin, std::string_view target, core::WallTime now,
                              std::string& out) const {
  // Longer paths first, then older cookies (RFC 6265 §5.4); a jar is small: selected one by one,
  // without a list of their order.
  const std::string_view path = path_of(target);
  const bool may_be_secure = origin.scheme == Scheme::kHttps;
  const auto matches = [&](const Cookie& cookie) {
    if (cookie.secure && !may_be_secure) return false;
    if (cookie.expires <= now || !path_matches(path, cookie.path)) return false;
    return cookie.host_only ? cookie.domain == origin.host
                            : domain_matches(origin.host, cookie.domain);
  };
  const auto is_before = [](const Cookie& a, const Cookie& b) {
    return a.path.size() != b.path.size() ? a.path.size() > b.path.size() : a.created < b.created;
  };
  const Cookie* last = nullptr;
  for (;;) {
    const Cookie* next = nullptr;
    for (const Cookie& cookie : cookies_) {
      const bool is_later = last == nullptr || is_before(*last, cookie);
      if (is_later && (next == nullptr || is_before(cookie, *next)) && matches(cookie)) {
        next = &cookie;
      }
    }
    if (next == nullptr) return;
    if (last != nullptr) out += "; ";
    out.append(next->name).append("=").append(next->value);
    last = next;
  }
}

void CookieJar::clear() {
  if (!cookies_.empty()) ++version_;
  cookies_.clear();
}

}  // namespace slsart::protocol
