// Hot path: see architecture §9
#include "expr/expectation.h"

#include <algorithm>
#include <utility>

#include "expr/capture/jmes_path.h"
#include "expr/capture/json_scan.h"
#include "expr/capture/regexp.h"
#include "expr/detail/path.h"

// What is expected of bodies.

namespace slsart::expr {
namespace {

using core::Value;

constexpr std::string_view kNoObject = "response body is not an object";

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

bool is_object_or_list(std::string_view body) {
  const capture::JsonKind kind = capture::kind_at(body, {});
  return kind == capture::JsonKind::kObject || kind == capture::JsonKind::kList;
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

core::Result<void> Expectation::compile_constant() {
  if (kind_ == ExpectationKind::kHasProperty || kind_ == ExpectationKind::kNotHasProperty) {
    path_ = std::make_shared<const Path>(constant_);
  }
  if (kind_ == ExpectationKind::kMatchesRegexp) {
    auto regexp = capture::Regexp::compile(constant_, RegexpOptions{});
    if (!regexp) return std::move(regexp).error();
    pattern_ = std::make_shared<const Pattern>(Pattern{*std::move(regexp)});
  }
  if (is_query()) {
    auto query = capture::JmesPath::parse(constant_);
    if (!query) return std::move(query).error();
    query_ = std::make_shared<const capture::JmesPath>(*std::move(query));
  }
  return {};
}

bool Expectation::has_property(const ResponseView& response, const Scope& scope,
                               bool wanted) const {
  if (!is_object_or_list(response.body)) return false;
  if (path_) return path_->is_in(response.body) == wanted;
  return Path(text(scope)).is_in(response.body) == wanted;
}

bool Expectation::matches(const ResponseView& response, const Scope& scope) const {
  if (pattern_) return !pattern_->regexp.find(response.body).is_undefined();
  const auto regexp = capture::Regexp::compile(text(scope), RegexpOptions{});
  return regexp && !regexp->find(response.body).is_undefined();
}

core::Result<Value> Expectation::query_result(const ResponseView& response,
                                              const Scope& scope) const {
  const auto document = core::parse_json(response.body);
  if (!document || (!document->is_object() && !document->is_list())) {
    return core::Error{.code = core::ErrorCode::kInvalidInput,
                       .message = std::string(kNoObject),
                       .hint = {},
                       .offset = {}};
  }
  if (query_) return query_->search(*document);
  const auto query = capture::JmesPath::parse(text(scope));
  if (!query) return query.error();
  return query->search(*document);
}

bool Expectation::query_holds(const ResponseView& response, const Scope& scope) const {
  const auto result = query_result(response, scope);
  return result && result->is_truthy();  // JavaScript's idea of truth: an empty list is there
}

Expectation::Account Expectation::explain_query(const ResponseView& response,
                                                const Scope& scope) const {
  auto result = query_result(response, scope);
  const Value expected = description_.empty() ? Value(text(scope)) : Value(description_);
  if (!result) return {expected, Value(result.error().message)};
  return {expected, *std::move(result)};
}

std::string Expectation::property_found(const ResponseView& response, const std::string& path,
                                        bool ok) const {
  if (!is_object_or_list(response.body)) return std::string(kNoObject);
  if (ok) return path;
  const bool is_there = kind_ == ExpectationKind::kNotHasProperty;
  return std::string("response body has ") + (is_there ? "" : "no ") + path + " property";
}

}  // namespace slsart::expr
