#include <algorithm>

#include "core/text.h"
#include "script/detail/build.h"
#include "script/detail/prepare.h"
#include "script/detail/source_text.h"

namespace slsart::script::detail {
namespace {

expr::PayloadOptions build_options(const Fields& fields) {
  expr::PayloadOptions options;
  if (const Node* names = fields.find("fields"); names && names->is_list()) {
    for (const Node& name : names->items) options.fields.push_back(name.text());
  }
  const bool in_sequence = fields.text("order") == "sequence";
  options.order = in_sequence ? expr::PayloadOrder::kSequence : expr::PayloadOrder::kRandom;
  options.skip_header = fields.boolean("skipHeader").value_or(false);
  if (const auto delimiter = fields.text("delimiter")) options.delimiter = delimiter->front();
  options.cast = fields.boolean("cast").value_or(true);
  options.skip_empty_lines = fields.boolean("skipEmptyLines").value_or(true);
  options.load_all = fields.boolean("loadAll").value_or(false);
  options.name = fields.text("name").value_or("");
  options.as_record = options.load_all && fields.find("order") != nullptr;
  if (fields.text("atEnd") == "skip") options.at_end = expr::AtEnd::kSkip;
  if (fields.text("atEnd") == "stop") options.at_end = expr::AtEnd::kStop;
  const Fields csv = fields.section("options");
  if (const auto delimiter = csv.text("delimiter")) options.delimiter = delimiter->front();
  options.cast = csv.boolean("cast").value_or(options.cast);
  options.skip_empty_lines = csv.boolean("skip_empty_lines").value_or(options.skip_empty_lines);
  options.trim = csv.boolean("trim").value_or(false);
  if (csv.integer("from_line") == 2) options.skip_header = true;
  return options;
}

// Where a fault of the file is: in the file itself when the parser knows, else at the script's
// path.
core::Span place_of(const core::Error& error, const core::SourcePtr& csv, const Node& path) {
  if (!error.offset) return path.span;
  return Places(csv).span(*error.offset, *error.offset + 1);
}

// config.variables win over columns (reference/artillery-script.md §4). A hidden column keeps its
// place under the empty name, which no template can ask for.
bool hide_columns(std::vector<std::string>& columns, const Node* variables, const Node& place,
                  Building& building) {
  bool hidden = false;
  for (std::string& column : columns) {
    const Entry* const variable = variables ? variables->entry(column) : nullptr;
    if (!variable || column.empty()) continue;
    core::Diagnostic& told =
        building.report.warning("hidden-column", place.span,
                                "the column " + quoted(column) +
                                    " is hidden by the variable of that name in config.variables");
    told.related.emplace_back(variable->key_span, "the variable");
    column.clear();
    hidden = true;
  }
  return hidden;
}

std::vector<std::string> columns_of(const expr::Payload& payload,
                                    const core::SymbolTable& symbols) {
  std::vector<std::string> columns;
  for (const core::Symbol symbol : payload.field_symbols()) {
    columns.emplace_back(symbols.name(symbol));
  }
  return columns;
}

std::optional<expr::Payload> build_payload(const Node& map, const Node* variables,
                                           Building& building) {
  const Fields fields(&map);
  const Node* const path = fields.find("path");
  if (!path) {
    building.report.error("missing-key", map.span, "this payload has no \"path\"",
                          "name a CSV file: path: users.csv, or give -p");
    return std::nullopt;
  }
  const bool from_option = path->span.source && path->span.source->name == kPayloadOption;
  const bool is_given = building.options.files.contains(path->text());
  const std::string file =
      from_option && !is_given ? path->text() : resolve_path(path->text(), building);
  if (from_option && !is_given) note_file(file, file, building);
  auto text = core::read_file(file);
  if (!text) {
    building.report.error("payload", path->span, "cannot read the payload: " + text.error().message,
                          "looked in the folder of the script, " + building.options.directory +
                              ", and in the working directory");
    return std::nullopt;
  }
  const auto csv = std::make_shared<const core::Source>(core::Source{file, *std::move(text)});
  expr::PayloadOptions options = build_options(fields);
  const Node* const names = fields.find("fields");
  const Node& place = names ? *names : *path;
  if (!options.load_all) hide_columns(options.fields, variables, place, building);
  auto payload = expr::Payload::parse(csv->text, options, building.scope.symbols);
  if (payload && options.fields.empty() && !options.load_all) {
    options.fields = columns_of(*payload, building.scope.symbols);
    if (hide_columns(options.fields, variables, place, building)) {
      payload = expr::Payload::parse(csv->text, options, building.scope.symbols);
    }
  }
  if (payload) return *std::move(payload);
  building.report.error("payload", place_of(payload.error(), csv, *path), payload.error().message,
                        payload.error().hint);
  return std::nullopt;
}

}  // namespace

std::vector<expr::Payload> build_payloads(const Node* node, const Node* variables,
                                          Building& building) {
  std::vector<expr::Payload> payloads;
  for (const Node* map : one_or_list(node)) {
    if (auto payload = build_payload(*map, variables, building)) {
      payloads.push_back(*std::move(payload));
    }
  }
  return payloads;
}

}  // namespace slsart::script::detail
