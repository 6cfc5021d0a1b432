// Hot path: see architecture §9
#include "expr/template.h"

#include <algorithm>
#include <optional>

#include "expr/detail/path.h"
#include "expr/detail/slot_parser.h"
#include "expr/functions.h"

namespace slsart::expr {
namespace {

struct Step {
  std::string key;
  std::optional<std::size_t> index;  // the key, where it can also name a place in a list
};

// One `{{ ... }}` and the text before it.
struct Slot {
  std::size_t literal_begin = 0;  // of the source
  std::size_t literal_size = 0;
  const Function* function = nullptr;
  std::vector<core::Value> arguments;
  core::Symbol literal_name;  // the whole path as one name
  core::Symbol root;
  std::vector<Step> steps;
};

const core::Value kUndefined;

// Where the path leads from `value`; `scratch` holds what is not stored anywhere (a length).
const core::Value* follow(const core::Value* value, const Slot& slot, core::Value& scratch) {
  for (const Step& step : slot.steps) {
    const core::Value* next = nullptr;
    if (value->is_object()) {
      next = value->find(step.key);
    } else if (value->is_list() && step.index) {
      const auto& items = value->as_list();
      if (*step.index < items.size()) next = &items[*step.index];
    } else if (step.key == "length" && (value->is_list() || value->is_string())) {
      const std::size_t length =
          value->is_list() ? value->as_list().size() : detail::utf16_length(value->as_string());
      scratch = core::Value(static_cast<std::int64_t>(length));
      next = &scratch;
    }
    if (next == nullptr) return &kUndefined;
    value = next;
  }
  return value;
}

const core::Value* look_up(const Slot& slot, const Scope& scope, core::Value& scratch) {
  if (const core::Value* value = scope.find(slot.literal_name)) return value;
  if (slot.steps.empty() && slot.root == slot.literal_name) return &kUndefined;
  const core::Value* root = scope.find(slot.root);
  return root == nullptr ? &kUndefined : follow(root, slot, scratch);
}

// The value of a slot; functions are called. Valid as long as the variables and `scratch` are.
const core::Value* resolve(const Slot& slot, const Scope& scope, core::Value& scratch) {
  if (slot.function == nullptr) return look_up(slot, scope, scratch);
  if (scope.rng == nullptr) return &kUndefined;
  scratch = slot.function->call(slot.arguments, *scope.rng);
  return &scratch;
}

void append(const Slot& slot, const Scope& scope, std::string& out) {
  if (slot.function != nullptr && slot.function->append != nullptr && scope.rng != nullptr) {
    slot.function->append(slot.arguments, *scope.rng, out);
    return;
  }
  core::Value scratch;
  core::write_text(*resolve(slot, scope, scratch), out);
}

Slot make_slot(detail::SlotText&& text, core::SymbolTable& symbols) {
  Slot slot;
  slot.function = text.function;
  slot.arguments = std::move(text.arguments);
  if (slot.function != nullptr) return slot;
  slot.literal_name = symbols.intern(text.literal);
  slot.root = symbols.intern(text.path.root);
  for (std::string& key : text.path.steps) {
    const auto index = detail::list_index(key);
    slot.steps.push_back({std::move(key), index});
  }
  return slot;
}

// A run of opening braces and the slot it may open. `{{{` counts as such only with `}}}` to close
// it; in `{{{ key }}: 1}` the first brace is text.
struct Opening {
  std::size_t begin = 0;      // of the braces that belong to the slot
  std::size_t run_begin = 0;  // of all braces that stand together
  std::size_t run_end = 0;    // the first byte behind them
};

std::optional<Opening> find_opening(std::string_view text, std::size_t from) {
  constexpr std::size_t kMostBraces = 3;
  const std::size_t begin = text.find("{{", from);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t end = std::min(text.find_first_not_of('{', begin), text.size());
  return Opening{std::max(begin, end - std::min(end, kMostBraces)), begin, end};
}

struct Found {
  detail::SlotText slot;
  std::size_t begin = 0;
  std::size_t end = 0;
};

core::Error slot_error(core::ErrorCode code, std::size_t offset, std::string message,
                       std::string hint) {
  return core::Error{
      .code = code, .message = std::move(message), .hint = std::move(hint), .offset = offset};
}

core::Result<Found> read_slot(std::string_view text, const Opening& opening,
                              detail::Letters letters) {
  constexpr const char* kHint = "a slot is {{ name }}, {{ a.b[0] }} or {{ $function(1, 2) }}";
  const std::size_t blank_end = text.find_first_not_of(" \t\r\n", opening.run_end);
  if (blank_end != std::string_view::npos && text.substr(blank_end, 2) == "}}") {
    return slot_error(core::ErrorCode::kInvalidInput, opening.run_end - 2, "the slot is empty",
                      kHint);
  }
  auto slot = detail::parse_slot(text, opening.run_end, letters);
  const std::size_t stop = slot ? slot->end : *slot.error().offset;
  if (stop >= text.size() || (slot && text.find("}}", stop) == std::string_view::npos)) {
    return slot_error(core::ErrorCode::kInvalidInput, opening.run_end - 2,
                      "these braces are never closed", kHint);
  }
  if (!slot) {
    core::Error error = std::move(slot).error();
    if (error.hint.empty()) error.hint = kHint;
    return error;
  }
  if (text.substr(stop, 2) != "}}") {
    return slot_error(core::ErrorCode::kInvalidInput, stop, "this is no template expression",
                      kHint);
  }
  const bool is_triple = opening.run_end - opening.begin == 3 && text.substr(stop, 3) == "}}}";
  const std::size_t width = is_triple ? 3 : 2;
  return Found{*std::move(slot), opening.run_end - width, stop + width};
}

}  // namespace

struct Template::Program {
  std::vector<Slot> slots;
  std::size_t tail_begin = 0;  // the text behind the last slot

