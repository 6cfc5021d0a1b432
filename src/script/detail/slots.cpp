#include "script/detail/slots.h"

#include <optional>
#include <string_view>
#include <vector>

#include "core/rng.h"
#include "core/text.h"
#include "expr/template.h"

namespace slsart::script::detail {
namespace {

enum class Functions { kCalled, kLeft };
enum class Unknown { kWarned, kLeft };

struct Rules {
  Functions functions = Functions::kCalled;
  Unknown unknown = Unknown::kWarned;
};

// A piece of a text: plain, or one slot with its braces.
struct Piece {
  std::string_view text;
  std::size_t offset = 0;
  bool is_slot = false;
};

std::vector<Piece> split_slots(std::string_view text) {
  std::vector<Piece> pieces;
  std::size_t done = 0;
  for (;;) {
    const std::size_t open = text.find("{{", done);
    const std::size_t close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) break;
    std::size_t end = close + 2;
    if (text.substr(open).starts_with("{{{") && end < text.size() && text[end] == '}') ++end;
    if (open > done) pieces.push_back({text.substr(done, open - done), done, false});
    pieces.push_back({text.substr(open, end - open), open, true});
    done = end;
  }
  if (done < text.size()) pieces.push_back({text.substr(done), done, false});
  return pieces;
}

Node to_node(const core::Value& value, const core::Span& span) {
  Node node = make_scalar({}, span);
  if (value.is_list()) {
    node.kind = Node::Kind::kList;
    for (const core::Value& item : value.as_list()) node.items.push_back(to_node(item, span));
  } else if (value.is_object()) {
    node.kind = Node::Kind::kMap;
    for (const core::Member& member : value.as_object()) {
      node.set(member.key, to_node(member.value, span), span);
    }
  } else {
    node.scalar = value;
  }
  return node;
}

class Filler {
 public:
  Filler(ConfigScope& scope, Report& report)
      : scope_(scope),
        report_(report),
        rng_(core::make_rng(scope.seed, 0, core::Purpose::kVariables)) {}

  void fill(Node& node, Rules rules);
  void fill_config(Node& config);

 private:
  void fill_defaults(Node& defaults);
  void fill_variables(Node& variables);
  void fill_scalar(Node& node, Rules rules);
  std::optional<core::Value> slot_value(const Node& node, const Piece& piece, Rules rules);

  ConfigScope& scope_;
  Report& report_;
  core::Rng rng_;
};

void Filler::fill(Node& node, Rules rules) {
  for (Node& item : node.items) fill(item, rules);
  for (Entry& entry : node.entries) fill(entry.value, rules);
  if (node.is_text()) fill_scalar(node, rules);
}

void Filler::fill_scalar(Node& node, Rules rules) {
  const std::string text = node.scalar.as_string();
  if (text.find("{{") == std::string::npos) return;
  const std::vector<Piece> pieces = split_slots(text);
  bool changed = false;
  std::string filled;
  for (const Piece& piece : pieces) {
    std::optional<core::Value> value;
    if (piece.is_slot) value = slot_value(node, piece, rules);
    if (value && pieces.size() == 1) {
      node = to_node(*value, node.span);
      return;
    }
    if (value) {
      core::write_text(*value, filled);
    } else {
      filled += piece.text;
    }
    changed = changed || value.has_value();
  }
  if (!changed) return;
  node.scalar = std::move(filled);
  node.verbatim = false;
}

// The value of one slot; nothing when it stays as it is written.
std::optional<core::Value> Filler::slot_value(const Node& node, const Piece& piece, Rules rules) {
  const auto slot = expr::Template::compile(piece.text, scope_.symbols);
  if (!slot && rules.unknown == Unknown::kWarned) {
    report_.warning("unknown-slot", place_in(node, piece.offset),
                    slot.error().message + "; it stays as written", slot.error().hint);
  }
  if (!slot || slot->is_static()) return std::nullopt;
  const expr::Scope values{.user = &scope_.values, .shared = nullptr, .rng = &rng_};
  const std::vector<core::Symbol> roots = slot->variables();
  if (roots.empty()) {
    if (rules.functions == Functions::kLeft) return std::nullopt;
    return slot->evaluate(values);
  }
  const std::string name(scope_.symbols.name(roots.front()));
  const core::Span place = place_in(node, piece.offset);
  if (!values.find(roots.front())) {
    if (rules.unknown == Unknown::kWarned) {
      report_.warning("unknown-slot", place,
                      "config does not know " + quoted(name) + "; it stays as written",
                      "config is prepared once, before there are users; known here are "
                      "$processEnvironment.NAME, $environment and config.variables");
    }
    return std::nullopt;
  }
  core::Value value = slot->evaluate(values);
  if (value.is_undefined()) {
    const bool is_process = name == "$processEnvironment" || name == "$env";
    report_.warning("unset", place,
                    std::string(piece.text) +
                        (is_process ? ": this environment variable is not set" : " is undefined"));
  }
  return value;
}

void Filler::fill_variables(Node& variables) {
  fill(variables, {});
  for (const Entry& entry : variables.entries) {
    core::Value value = to_value(entry.value);
    if (!value.is_list() && !value.is_undefined()) {
      scope_.values.set(scope_.symbols.intern(entry.key), std::move(value));
    }
  }
}

void Filler::fill_defaults(Node& defaults) {
  constexpr Rules kPerRequest{.functions = Functions::kLeft, .unknown = Unknown::kLeft};
  for (Entry& entry : defaults.entries) {
    const bool is_template = entry.key == "headers" || entry.key == "cookie";
    fill(entry.value, is_template ? kPerRequest : Rules{});
  }
}

void Filler::fill_config(Node& config) {
  constexpr Rules kForeign{.functions = Functions::kLeft, .unknown = Unknown::kLeft};
  if (Node* variables = config.find("variables")) fill_variables(*variables);
  for (Entry& entry : config.entries) {
    if (entry.key == "variables" || entry.key == "environments") continue;
    if (entry.key == "defaults") {
      fill_defaults(entry.value);
    } else if (entry.key == "http") {
      for (Entry& inner : entry.value.entries) {
        inner.key == "defaults" ? fill_defaults(inner.value) : fill(inner.value, {});
      }
    } else {
      const bool is_foreign = entry.key == "plugins" || entry.key == "engines" ||
                              entry.key == "socketio" || entry.key == "ws" || entry.key == "ensure";
      fill(entry.value, is_foreign ? kForeign : Rules{});
    }
  }
}

}  // namespace

void fill_config_slots(Node& config, ConfigScope& scope, Report& report) {
  Filler(scope, report).fill_config(config);
}

std::optional<core::Value> fill_text(const Node& text, const ConfigScope& scope) {
  const auto compiled = expr::Template::compile(text.text(), scope.symbols);
  if (!compiled) return std::nullopt;
  core::Rng rng = core::make_rng(scope.seed, 0, core::Purpose::kVariables);
  const expr::Scope values{.user = &scope.values, .shared = nullptr, .rng = &rng};
  for (const core::Symbol root : compiled->variables()) {
    if (!values.find(root)) return std::nullopt;
  }
  return compiled->evaluate(values);
}

}  // namespace slsart::script::detail
