// Hot path: see architecture §9
#include "expr/expectation.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "expr/capture/json_scan.h"

// What is expected of headers.

namespace slsart::expr {
namespace {

using core::Value;

constexpr std::array<std::string_view, 3> kJsonTypes = {
    "application/json", "application/problem+json", "application/ld+json"};
constexpr std::array<std::string_view, 3> kCacheHeaders = {"cf-cache-status", "x-cache",
                                                           "x-vercel-cache"};

// The value of a header, those of several joined into `scratch` as Node does; empty: none.
std::string_view header_of(const ResponseView& response, std::string_view name,
                           std::string& scratch) {
  std::string_view found;
  bool is_found = false;
  for (const HeaderView& header : response.headers) {
    if (!core::equals_ignoring_case(header.name, name)) continue;
    if (!is_found) {
      found = header.value;
      is_found = true;
      continue;
    }
    if (found.data() != scratch.data()) scratch.assign(found);
    scratch.append(", ").append(header.value);
    found = scratch;
  }
  return found;
}

bool starts_ignoring_case(std::string_view text, std::string_view begin) {
  return text.size() >= begin.size() &&
         core::equals_ignoring_case(text.substr(0, begin.size()), begin);
}

bool names_json(std::string_view content_type) {
  return std::ranges::any_of(kJsonTypes, [&](std::string_view type) {
    return content_type.find(type) != std::string_view::npos;
  });
}

}  // namespace

bool Expectation::has_content_type(const ResponseView& response, const Scope& scope) const {
  std::string scratch;
  const std::string_view type = header_of(response, "content-type", scratch);
  const std::string rendered = is_constant_ ? std::string() : text(scope);
  const std::string_view expected = is_constant_ ? constant_ : rendered;
  if (expected != "json") return !type.empty() && core::equals_ignoring_case(type, expected);
  if (!names_json(type)) return false;
  const capture::JsonKind kind = capture::kind_at(response.body, {});
  return kind == capture::JsonKind::kObject || kind == capture::JsonKind::kList;
}

bool Expectation::has_header(const ResponseView& response, const Scope& scope) const {
  std::string scratch;
  const std::string name = is_constant_ ? std::string() : text(scope);
  return !header_of(response, is_constant_ ? constant_ : name, scratch).empty();
}

bool Expectation::header_equals(const ResponseView& response, const Scope& scope) const {
  const Value pair = value_.evaluate(scope);
  if (!pair.is_list() || pair.as_list().size() != 2) return false;
  std::string name, value, scratch;
  core::write_text(pair.as_list()[0], name);
  core::write_text(pair.as_list()[1], value);
  const std::string_view found = header_of(response, name, scratch);
  return !found.empty() && found == value;
}

bool Expectation::is_cached(const ResponseView& response) const {
  return std::ranges::any_of(kCacheHeaders, [&](std::string_view name) {
    std::string scratch;
    const std::string_view value = header_of(response, name, scratch);
    if (!wants_hit_) return starts_ignoring_case(value, "miss");
    return starts_ignoring_case(value, "hit") || starts_ignoring_case(value, "stale");
  });
}

Expectation::Account Expectation::explain_header(const ResponseView& response,
                                                 const Scope& scope) const {
  const Value pair = value_.evaluate(scope);
  if (!pair.is_list() || pair.as_list().size() != 2) return {};
  std::string name, scratch;
  core::write_text(pair.as_list()[0], name);
  const std::string_view found = header_of(response, name, scratch);
  if (!found.empty()) return {pair.as_list()[1], Value(found)};
  return {Value("response to have " + name + " header"),
          Value("response has no " + name + " header")};
}

std::string Expectation::content_type_found(const ResponseView& response,
                                            const std::string& expected, bool ok) {
  std::string scratch;
  const std::string_view type = header_of(response, "content-type", scratch);
  if (expected == "json") {
    if (ok) return "json";
    if (names_json(type)) return "could not parse response body as JSON";
    return "content-type is " + std::string(type);
  }
  return type.empty() ? "content-type header not set" : std::string(type);
}

std::string Expectation::cache_found(const ResponseView& response) {
  std::string out = "cache status header not found";
  for (const std::string_view name : kCacheHeaders) {
    std::string scratch;
    const std::string_view value = header_of(response, name, scratch);
    if (!value.empty()) out = std::string(name) + " is " + std::string(value);
  }
  return out;
}

}  // namespace slsart::expr