  // The text that is exactly one slot.
  const Slot* lone_slot(std::string_view source) const {
    const bool is_lone =
        slots.size() == 1 && slots[0].literal_size == 0 && tail_begin == source.size();
    return is_lone ? &slots[0] : nullptr;
  }
};

core::Result<Template> Template::compile(std::string_view text, core::SymbolTable& symbols,
                                         TemplateErrors errors) {
  const bool reports = errors == TemplateErrors::kReport;
  const auto letters = reports ? detail::Letters::kAny : detail::Letters::kReference;
  auto program = std::make_shared<Program>();
  std::size_t from = 0;
  while (const auto opening = find_opening(text, from)) {
    auto found = read_slot(text, *opening, letters);
    if (!found) {
      if (reports) return std::move(found).error();
      from = opening->run_end;
      continue;
    }
    Slot slot = make_slot(std::move(found->slot), symbols);
    slot.literal_begin = program->tail_begin;
    slot.literal_size = found->begin - program->tail_begin;
    program->slots.push_back(std::move(slot));
    program->tail_begin = from = found->end;
  }
  Template result;
  result.source_ = text;
  if (!program->slots.empty()) result.program_ = std::move(program);
  return result;
}

void Template::render(const Scope& scope, std::string& out) const {
  if (is_static()) {
    out += source_;
    return;
  }
  for (const Slot& slot : program_->slots) {
    out.append(source_, slot.literal_begin, slot.literal_size);
    append(slot, scope, out);
  }
  out.append(source_, program_->tail_begin);
}

const core::Value& Template::peek(const Scope& scope, core::Value& scratch) const {
  const Slot* lone = is_static() ? nullptr : program_->lone_slot(source_);
  if (lone != nullptr) return *resolve(*lone, scope, scratch);
  std::string text;
  render(scope, text);
  scratch = core::Value(std::move(text));
  return scratch;
}

bool Template::is_lone_slot() const {
  return !is_static() && program_->lone_slot(source_) != nullptr;
}

core::Value Template::evaluate(const Scope& scope) const {
  core::Value scratch;
  const core::Value& value = peek(scope, scratch);
  return &value == &scratch ? std::move(scratch) : value;
}

std::vector<core::Symbol> Template::variables() const {
  std::vector<core::Symbol> roots;
  if (is_static()) return roots;
  for (const Slot& slot : program_->slots) {
    if (slot.function == nullptr) roots.push_back(slot.root);
  }
  return roots;
}

}  // namespace slsart::expr
