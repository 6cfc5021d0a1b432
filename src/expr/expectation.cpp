// Hot path: see architecture §9
#include "expr/expectation.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "core/text.h"
#include "expr/capture/json_scan.h"
#include "expr/capture/regexp.h"
#include "expr/detail/javascript.h"
#include "expr/detail/path.h"

namespace slsart::expr {
namespace {

using core::Value;

constexpr std::array<std::string_view, 3> kJsonTypes = {
    "application/json", "application/problem+json", "application/ld+json"};
constexpr std::array<std::string_view, 3> kCacheHeaders = {"cf-cache-status", "x-cache",
                                                           "x-vercel-cache"};
constexpr std::string_view kNoObject = "response body is not an object";

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

// lodash's way to read a path; it refuses nothing.
std::vector<capture::JsonStep> make_path(std::string_view text) {
  std::vector<capture::JsonStep> steps;
  const auto add = [&](std::string_view name) {
    capture::JsonStep step;
    step.name = name;
    if (const auto index = detail::list_index(name)) step.index = static_cast<std::int64_t>(*index);
    steps.push_back(std::move(step));
  };
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '[') {
      const std::size_t close = std::min(text.find(']', at), text.size());
      std::string_view inside = text.substr(at + 1, close - std::min(close, at + 1));
      const bool is_quoted = inside.size() >= 2 && inside.front() == inside.back() &&
                             (inside.front() == '"' || inside.front() == '\'');
      add(is_quoted ? inside.substr(1, inside.size() - 2) : inside);
      at = close + 1;
    } else {
      const std::size_t end = std::min(text.find_first_of(".[", at), text.size());
      add(text.substr(at, end - at));
      at = end;
    }
    if (at < text.size() && text[at] == '.') ++at;
  }
  return steps;
}

double status_of(const Value& value) {
  return detail::to_number(value);
}

}  // namespace

// A path, and the same text as one name: the name wins where the body has it.
struct Expectation::Path {
  std::vector<capture::JsonStep> whole;
  std::vector<capture::JsonStep> steps;

  explicit Path(std::string_view text) : steps(make_path(text)) {
    capture::JsonStep step;
    step.name = text;
    whole.push_back(std::move(step));
  }
  bool is_in(std::string_view body) const {
    const auto leads = [&](const std::vector<capture::JsonStep>& path) {
      return capture::kind_at(body, path) > capture::JsonKind::kAbsent;
    };
    return leads(steps) || (steps.size() != 1 && leads(whole));
  }
};

struct Expectation::Pattern {
  capture::Regexp regexp;
};

std::string_view name_of(ExpectationKind kind) {
  constexpr std::array<std::string_view, 10> kNames = {
      "statusCode",  "notStatusCode",  "contentType", "hasHeader",     "headerEquals",
      "hasProperty", "notHasProperty", "equals",      "matchesRegexp", "cdnHit"};
  return kNames[static_cast<std::size_t>(kind)];
}

