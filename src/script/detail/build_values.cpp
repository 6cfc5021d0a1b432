#include <algorithm>
#include <filesystem>
#include <utility>

#include "script/detail/build.h"
#include "script/detail/value_types.h"
#include "script/duration.h"

namespace slsart::script::detail {

const Node* Fields::find(std::string_view key) const {
  const Node* const node = map_ ? map_->find(key) : nullptr;
  return node && !node->refused && !node->is_undefined() ? node : nullptr;
}

std::optional<std::string> Fields::text(std::string_view key) const {
  const Node* const node = find(key);
  return node && node->is_scalar() ? std::optional(node->text()) : std::nullopt;
}

std::optional<bool> Fields::boolean(std::string_view key) const {
  const Node* const node = find(key);
  return node ? boolean_in(*node) : std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view key) const {
  const Node* const node = find(key);
  return node ? integer_in(*node) : std::nullopt;
}

std::optional<core::Duration> Fields::duration(std::string_view key) const {
  const Node* const node = find(key);
  if (!node || !node->is_scalar()) return std::nullopt;
  const core::Result<core::Duration> duration = parse_duration(node->text());
  return duration ? std::optional(*duration) : std::nullopt;
}

std::vector<const Node*> one_or_list(const Node* node) {
  std::vector<const Node*> result;
  if (!node || node->refused || node->is_nothing()) return result;
  if (!node->is_list()) return {node};
  for (const Node& item : node->items) {
    if (!item.refused && !item.is_nothing()) result.push_back(&item);
  }
  return result;
}

void report_error(const core::Error& error, std::string id, const Node& text, Building& building) {
  const core::Span span = error.offset ? place_in(text, *error.offset) : text.span;
  building.report.error(std::move(id), span, error.message, error.hint);
}

namespace {

expr::TemplateErrors strictness(const Building& building) {
  return building.dialect.bad_template == BadTemplate::kText ? expr::TemplateErrors::kKeepText
                                                             : expr::TemplateErrors::kReport;
}

// Numbers and booleans as JavaScript writes them: what the reference would send.
std::string sent_text(const Node& node) {
  std::string text;
  core::write_text(node.scalar, text);
  return text;
}

expr::Template compile(const Node& owner, const std::string& text, Building& building) {
  auto compiled = expr::Template::compile(text, building.scope.symbols, strictness(building));
  if (compiled) return *std::move(compiled);
  report_error(compiled.error(), "template", owner, building);
  return {};
}

// A key has no node of its own.
expr::Template compile_key(const Entry& entry, Building& building) {
  Node key = make_scalar(entry.key, entry.key_span);
  return compile(key, entry.key, building);
}

}  // namespace

expr::Template build_template(const Node& text, Building& building) {
  return text.is_scalar() ? compile(text, sent_text(text), building) : expr::Template();
}

std::optional<expr::UserCondition> build_condition(const Node* text, Building& building) {
  if (!text || !text->is_scalar()) return std::nullopt;
  auto condition = expr::UserCondition::compile(text->text(), building.scope.symbols,
                                                building.dialect.condition_quotes);
  if (condition) return *std::move(condition);
  const core::Error& error = condition.error();
  const core::Span span = error.offset ? place_in(*text, *error.offset) : text->span;
  building.report.warning("condition", span, "this condition counts as true: " + error.message,
                          error.hint);
  return std::nullopt;
}

expr::ValueTemplate build_value(const Node& node, Building& building) {
  if (node.is_list()) {
    expr::ValueTemplate::List items;
    for (const Node& item : node.items) items.push_back(build_value(item, building));
    expr::ValueTemplate list(std::move(items));
    return list.is_static() ? expr::ValueTemplate(to_value(node)) : list;
  }
  if (node.is_map()) {
    expr::ValueTemplate::Object members;
    for (const Entry& entry : node.entries) {
      members.push_back(
          {.key = compile_key(entry, building), .value = build_value(entry.value, building)});
    }
    expr::ValueTemplate object(std::move(members));
    return object.is_static() ? expr::ValueTemplate(to_value(node)) : object;
  }
  if (!node.is_text()) return node.scalar;
  expr::Template text = build_template(node, building);
  return text.is_static() ? expr::ValueTemplate(node.scalar) : expr::ValueTemplate(std::move(text));
}

namespace {

// A token of RFC 9110 §5.6.2.
bool is_header_name(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    const char lower = static_cast<char>(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

}  // namespace

std::vector<HeaderTemplate> build_headers(const Node* map, Building& building) {
  std::vector<HeaderTemplate> headers;
  if (!map) return headers;
  for (const Entry& entry : map->entries) {
    if (entry.value.refused || entry.value.is_undefined()) continue;
    if (!is_header_name(entry.key)) {
      building.report.error("bad-header-name", entry.key_span,
                            "a header name holds only letters, digits and !#$%&'*+-.^_`|~");
      continue;
    }
    if (!entry.value.is_list()) {
      headers.push_back({.name = entry.key, .value = build_template(entry.value, building)});
      continue;
    }
    bool is_further = false;
    for (const Node& item : entry.value.items) {
      if (item.refused || item.is_undefined()) continue;
      headers.push_back({.name = entry.key,
                         .value = build_template(item, building),
                         .is_further = std::exchange(is_further, true)});
    }
  }
  return headers;
}

std::vector<FieldTemplate> build_fields(const Node* map, Building& building) {
  std::vector<FieldTemplate> fields;
  if (!map) return fields;
  for (const Entry& entry : map->entries) {
    if (entry.value.refused || entry.value.is_undefined()) continue;
    fields.push_back(
        {.name = compile_key(entry, building), .value = build_value(entry.value, building)});
  }
  return fields;
}

namespace {

std::string find_file(const std::string& path, const LoadOptions& options) {
  namespace fs = std::filesystem;
  const auto given = options.files.find(path);
  if (given != options.files.end()) return given->second;
  const fs::path beside = (fs::path(options.directory) / fs::path(path)).lexically_normal();
  std::error_code ignored;
  // serverless-artillery reads such paths from the folder it is called in.
  const bool only_here = !fs::exists(beside, ignored) && fs::exists(path, ignored);
  return only_here ? path : beside.string();
}

}  // namespace

std::string resolve_path(const std::string& path, Building& building) {
  std::string found = find_file(path, building.options);
  note_file(path, found, building);
  return found;
}

void note_file(const std::string& name, const std::string& path, Building& building) {
  const NamedFile file{.name = name, .path = path};
  auto& files = building.files;
  if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
}

}  // namespace slsart::script::detail
