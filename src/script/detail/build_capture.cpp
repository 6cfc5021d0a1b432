#include "script/detail/build.h"

namespace slsart::script::detail {
namespace {

std::optional<expr::Extractor> take(core::Result<expr::Extractor> extractor, const Node& text,
                                    Building& building) {
  if (extractor) return *std::move(extractor);
  report_error(extractor.error(), "expression", text, building);
  return std::nullopt;
}

// Nothing when the expression is bad or of a kind that is not there yet; either has been said.
std::optional<expr::Extractor> build_extractor(const Fields& fields, Building& building) {
  if (const Node* path = fields.find("json")) {
    return take(expr::Extractor::json(path->text()), *path, building);
  }
  if (const Node* pattern = fields.find("regexp")) {
    const expr::RegexpOptions options{.flags = fields.text("flags").value_or(""),
                                      .group = fields.text("group").value_or("")};
    return take(expr::Extractor::regexp(pattern->text(), options), *pattern, building);
  }
  if (const Node* name = fields.find("header")) {
    return take(expr::Extractor::header(name->text()), *name, building);
  }
  return std::nullopt;
}

std::string expression_of(const Fields& fields) {
  for (const std::string_view key : {"json", "regexp", "header"}) {
    if (const auto text = fields.text(key)) return *text;
  }
  return {};
}

}  // namespace

std::vector<expr::Capture> build_captures(const Node* node, Building& building) {
  std::vector<expr::Capture> captures;
  for (const Node* map : one_or_list(node)) {
    const Fields fields(map);
    std::optional<expr::Extractor> from = build_extractor(fields, building);
    const Node* const as = fields.find("as");
    if (!as) continue;
    auto name = expr::VariableName::parse(as->text(), building.scope.symbols);
    if (!name) report_error(name.error(), "variable-name", *as, building);
    if (!name || !from) continue;
    captures.push_back({.from = *std::move(from),
                        .as = *std::move(name),
                        .strict = fields.boolean("strict").value_or(building.strict_captures)});
  }
  return captures;
}

std::vector<expr::Match> build_matches(const Node* node, Building& building) {
  std::vector<expr::Match> matches;
  for (const Node* map : one_or_list(node)) {
    const Fields fields(map);
    std::optional<expr::Extractor> from = build_extractor(fields, building);
    const Node* const value = fields.find("value");
    if (!from || !value) continue;
    matches.push_back({.from = *std::move(from),
                       .value = build_value(*value, building),
                       .strict = fields.boolean("strict").value_or(true),
                       .expression = expression_of(fields)});
  }
  return matches;
}

}  // namespace slsart::script::detail
