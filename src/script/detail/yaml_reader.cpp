#include "script/detail/yaml_reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/text.h"
#include "script/detail/source_text.h"
#include "script/detail/yaml_events.h"
#include "script/detail/yaml_scalar.h"

namespace slsart::script::detail {
namespace {

constexpr std::string_view kYamlTag = "tag:yaml.org,2002:";

using KeyIndex = std::unordered_map<std::string, std::size_t>;  // where a key's entry is

struct Anchored {
  std::optional<Node> node;  // nothing while it is being read: an alias to it would be endless
  std::size_t size = 0;      // nodes in it
};

constexpr std::array<std::string_view, 19> kFunctions = {
    "And",    "Base64", "Cidr",        "Condition", "Equals",      "FindInMap", "GetAtt",
    "GetAZs", "If",     "ImportValue", "Join",      "Length",      "Not",       "Or",
    "Ref",    "Select", "Split",       "Sub",       "ToJsonString"};

bool is_function_tag(std::string_view tag) {
  return tag.starts_with('!') && std::ranges::find(kFunctions, tag.substr(1)) != kFunctions.end();
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
void expand_function(std::string_view tag, Node& value) {
  const std::string_view name = tag.substr(1);
  const bool is_bare = name == "Ref" || name == "Condition";
  const core::Span span = value.span;
  if (name == "GetAtt" && value.is_text()) {
    const std::string text = value.text();
    const std::size_t dot = text.find('.');
    Node parts;
    parts.kind = Node::Kind::kList;
    parts.span = span;
    parts.items.push_back(make_scalar(text.substr(0, dot), span));
    if (dot != std::string::npos) parts.items.push_back(make_scalar(text.substr(dot + 1), span));
    value = std::move(parts);
  }
  Node map = make_map(span);
  map.set(is_bare ? std::string(name) : "Fn::" + std::string(name), std::move(value), span);
  value = std::move(map);
}

// Builds the tree from events. Every member function returns false after a fault that ends the
// reading; faults that do not (duplicate keys, bad tags) are reported and reading goes on.
class Composer {
 public:
  Composer(const Places& places, Report& report, bool short_functions)
      : places_(places),
        report_(report),
        events_(places, report),
        short_functions_(short_functions) {}

  bool document(Node& out);

 private:
  bool value(Event event, Node& out, int depth);
  bool content(const Event& event, Node& out, int depth);
  bool scalar(const Event& event, Node& out);
  bool list(const Event& event, Node& out, int depth);
  bool map(const Event& event, Node& out, int depth);
  bool key(const Event& event, Entry& out, int depth);
  bool alias(const Event& event, Node& out);
  bool count(std::size_t nodes, const core::Span& span);
  void add(Node& map, Entry entry, KeyIndex& index);
  void merge(Node& map, const Node& merged, KeyIndex& index);
  void apply_tag(const Event& event, Node& out);
  void fail(const core::Span& span, std::string message, std::string hint = {}) {
    report_.error("yaml", span, std::move(message), std::move(hint));
  }

  const Places& places_;
  Report& report_;
  YamlEvents events_;
  std::unordered_map<std::string, Anchored> anchors_;
  std::size_t nodes_ = 0;
  bool short_functions_;
};

bool Composer::document(Node& out) {
  std::optional<Event> event = events_.next();
  if (!event) return false;
  if (event->kind != EventKind::kEnd) {
    event = events_.next();
    if (!event || !value(*std::move(event), out, 0)) return false;
  }
  if (out.is_nothing()) {
    report_.error("empty", places_.span(0, 0), "the script is empty",
                  "a script needs a config with target and phases, and a list of scenarios");
    return false;
  }
  event = events_.next();
  if (!event) return false;
  if (event->kind != EventKind::kEnd) {
    fail(event->span, "a second document starts here",
         "a script is one document; remove this line");
    return false;
  }
  return true;
}

bool Composer::count(std::size_t nodes, const core::Span& span) {
  nodes_ += nodes;
  if (nodes_ <= kMostNodes) return true;
  fail(span, "the script has more than a million values once its aliases are copied out");
  return false;
}

bool Composer::value(Event event, Node& out, int depth) {
  if (event.kind == EventKind::kAlias) return alias(event, out);
  if (!count(1, event.span)) return false;
  if (depth > kDeepestNode) {
    fail(event.span,
         "the script is nested deeper than " + std::to_string(kDeepestNode) + " levels");
    return false;
  }
  const std::size_t before = nodes_;
  if (!event.anchor.empty()) anchors_[event.anchor] = {};
  if (!content(event, out, depth)) return false;
  if (short_functions_ && is_function_tag(event.tag)) expand_function(event.tag, out);
  if (!event.anchor.empty()) anchors_[event.anchor] = {.node = out, .size = nodes_ - before + 1};
  return true;
}

bool Composer::content(const Event& event, Node& out, int depth) {
  out.span = event.span;
  switch (event.kind) {
    case EventKind::kScalar:
      return scalar(event, out);
    case EventKind::kListStart:
      return list(event, out, depth);
    case EventKind::kMapStart:
      return map(event, out, depth);
    case EventKind::kAlias:
    case EventKind::kListEnd:
    case EventKind::kMapEnd:
    case EventKind::kDocumentStart:
    case EventKind::kEnd:
      break;
  }
  fail(event.span, "a value is missing here");
  return false;
}

bool Composer::scalar(const Event& event, Node& out) {
  out.verbatim = event.verbatim;
  out.quote = event.quote;
  if (event.plain && event.tag.empty()) {
    out.scalar = plain_scalar(event.text);
    // 0x10 and 0o20 are no decimals, so their number speaks for them.
    const bool has_prefix = event.text.starts_with("0x") || event.text.starts_with("0o");
    if (out.scalar.is_number() && !has_prefix) out.written = event.text;
  } else {
    out.scalar = event.text;
  }
  apply_tag(event, out);
  return true;
}

void Composer::apply_tag(const Event& event, Node& out) {
  if (event.tag.empty() || event.tag == "!") return;
  if (short_functions_ && is_function_tag(event.tag)) return;  // value() sees to it
  const std::string_view name = event.tag.starts_with(kYamlTag)
                                    ? std::string_view(event.tag).substr(kYamlTag.size())
                                    : std::string_view();
  if (out.is_list() && name == "seq") return;
  if (out.is_map() && name == "map") return;
  if (out.is_scalar() && name == "str") return;
  const bool typed = name == "int" || name == "float" || name == "bool" || name == "null";
  if (out.is_scalar() && typed) {
    core::Value read = plain_scalar(event.text);
    const bool fits = (name == "int" && read.kind() == core::Value::Kind::kInteger) ||
                      (name == "float" && read.is_number()) ||
                      (name == "bool" && read.kind() == core::Value::Kind::kBool) ||
                      (name == "null" && read.is_null());
    if (fits) {
      out.scalar = std::move(read);
      out.written = event.text;
      return;
    }
  }
  const bool known = typed || name == "seq" || name == "map" || name == "str";
  fail(out.span,
       known ? "this value does not fit its tag !!" + std::string(name)
             : "the tag " + event.tag + " is not known here",
       "leave the tag out");
}

bool Composer::list(const Event& event, Node& out, int depth) {
  out.kind = Node::Kind::kList;
  apply_tag(event, out);
  for (;;) {
    std::optional<Event> next = events_.next();
    if (!next) return false;
    if (next->kind == EventKind::kListEnd) return true;
    Node item;
    if (!value(*std::move(next), item, depth + 1)) return false;
    if (item.span.line == 0) item.span = out.span;  // a dash with nothing behind it
    out.items.push_back(std::move(item));
  }
}

bool Composer::map(const Event& event, Node& out, int depth) {
  out.kind = Node::Kind::kMap;
  apply_tag(event, out);
  std::vector<Node> merged;
  KeyIndex index;
  for (;;) {
    std::optional<Event> next = events_.next();
    if (!next) return false;
    if (next->kind == EventKind::kMapEnd) break;
    const bool is_merge = next->plain && next->text == "<<";
    Entry entry;
    if (!key(*next, entry, depth)) return false;
    if (out.entries.empty() && out.span.length == 0) out.span = entry.key_span;
    next = events_.next();
    if (!next || !value(*std::move(next), entry.value, depth + 1)) return false;
    if (entry.value.span.line == 0) entry.value.span = entry.key_span;  // nothing behind the colon
    if (is_merge) {
      merged.push_back(std::move(entry.value));
    } else {
      add(out, std::move(entry), index);
    }
  }
  for (const Node& node : merged) merge(out, node, index);
  return true;
}

bool Composer::key(const Event& event, Entry& out, int depth) {
  Node node;
  if (!value(event, node, depth + 1)) return false;
  out.key_span = event.span;
  if (node.is_scalar()) {
    out.key = node.text();
    return true;
  }
  const bool is_slot = event.kind == EventKind::kMapStart && event.flow;
  fail(event.span, "a key must be text, this is " + describe(node),
       is_slot ? "put quotes around a text with {{ }}: \"{{ name }}\"" : "");
  return false;
}

void Composer::add(Node& map, Entry entry, KeyIndex& index) {
  const auto [place, is_new] = index.emplace(entry.key, map.entries.size());
  if (is_new) {
    map.entries.push_back(std::move(entry));
    return;
  }
  core::Diagnostic& told = report_.error(
      "duplicate-key", entry.key_span, "the key " + quoted(entry.key) + " is already in this map",
      "remove one of the two; a list has a dash before each item");
  told.related.emplace_back(map.entries[place->second].key_span, "it stands here first");
}

// https://yaml.org/type/merge.html: keys of the map itself win, wherever `<<` stands; of several
// merged maps the earlier one does.
void Composer::merge(Node& map, const Node& merged, KeyIndex& index) {
  if (merged.is_list()) {
    for (const Node& item : merged.items) {
      if (item.is_list()) return fail(item.span, "<< takes a map or a list of maps");
      merge(map, item, index);
    }
    return;
  }
  if (!merged.is_map()) {
    return fail(merged.span, "<< takes a map or a list of maps, this is " + describe(merged));
  }
  for (const Entry& entry : merged.entries) {
    if (index.emplace(entry.key, map.entries.size()).second) map.entries.push_back(entry);
  }
}

bool Composer::alias(const Event& event, Node& out) {
  const auto found = anchors_.find(event.text);
  if (found == anchors_.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, anchored] : anchors_) names.push_back(name);
    const std::string_view near = core::nearest_name(event.text, names);
    fail(event.span, "there is no anchor &" + event.text + " above",
         near.empty() ? "put quotes around a text that starts with *"
                      : "did you mean *" + std::string(near) + "?");
    return false;
  }
  if (!found->second.node) {
    fail(event.span, "the alias *" + event.text + " stands inside of its own anchor");
    return false;
  }
  if (!count(found->second.size, event.span)) return false;
  out = *found->second.node;
  return true;
}

}  // namespace

std::optional<Node> read_yaml(const core::SourcePtr& source, Report& report, bool short_functions) {
  const Places places(source);
  if (!check_text(places, report)) return std::nullopt;
  const std::size_t before = report.error_count();
  Node root;
  Composer composer(places, report, short_functions);
  if (!composer.document(root)) return std::nullopt;
  if (report.error_count() != before) return std::nullopt;
  return root;
}

}  // namespace slsart::script::detail
