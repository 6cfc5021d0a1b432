#include <array>

#include "script/detail/build.h"
#include "script/detail/value_types.h"

namespace slsart::script::detail {
namespace {

constexpr std::array<std::string_view, 5> kExtractors{"json", "regexp", "header", "xpath",
                                                      "selector"};

std::optional<expr::Extractor> take(core::Result<expr::Extractor> extractor, const Node& text,
                                    Building& building) {
  if (extractor) return *std::move(extractor);
  report_error(extractor.error(), "expression", text, building);
  return std::nullopt;
}

// `index`, as validated: a number, or one of the words.
std::optional<expr::SelectionOptions> build_selection(const Fields& fields) {
  const Node* const index = fields.find("index");
  if (!index) return std::nullopt;
  expr::SelectionOptions options;
  if (const auto number = integer_in(*index)) options.number = static_cast<std::size_t>(*number);
  if (index->text() == "last") options.pick = expr::Pick::kLast;
  if (index->text() == "random") options.pick = expr::Pick::kRandom;
  if (index->text() == "all") options.pick = expr::Pick::kAll;
  return options;
}

// How the text under `key` becomes an extractor, with all that stands beside it.
expr::Extractor::Compile compiler_of(std::string_view key, const Fields& fields) {
  std::optional<expr::SelectionOptions> selection = build_selection(fields);
  if (key == "json") {
    const expr::JsonOptions options{.select = selection,
                                    .is_raw = !fields.boolean("multiple").value_or(true)};
    return [options](std::string_view text) { return expr::Extractor::json(text, options); };
  }
  if (key == "regexp") {
    const expr::RegexpOptions options{.flags = fields.text("flags").value_or(""),
                                      .group = fields.text("group").value_or("")};
    return [options](std::string_view text) { return expr::Extractor::regexp(text, options); };
  }
  if (key == "header") return [](std::string_view text) { return expr::Extractor::header(text); };
  expr::SelectionOptions options = std::move(selection).value_or(expr::SelectionOptions{});
  if (key == "xpath")
    return [options](std::string_view text) { return expr::Extractor::xpath(text, options); };
  options.attr = fields.text("attr").value_or("");
  return [options](std::string_view text) { return expr::Extractor::selector(text, options); };
}

// Nothing when the expression is bad, which has been said. One with slots is compiled when they are
// filled in.
std::optional<expr::Extractor> build_extractor(const Fields& fields, Building& building) {
  for (const std::string_view key : kExtractors) {
    const Node* const node = fields.find(key);
    if (!node) continue;
    const expr::Extractor::Compile compile = compiler_of(key, fields);
    if (has_slot(*node)) {
      auto text = expr::Template::compile(node->text(), building.scope.symbols);
      if (text && !text->is_static())
        return expr::Extractor::templated(*std::move(text), compile, key == "header");
    }
    return take(compile(node->text()), *node, building);
  }
  return std::nullopt;
}

std::string expression_of(const Fields& fields) {
  for (const std::string_view key : kExtractors) {
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
    const bool is_falsy = value->is_scalar() && !value->scalar.is_truthy();
    if (is_falsy && building.dialect.falsy_match == FalsyMatch::kNothing) {
      building.report.warning(
          "falsy-match", value->span,
          "this match is left out, as in artillery 1: its value is empty or false");
      continue;
    }
    matches.push_back({.from = *std::move(from),
                       .value = build_value(*value, building),
                       .strict = fields.boolean("strict").value_or(true),
                       .expression = expression_of(fields)});
  }
  return matches;
}

}  // namespace slsart::script::detail