core::Result<Expectation> Expectation::make(ExpectationKind kind, ValueTemplate value) {
  Expectation made;
  made.kind_ = kind;
  made.type_ = name_of(kind);
  made.value_ = std::move(value);
  made.is_constant_ = made.value_.is_static();
  const Value constant = made.is_constant_ ? made.value_.evaluate(Scope{}) : Value();
  switch (kind) {
    case ExpectationKind::kStatusCode:
    case ExpectationKind::kNotStatusCode:
      if (constant.is_list()) {
        for (const Value& item : constant.as_list()) made.statuses_.push_back(status_of(item));
      } else if (made.is_constant_) {
        made.statuses_.push_back(status_of(constant));
      }
      break;
    case ExpectationKind::kHeaderEquals: {
      const auto* pair = std::get_if<ValueTemplate::List>(&made.value_.data());
      const std::size_t size = pair != nullptr      ? pair->size()
                               : constant.is_list() ? constant.as_list().size()
                                                    : 0;
      if (size != 2) {
        return core::Error{.code = core::ErrorCode::kInvalidInput,
                           .message = "headerEquals takes a pair of name and value",
                           .hint = "for example headerEquals: [x-cache, HIT]",
                           .offset = {}};
      }
      const Value first = constant.is_list() ? constant.as_list()[0] : Value();
      std::string name;
      if (pair != nullptr) {
        const auto* text = std::get_if<Template>(&pair->front().data());
        const auto* written = std::get_if<Value>(&pair->front().data());
        if (text != nullptr) name = text->source();
        if (written != nullptr) core::write_text(*written, name);
      } else {
        core::write_text(first, name);
      }
      made.type_ = "header " + name + " values equals";
      break;
    }
    case ExpectationKind::kCdnHit:
      made.wants_hit_ = constant.is_truthy() && constant != Value("false");
      break;
    default:
      if (made.is_constant_) core::write_text(constant, made.constant_);
      break;
  }
  if (!made.is_constant_) return made;
  if (kind == ExpectationKind::kHasProperty || kind == ExpectationKind::kNotHasProperty) {
    made.path_ = std::make_shared<const Path>(made.constant_);
  }
  if (kind == ExpectationKind::kMatchesRegexp) {
    auto regexp = capture::Regexp::compile(made.constant_, RegexpOptions{});
    if (!regexp) return std::move(regexp).error();
    made.pattern_ = std::make_shared<const Pattern>(Pattern{*std::move(regexp)});
  }
  return made;
}

bool Expectation::needs_body() const {
  return kind_ == ExpectationKind::kContentType || kind_ == ExpectationKind::kHasProperty ||
         kind_ == ExpectationKind::kNotHasProperty || kind_ == ExpectationKind::kMatchesRegexp;
}

bool Expectation::needs_headers() const {
  return kind_ == ExpectationKind::kContentType || kind_ == ExpectationKind::kHasHeader ||
         kind_ == ExpectationKind::kHeaderEquals || kind_ == ExpectationKind::kCdnHit;
}

std::string Expectation::source() const {
  const auto write = [](const auto& self, const ValueTemplate& value, std::string& out) -> void {
    if (const auto* text = std::get_if<Template>(&value.data())) {
      out += text->source();
    } else if (const auto* constant = std::get_if<Value>(&value.data())) {
      core::write_text(*constant, out);
    } else if (const auto* list = std::get_if<ValueTemplate::List>(&value.data())) {
      out += '[';
      for (std::size_t i = 0; i < list->size(); ++i) {
        if (i > 0) out += ',';
        self(self, (*list)[i], out);
      }
      out += ']';
    }
  };
  std::string out;
  write(write, value_, out);
  return out;
}

std::string Expectation::text(const Scope& scope) const {
  if (is_constant_) return constant_;
  std::string out;
  core::write_text(value_.evaluate(scope), out);
  return out;
}

bool Expectation::holds(const ResponseView& response, const Scope& scope) const {
  switch (kind_) {
    case ExpectationKind::kStatusCode:
      return status_matches(response.status, scope);
    case ExpectationKind::kNotStatusCode:
      return !status_matches(response.status, scope);
    case ExpectationKind::kContentType:
      return has_content_type(response, scope);
    case ExpectationKind::kHasHeader: {
      std::string scratch;
      const std::string name = is_constant_ ? std::string() : text(scope);
      return !header_of(response, is_constant_ ? constant_ : name, scratch).empty();
    }
    case ExpectationKind::kHeaderEquals:
      return header_equals(response, scope);
    case ExpectationKind::kHasProperty:
      return has_property(response, scope, true);
    case ExpectationKind::kNotHasProperty:
      return has_property(response, scope, false);
    case ExpectationKind::kEquals:
      return all_equal(scope);
    case ExpectationKind::kMatchesRegexp:
      return matches(response, scope);
    case ExpectationKind::kCdnHit:
      return is_cached(response);
  }
  return false;
}

