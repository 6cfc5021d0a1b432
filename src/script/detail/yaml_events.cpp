#include "script/detail/yaml_events.h"

#include "script/detail/syntax_hint.h"

namespace slsart::script::detail {
namespace {

std::string token_text(fy_token* token) {
  if (!token) return {};
  std::size_t size = 0;
  const char* const text = fy_token_get_text(token, &size);
  return text ? std::string(text, size) : std::string();
}

std::optional<EventKind> kind_of(fy_event_type type) {
  switch (type) {
    case FYET_SCALAR:
      return EventKind::kScalar;
    case FYET_ALIAS:
      return EventKind::kAlias;
    case FYET_SEQUENCE_START:
      return EventKind::kListStart;
    case FYET_SEQUENCE_END:
      return EventKind::kListEnd;
    case FYET_MAPPING_START:
      return EventKind::kMapStart;
    case FYET_MAPPING_END:
      return EventKind::kMapEnd;
    case FYET_DOCUMENT_START:
      return EventKind::kDocumentStart;
    case FYET_STREAM_END:
      return EventKind::kEnd;
    default:
      return std::nullopt;
  }
}

// The `|` or `>` that opens the block scalar whose content starts at `content`: it ends the line
// before.
std::size_t block_indicator(const Places& places, std::size_t content) {
  const std::size_t number = places.line_of(content);
  if (number == 0) return content;
  const std::string_view header = places.line(number - 1);
  const std::size_t found = header.substr(0, header.find(" #")).find_last_of("|>");
  return found == std::string_view::npos ? content : places.offset(number - 1, 0) + found;
}

}  // namespace

YamlEvents::YamlEvents(const Places& places, Report& report) : places_(places), report_(report) {
  fy_diag_cfg diagnostics{};
  fy_diag_cfg_default(&diagnostics);
  diagnostics.fp = nullptr;
  diagnostics.output_fn = [](fy_diag*, void*, const char*, std::size_t) {};
  diagnostics.colorize = false;
  diagnostics.level = FYET_ERROR;
  diag_.reset(fy_diag_create(&diagnostics));
  fy_diag_set_collect_errors(diag_.get(), true);

  fy_parse_cfg config{};
  config.flags = static_cast<fy_parse_cfg_flags>(FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE |
                                                 FYPCF_DEFAULT_VERSION_1_2);
  config.diag = diag_.get();
  parser_.reset(fy_parser_create(&config));
  SLSART_CHECK(parser_ != nullptr);
  const std::string& text = places.source()->text;
  if (fy_parser_set_string(parser_.get(), text.data(), text.size()) != 0) ended_ = true;
}

std::optional<Event> YamlEvents::next() {
  while (!ended_) {
    fy_event* const raw = fy_parser_parse(parser_.get());
    if (!raw) {
      ended_ = true;
      report_failure();
      return std::nullopt;
    }
    const std::optional<EventKind> kind = kind_of(raw->type);
    Event event;
    if (kind) {
      event = to_event(*raw);
      event.kind = *kind;
    }
    fy_parser_event_free(parser_.get(), raw);
    if (kind == EventKind::kEnd) ended_ = true;
    if (!kind) continue;
    track_brackets(event);
    return event;
  }
  return Event{};
}

Event YamlEvents::to_event(fy_event& raw) const {
  Event event;
  event.anchor = token_text(fy_event_get_anchor_token(&raw));
  event.tag = token_text(fy_event_get_tag_token(&raw));
  const fy_mark* const start = fy_event_start_mark(&raw);
  const fy_mark* const end = fy_event_end_mark(&raw);
  if (start) event.span = places_.span(start->input_pos, end ? end->input_pos : start->input_pos);
  switch (raw.type) {
    case FYET_SCALAR:
      read_scalar(raw, event);
      break;
    case FYET_ALIAS:
      event.text = token_text(raw.alias.anchor);
      // The mark is behind the `*`.
      if (start) event.span = places_.span(start->input_pos - 1, end->input_pos);
      break;
    case FYET_SEQUENCE_START:
    case FYET_MAPPING_START:
      event.flow = fy_event_get_node_style(&raw) == FYNS_FLOW;
      break;
    default:
      break;
  }
  return event;
}

void YamlEvents::read_scalar(fy_event& raw, Event& event) const {
  fy_token* const token = raw.scalar.value;
  event.text = token_text(token);
  const fy_mark* const start = fy_event_start_mark(&raw);
  const fy_mark* const end = fy_event_end_mark(&raw);
  if (!token || !start || !end) {  // a key without a value
    event.plain = true;
    return;
  }
  const std::string_view source = places_.source()->text;
  const std::size_t from = start->input_pos;
  switch (fy_token_scalar_style(token)) {
    case FYSS_SINGLE_QUOTED:
    case FYSS_DOUBLE_QUOTED:
      event.span = places_.span(from - 1, end->input_pos + 1);
      event.quote = 1;
      break;
    case FYSS_LITERAL:
    case FYSS_FOLDED:
      event.span = places_.span(block_indicator(places_, from), from);
      return;
    default:
      event.plain = true;
      break;
  }
  event.verbatim = source.substr(from, event.text.size()) == event.text &&
                   event.text.find('\n') == std::string::npos;
}

void YamlEvents::track_brackets(const Event& event) {
  const bool opens = event.kind == EventKind::kListStart || event.kind == EventKind::kMapStart;
  const bool closes = event.kind == EventKind::kListEnd || event.kind == EventKind::kMapEnd;
  if (opens) open_.push_back({.kind = event.kind, .flow = event.flow, .span = event.span});
  if (closes && !open_.empty()) open_.pop_back();
}

void YamlEvents::report_failure() {
  void* position = nullptr;
  const fy_diag_error* first = nullptr;
  while (const fy_diag_error* error = fy_diag_errors_iterate(diag_.get(), &position)) {
    if (!first) first = error;
  }
  if (!first) {
    report_.error("yaml", places_.span(0, 0), "this is not YAML");
    return;
  }
  const auto line = static_cast<std::size_t>(first->line > 0 ? first->line - 1 : 0);
  const auto column = static_cast<std::size_t>(first->column > 0 ? first->column - 1 : 0);
  const SyntaxFault fault =
      explain_syntax(places_, places_.offset(line, column), first->msg ? first->msg : "");
  core::Diagnostic& told = report_.error("yaml", fault.span, fault.message, fault.hint);
  if (!open_.empty() && open_.back().flow) {
    told.related.emplace_back(open_.back().span, "the bracket that is open there");
  }
}

}  // namespace slsart::script::detail
