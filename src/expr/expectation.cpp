// Hot path: see architecture §9
#include "expr/expectation.h"

#include <algorithm>
#include <array>

#include "expr/detail/javascript.h"

namespace slsart::expr {
namespace {

using core::Value;

double status_of(const Value& value) {
  return detail::to_number(value);
}

}  // namespace

std::string_view name_of(ExpectationKind kind) {
  constexpr std::array<std::string_view, 12> kNames = {
      "statusCode",    "notStatusCode", "contentType",    "hasHeader",
      "headerEquals",  "hasProperty",   "notHasProperty", "equals",
      "matchesRegexp", "cdnHit",        "jmespath",       "jpath"};
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
  if (auto compiled = made.compile_constant(); !compiled) return std::move(compiled).error();
  return made;
}

bool Expectation::needs_body() const {
  return kind_ == ExpectationKind::kContentType || kind_ == ExpectationKind::kHasProperty ||
         kind_ == ExpectationKind::kNotHasProperty || kind_ == ExpectationKind::kMatchesRegexp ||
         is_query();
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
    case ExpectationKind::kHasHeader:
      return has_header(response, scope);
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
    case ExpectationKind::kJmesPath:
    case ExpectationKind::kJPath:
      return query_holds(response, scope);
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
    case ExpectationKind::kJmesPath:
    case ExpectationKind::kJPath:
      return explain_query(response, scope);
  }
  return {};
}

}  // namespace slsart::expr
