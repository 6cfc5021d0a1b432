// Hot path: see architecture §9
#include "expr/extractor.h"

#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include "expr/capture/header.h"
#include "expr/capture/json_path.h"
#include "expr/capture/pick.h"
#include "expr/capture/regexp.h"
#include "expr/capture/selector.h"
#include "expr/capture/xpath.h"

namespace slsart::expr {
namespace {

struct Json {
  capture::JsonPath path;
  JsonOptions options;

  core::Value find(std::string_view body, core::Rng& rng) const {
    if (!options.select && (!options.is_raw || path.is_definite())) return path.find_one(body, rng);
    std::vector<core::Value> all = path.find_all(body);
    if (options.select) {
      return capture::pick(*options.select, all.size(), rng,
                           [&](std::size_t i) { return std::move(all[i]); });
    }
    return all.empty() ? core::Value() : core::Value(core::Value::List(std::move(all)));
  }
};

struct Templated {
  Template text;
  Extractor::Compile compile;
  bool looks_at_headers = false;
};

}  // namespace

struct Extractor::Program {
  std::variant<Json, capture::Regexp, capture::Header, capture::Selector, capture::XPath, Templated>
      kind;
};

namespace {

template <typename Kind>
core::Result<std::shared_ptr<const Extractor::Program>> share(core::Result<Kind> kind) {
  if (!kind) return std::move(kind).error();
  return std::make_shared<const Extractor::Program>(Extractor::Program{*std::move(kind)});
}

// The extractor for a rendered text; the last ones are kept, since they mostly come again.
const Extractor& compiled(const Templated& from, const std::string& text) {
  constexpr std::size_t kMostKept = 256;
  thread_local std::unordered_map<std::string, Extractor> kept;
  if (kept.size() > kMostKept) kept.clear();
  // The address tells expressions of different kinds with the same text apart.
  std::string key = std::to_string(reinterpret_cast<std::uintptr_t>(&from)) + ' ' + text;
  const auto [entry, is_new] = kept.try_emplace(std::move(key));
  if (is_new) {
    if (auto made = from.compile(text)) entry->second = *std::move(made);
  }
  return entry->second;
}

}  // namespace

core::Result<Extractor> Extractor::make(core::Result<std::shared_ptr<const Program>> program) {
  if (!program) return std::move(program).error();
  Extractor extractor;
  extractor.program_ = *std::move(program);
  return extractor;
}

core::Result<Extractor> Extractor::json(std::string_view path, const JsonOptions& options) {
  auto parsed = capture::JsonPath::parse(path);
  if (!parsed) return std::move(parsed).error();
  return make(share(core::Result<Json>(Json{*std::move(parsed), options})));
}

core::Result<Extractor> Extractor::regexp(std::string_view pattern, const RegexpOptions& options) {
  return make(share(capture::Regexp::compile(pattern, options)));
}

core::Result<Extractor> Extractor::header(std::string_view name) {
  return make(share(capture::Header::parse(name)));
}

core::Result<Extractor> Extractor::selector(std::string_view selector,
                                            const SelectionOptions& options) {
  return make(share(capture::Selector::compile(selector, options)));
}

core::Result<Extractor> Extractor::xpath(std::string_view expression,
                                         const SelectionOptions& options) {
  return make(share(capture::XPath::compile(expression, options)));
}

Extractor Extractor::templated(Template text, Compile compile, bool looks_at_headers) {
  Extractor extractor;
  extractor.program_ = std::make_shared<const Program>(
      Program{Templated{std::move(text), std::move(compile), looks_at_headers}});
  return extractor;
}

core::Value Extractor::extract(const ResponseView& response, core::Rng& rng) const {
  return extract(response, Scope{.rng = &rng});
}

core::Value Extractor::extract(const ResponseView& response, const Scope& scope) const {
  if (program_ == nullptr) return {};
  const auto& kind = program_->kind;
  if (const auto* json = std::get_if<Json>(&kind)) return json->find(response.body, *scope.rng);
  if (const auto* regexp = std::get_if<capture::Regexp>(&kind)) return regexp->find(response.body);
  if (const auto* header = std::get_if<capture::Header>(&kind))
    return header->find(response.headers);
  if (const auto* selector = std::get_if<capture::Selector>(&kind)) {
    return selector->find(response.body, *scope.rng);
  }
  if (const auto* xpath = std::get_if<capture::XPath>(&kind)) {
    return xpath->find(response.body, *scope.rng);
  }
  const auto& from = std::get<Templated>(kind);
  std::string text;
  from.text.render(scope, text);
  return compiled(from, text).extract(response, scope);
}

bool Extractor::needs_headers() const {
  if (program_ == nullptr) return false;
  const auto* from = std::get_if<Templated>(&program_->kind);
  return from != nullptr ? from->looks_at_headers
                         : std::holds_alternative<capture::Header>(program_->kind);
}

bool Extractor::needs_body() const {
  return program_ != nullptr && !needs_headers();
}

std::vector<core::Symbol> Extractor::variables() const {
  const auto* from = program_ == nullptr ? nullptr : std::get_if<Templated>(&program_->kind);
  return from == nullptr ? std::vector<core::Symbol>() : from->text.variables();
}

bool Match::holds(const ResponseView& response, const Scope& scope) const {
  core::Rng unseeded(0);
  Scope with_rng = scope;
  if (with_rng.rng == nullptr) with_rng.rng = &unseeded;
  const core::Value found = from.extract(response, with_rng);
  return found == value.evaluate(scope);
}

}  // namespace slsart::expr
