#include "script/detail/validate.h"

#include <algorithm>

#include "core/text.h"
#include "script/detail/value_types.h"

namespace slsart::script::detail {
namespace {

constexpr std::string_view kStepExpected = "a step such as `get:` with a `url`";

class Validator {
 public:
  explicit Validator(Report& report) : report_(report) {}

  void value(const Type& type, Node& node);
  void section(const Section& section, Node& map, const core::Span& place);

 private:
  void bare_url(const Type& type, Node& node);
  void scalar(const Type& type, Node& node);
  void choice(const Type& type, Node& node);
  void list(const Type& type, Node& node);
  void map(const Type& type, Node& node);
  void flow(Node& node);
  void step(Node& node);
  const StepKind* find_kind(Node& step);
  void step_neighbours(Node& step, const StepKind* kind, std::string_view kind_key);
  void entry(const Row& row, Entry& entry);
  void refuse(Node& node, std::string message);
  bool is_other(const Type& type, const Node& node, Node::Kind kind);

  Report& report_;
};

std::string list_of(const std::vector<std::string_view>& names) {
  std::string result;
  for (const std::string_view name : names) {
    if (!result.empty()) result += ", ";
    result += name;
  }
  return result;
}

// "did you mean "x"?", or what there is.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr std::size_t kMostListed = 24;
  const std::string_view near = core::nearest_name(word, known);
  if (!near.empty()) return "did you mean " + quoted(near) + "?";
  if (known.empty() || known.size() > kMostListed) return {};
  return "known are " + list_of(known);
}

std::vector<std::string_view> keys_of(std::span<const Row> rows) {
  std::vector<std::string_view> keys;
  for (const Row& row : rows) {
    if (row.support != Support::kAccepted) keys.push_back(row.key);
  }
  return keys;
}

std::vector<std::string_view> kind_keys() {
  std::vector<std::string_view> keys;
  for (const StepKind& kind : step_kinds()) keys.push_back(kind.row.key);
  return keys;
}

const Row* find_row(std::span<const Row> rows, std::string_view key) {
  const auto found = std::ranges::find(rows, key, &Row::key);
  return found == rows.end() ? nullptr : &*found;
}

void Validator::refuse(Node& node, std::string message) {
  node.refused = true;
  report_.error("wrong-value", node.span, std::move(message));
}

// Says so and answers true when the node is not of that kind.
bool Validator::is_other(const Type& type, const Node& node, Node::Kind kind) {
  if (node.kind == kind) return false;
  report_.error("wrong-type", node.span,
                type.judges_shape ? type.complaint(node) : mismatch(type.expected, node));
  return true;
}

void Validator::value(const Type& type, Node& node) {
  switch (type.shape) {
    case Type::Shape::kAny:
      return;
    case Type::Shape::kScalar:
      return scalar(type, node);
    case Type::Shape::kChoice:
      return choice(type, node);
    case Type::Shape::kSection:
      if (node.is_nothing()) return;
      if (type.section->is_switch && node.is_scalar() && boolean_in(node)) return;
      if (type.section == &kRequestSection && node.is_text()) return bare_url(type, node);
      node.refused = is_other(type, node, Node::Kind::kMap);
      if (!node.refused) section(*type.section, node, node.span);
      return;
    case Type::Shape::kList:
      return list(type, node);
    case Type::Shape::kOneOrList:
      return node.is_list() ? list(type, node) : value(*type.items, node);
    case Type::Shape::kMap:
      return map(type, node);
    case Type::Shape::kFlow:
      return flow(node);
  }
}

// `get: "/"` instead of `get: { url: "/" }`.
void Validator::bare_url(const Type& type, Node& node) {
  node.refused = true;
  report_.error("wrong-type", node.span, mismatch(type.expected, node),
                "write { url: " + quoted(node.text()) + " }");
}

void Validator::scalar(const Type& type, Node& node) {
  node.refused = is_other(type, node, Node::Kind::kScalar);
  if (node.refused) return;
  std::string complaint = type.complaint(node);
  if (complaint.empty()) return;
  node.refused = true;
  report_.error(complaint.starts_with("expected ") ? "wrong-type" : "wrong-value", node.span,
                std::move(complaint));
}

void Validator::choice(const Type& type, Node& node) {
  node.refused = is_other(type, node, Node::Kind::kScalar);
  if (node.refused) return;
  if (node.is_text() && std::ranges::find(type.choices, node.text()) != type.choices.end()) return;
  node.refused = true;
  const std::vector<std::string_view> known(type.choices.begin(), type.choices.end());
  report_.error("wrong-value", node.span, mismatch(type.expected, node),
                node.is_text() ? suggestion(node.text(), known) : "");
}

void Validator::list(const Type& type, Node& node) {
  if (node.is_nothing()) return;
  node.refused = is_other(type, node, Node::Kind::kList);
  if (node.refused) return;
  for (Node& item : node.items) value(*type.items, item);
}

void Validator::map(const Type& type, Node& node) {
  if (node.is_nothing()) return;
  node.refused = is_other(type, node, Node::Kind::kMap);
  if (node.refused) return;
  for (Entry& entry : node.entries) value(*type.items, entry.value);
}

void Validator::entry(const Row& row, Entry& entry) {
  const std::string name = quoted(row.key);
  switch (row.support) {
    case Support::kYes:
      if (row.type->section && row.type->shape == Type::Shape::kSection && entry.value.is_map()) {
        return section(*row.type->section, entry.value, entry.key_span);
      }
      return value(*row.type, entry.value);
    case Support::kAccepted:
      return;
    case Support::kIgnored:
      entry.value.refused = true;
      report_.warning("ignored", entry.key_span, name + " is not available yet and is ignored",
                      std::string(row.note));
      return;
    case Support::kMissing:
      entry.value.refused = true;
      report_.error("not-supported", entry.key_span, name + " is not supported yet",
                    std::string(row.note));
      return;
  }
}

void Validator::section(const Section& section, Node& map, const core::Span& place) {
  if (section.enter && !section.enter(map, report_)) {
    map.refused = true;
    return;
  }
  for (Entry& item : map.entries) {
    if (const Row* row = find_row(section.rows, item.key)) {
      entry(*row, item);
    } else if (&section == &kPluginsSection) {
      const std::string near = suggestion(item.key, keys_of(section.rows));
      report_.warning("unknown-plugin", item.key_span,
                      "there is no plugin " + quoted(item.key) + " here, it is ignored",
                      near + (near.empty() ? "" : "; ") +
                          "code of your own goes into functions of config.processor");
    } else if (!item.key.starts_with("x-")) {
      report_.warning("unknown-key", item.key_span,
                      "unknown key " + quoted(item.key) + " in " + std::string(section.name),
                      suggestion(item.key, keys_of(section.rows)));
    }
  }
  for (const Row& row : section.rows) {
    const Node* const found = map.find(row.key);
    if (!row.required || (found && !found->is_undefined())) continue;
    report_.error("missing-key", place,
                  std::string(section.name) + " needs " + quoted(row.key) + ": " +
                      std::string(row.type->expected),
                  row.example.empty()
                      ? ""
                      : "for example " + std::string(row.key) + ": " + std::string(row.example));
  }
  if (section.check) section.check(map, report_);
}

void Validator::flow(Node& node) {
  if (node.is_nothing()) return refuse(node, "expected a list of steps, found nothing");
  if (!node.is_list()) {
    node.refused = true;
    core::Diagnostic& told =
        report_.error("wrong-type", node.span, mismatch("a list of steps", node));
    if (node.is_map()) told.hint = "put a dash before each step: \"- get:\"";
    return;
  }
  for (Node& item : node.items) {
    if (item.is_list()) {
      flow(item);
    } else if (item.is_map() && !item.entries.empty()) {
      step(item);
    } else {
      item.refused = true;
      report_.error("wrong-type", item.span, mismatch(kStepExpected, item),
                    "known steps are " + list_of(kind_keys()));
    }
  }
}

// The first key that names a kind of step.
const StepKind* Validator::find_kind(Node& step) {
  for (const Entry& entry : step.entries) {
    for (const StepKind& kind : step_kinds()) {
      if (kind.row.key == entry.key) return &kind;
    }
  }
  return nullptr;
}

void Validator::step(Node& node) {
  if (const StepKind* kind = find_kind(node)) {
    Entry& named = *node.entry(kind->row.key);
    const bool is_bare_request =
        named.value.is_nothing() && kind->row.type->section == &kRequestSection;
    if (is_bare_request) named.value.refused = true;
    if (is_bare_request && node.entries.size() == 1) {
      report_.error("missing-key", named.key_span, "a request needs \"url\"",
                    "indent its attributes deeper than " + quoted(named.key));
    } else if (!is_bare_request) {
      entry(kind->row, named);
    }
    return step_neighbours(node, kind, kind->row.key);
  }
  for (Entry& item : node.entries) {
    if (!is_custom_method(item.key, item.value)) continue;
    section(kRequestSection, item.value, item.key_span);
    return step_neighbours(node, nullptr, item.key);
  }
  node.refused = true;
  const Entry& first = node.entries.front();
  const std::vector<std::string_view> known = kind_keys();
  const std::string_view near = core::nearest_name(first.key, known);
  report_.error("unknown-step", first.key_span, "unknown step " + quoted(first.key),
                (near.empty() ? std::string() : "did you mean " + quoted(near) + "? ") +
                    "known steps are " + list_of(known));
}

// The keys beside the one that names the step.
void Validator::step_neighbours(Node& step, const StepKind* kind, std::string_view kind_key) {
  for (Entry& item : step.entries) {
    if (item.key == kind_key || item.key.starts_with("x-")) continue;
    const Row* row = kind && kind->siblings ? find_row(kind->siblings->rows, item.key) : nullptr;
    if (row) {
      entry(*row, item);
      continue;
    }
    std::string hint = "start a new step with a dash: \"- " + item.key + ":\"";
    if (find_row(kRequestSection.rows, item.key)) {
      hint = "indent " + quoted(item.key) + " deeper than " + quoted(kind_key);
    } else if (kind && kind->siblings) {
      hint = suggestion(item.key, keys_of(kind->siblings->rows));
    }
    report_.error("step-keys", item.key_span,
                  quoted(item.key) + " may not stand beside " + quoted(kind_key) + " in one step",
                  std::move(hint));
  }
  if (kind && kind->siblings && kind->siblings->check) kind->siblings->check(step, report_);
}

}  // namespace

void validate(Node& script, Report& report) {
  Validator(report).section(kScriptSection, script, script.span);
}

void validate_value(const Type& type, Node& value, Report& report) {
  Validator(report).value(type, value);
}

}  // namespace slsart::script::detail