bool Expectation::status_matches(int status, const Scope& scope) const {
  const auto is_it = [=](double expected) { return expected == status; };
  if (is_constant_) return std::ranges::any_of(statuses_, is_it);
  const Value value = value_.evaluate(scope);
  if (!value.is_list()) return is_it(status_of(value));
  return std::ranges::any_of(value.as_list(),
                             [&](const Value& item) { return is_it(status_of(item)); });
}

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

bool Expectation::header_equals(const ResponseView& response, const Scope& scope) const {
  const Value pair = value_.evaluate(scope);
  if (!pair.is_list() || pair.as_list().size() != 2) return false;
  std::string name, value, scratch;
  core::write_text(pair.as_list()[0], name);
  core::write_text(pair.as_list()[1], value);
  const std::string_view found = header_of(response, name, scratch);
  return !found.empty() && found == value;
}

bool Expectation::has_property(const ResponseView& response, const Scope& scope,
                               bool wanted) const {
  const capture::JsonKind kind = capture::kind_at(response.body, {});
  if (kind != capture::JsonKind::kObject && kind != capture::JsonKind::kList) return false;
  if (path_) return path_->is_in(response.body) == wanted;
  return Path(text(scope)).is_in(response.body) == wanted;
}

bool Expectation::all_equal(const Scope& scope) const {
  const Value values = value_.evaluate(scope);
  if (!values.is_list() || values.as_list().empty()) return false;
  std::string first, other;
  core::write_text(values.as_list().front(), first);
  return std::ranges::all_of(values.as_list(), [&](const Value& value) {
    other.clear();
    core::write_text(value, other);
    return other == first;
  });
}

bool Expectation::matches(const ResponseView& response, const Scope& scope) const {
  if (pattern_) return !pattern_->regexp.find(response.body).is_undefined();
  const auto regexp = capture::Regexp::compile(text(scope), RegexpOptions{});
  return regexp && !regexp->find(response.body).is_undefined();
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

std::string Expectation::property_found(const ResponseView& response, const std::string& path,
                                        bool ok) const {
  const capture::JsonKind kind = capture::kind_at(response.body, {});
  if (kind != capture::JsonKind::kObject && kind != capture::JsonKind::kList) {
    return std::string(kNoObject);
  }
  if (ok) return path;
  const bool is_there = kind_ == ExpectationKind::kNotHasProperty;
  return std::string("response body has ") + (is_there ? "" : "no ") + path + " property";
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

Expectation::Account Expectation::explain(const ResponseView& response, const Scope& scope) const {
  const bool ok = holds(response, scope);
  const Value expected = value_.evaluate(scope);
  std::string text;
  core::write_text(expected, text);
  switch (kind_) {
    case ExpectationKind::kStatusCode:
      return {expected, Value(response.status)};
    case ExpectationKind::kNotStatusCode:
      return {Value("Status code different than " + text), Value(response.status)};
    case ExpectationKind::kContentType:
      return {expected, Value(content_type_found(response, text, ok))};
    case ExpectationKind::kHasHeader:
      return {expected, ok ? expected : Value("response has no " + text + " header")};
    case ExpectationKind::kHeaderEquals:
      return explain_header(response, scope);
    case ExpectationKind::kHasProperty:
    case ExpectationKind::kNotHasProperty:
      return {expected, Value(property_found(response, text, ok))};
    case ExpectationKind::kEquals: {
      std::string values;
      for (const Value& value : expected.is_list() ? expected.as_list() : Value::List{}) {
        if (!values.empty()) values += ", ";
        core::write_text(value, values);
      }
      return {Value("all values to be equal"), Value(values)};
    }
    case ExpectationKind::kMatchesRegexp:
      return {expected, Value(ok)};
    case ExpectationKind::kCdnHit:
      return {
          Value(std::string("a cache header indicating a cache ") + (wants_hit_ ? "hit" : "miss")),
          Value(cache_found(response))};
  }
  return {};
}

}  // namespace slsart::expr
