// Hot path: see architecture §9
#include "expr/extractor.h"

#include <utility>
#include <variant>

#include "expr/capture/header.h"
#include "expr/capture/json_path.h"
#include "expr/capture/regexp.h"

namespace slsart::expr {

struct Extractor::Program {
  std::variant<capture::JsonPath, capture::Regexp, capture::Header> kind;
};

namespace {

template <typename Kind>
core::Result<std::shared_ptr<const Extractor::Program>> share(core::Result<Kind> kind) {
  if (!kind) return std::move(kind).error();
  return std::make_shared<const Extractor::Program>(Extractor::Program{*std::move(kind)});
}

}  // namespace

core::Result<Extractor> Extractor::make(core::Result<std::shared_ptr<const Program>> program) {
  if (!program) return std::move(program).error();
  Extractor extractor;
  extractor.program_ = *std::move(program);
  return extractor;
}

core::Result<Extractor> Extractor::json(std::string_view path) {
  return make(share(capture::JsonPath::parse(path)));
}

core::Result<Extractor> Extractor::regexp(std::string_view pattern, const RegexpOptions& options) {
  return make(share(capture::Regexp::compile(pattern, options)));
}

core::Result<Extractor> Extractor::header(std::string_view name) {
  return make(share(capture::Header::parse(name)));
}

core::Value Extractor::extract(const ResponseView& response, core::Rng& rng) const {
  if (program_ == nullptr) return {};
  const auto& kind = program_->kind;
  if (const auto* path = std::get_if<capture::JsonPath>(&kind)) {
    return path->find_one(response.body, rng);
  }
  if (const auto* regexp = std::get_if<capture::Regexp>(&kind)) return regexp->find(response.body);
  return std::get<capture::Header>(kind).find(response.headers);
}

bool Extractor::needs_body() const {
  return program_ != nullptr && !needs_headers();
}

bool Extractor::needs_headers() const {
  return program_ != nullptr && std::holds_alternative<capture::Header>(program_->kind);
}

bool Match::holds(const ResponseView& response, const Scope& scope) const {
  core::Rng unseeded(0);
  core::Rng& rng = scope.rng == nullptr ? unseeded : *scope.rng;
  const core::Value found = from.extract(response, rng);
  return found == value.evaluate(scope);
}

}  // namespace slsart::expr
