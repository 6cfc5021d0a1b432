#include "script/detail/prepare.h"

#include <algorithm>
#include <memory>

#include "core/text.h"
#include "script/detail/merge.h"
#include "script/detail/yaml_reader.h"

namespace slsart::script::detail {
namespace {

core::SourcePtr make_source(std::string_view name, std::string text) {
  return std::make_shared<const core::Source>(core::Source{std::string(name), std::move(text)});
}

// The whole of a text that an option brought.
core::Span whole(const core::SourcePtr& source) {
  const std::size_t length = source->text.find('\n');
  return {.source = source,
          .line = 1,
          .column = 1,
          .length = static_cast<std::uint32_t>(std::min(length, source->text.size()))};
}

Node option_text(std::string_view option, const std::string& text) {
  const core::SourcePtr source = make_source(option, text);
  Node node = make_scalar(text, whole(source));
  node.verbatim = text.find('\n') == std::string::npos;
  return node;
}

// The map behind `key`, made when there is nothing; nullptr when there is something else, which
// validation will say.
Node* section_of(Node& map, std::string_view key) {
  if (Node* found = map.find(key); found && !found->is_nothing()) {
    return found->is_map() ? found : nullptr;
  }
  return &map.set(key, make_map(map.span), map.span);
}

class Preparation {
 public:
  Preparation(const LoadOptions& options, ConfigScope& scope, Report& report,
              std::vector<core::SourcePtr>& read)
      : options_(options), scope_(scope), report_(report), read_(read) {}

  std::optional<Node> run();

 private:
  std::optional<Node> read(const core::SourcePtr& source, std::string_view expected);
  void apply_environment(Node& config);
  void apply_target(Node& config);
  void apply_payload(Node& config);
  void apply_overrides(Node& script);
  void apply_variables(Node& config);
  void set_scope();

  const LoadOptions& options_;
  ConfigScope& scope_;
  Report& report_;
  std::vector<core::SourcePtr>& read_;
};

// Nothing and a report when the text is no map.
std::optional<Node> Preparation::read(const core::SourcePtr& source, std::string_view expected) {
  read_.push_back(source);
  std::optional<Node> node = read_yaml(source, report_);
  if (!node || node->is_map()) return node;
  const bool no_space = node->is_text() && node->text().find(':') != std::string::npos;
  report_.error("wrong-type", node->span,
                "expected " + std::string(expected) + ", found " + describe(*node),
                no_space ? "put a space behind each colon" : "");
  return std::nullopt;
}

std::optional<Node> Preparation::run() {
  std::optional<Node> script;
  bool failed = false;
  for (const core::SourcePtr& source : options_.sources) {
    std::optional<Node> node = read(source, "a map with config and scenarios");
    failed = failed || !node;
    if (!node) continue;
    if (script) {
      merge_into(*script, *node, Lists::kByIndex);
    } else {
      script = std::move(node);
    }
  }
  if (failed || !script) return std::nullopt;
  if (Node* config = section_of(*script, "config")) {
    apply_environment(*config);
    apply_target(*config);
    apply_payload(*config);
  }
  apply_overrides(*script);
  set_scope();
  if (Node* config = section_of(*script, "config")) {
    apply_variables(*config);
    fill_config_slots(*config, scope_, report_);
  }
  return script;
}

void Preparation::apply_environment(Node& config) {
  if (!options_.environment) return;
  const std::string& name = *options_.environment;
  const Entry* const all = config.entry("environments");
  if (!all || !all->value.is_map()) {
    report_.error("environment", {},
                  "environment " + quoted(name) +
                      " is not defined: "
                      "the script has no config.environments",
                  "define it there, or leave -e out");
    return;
  }
  if (const Node* chosen = all->value.find(name)) {
    const Node copy = *chosen;  // merging changes the tree it stands in
    if (copy.is_map()) return merge_into(config, copy, Lists::kByIndex);
    if (copy.is_nothing()) return;
    report_.error("wrong-type", copy.span, "expected a map of settings, found " + describe(copy));
    return;
  }
  std::vector<std::string_view> known;
  std::string listed;
  for (const Entry& entry : all->value.entries) {
    known.push_back(entry.key);
    listed += (listed.empty() ? "" : ", ") + entry.key;
  }
  const std::string_view near = core::nearest_name(name, known);
  report_.error("environment", all->key_span, "environment " + quoted(name) + " is not defined",
                (near.empty() ? std::string() : "did you mean " + quoted(near) + "? ") +
                    (listed.empty() ? "none is defined here" : "defined are " + listed));
}

void Preparation::apply_target(Node& config) {
  if (options_.target) {
    Node node = option_text(kTargetOption, *options_.target);
    read_.push_back(node.span.source);
    const core::Span span = node.span;
    config.set("target", std::move(node), span);
  }
  if (!options_.insecure) return;
  if (Node* tls = section_of(config, "tls")) {
    tls->set("rejectUnauthorized", make_scalar(false, tls->span), tls->span);
  }
}

// -p names the file of the one payload there is (reference/artillery-script.md §4).
void Preparation::apply_payload(Node& config) {
  if (!options_.payload) return;
  Node path = option_text(kPayloadOption, *options_.payload);
  read_.push_back(path.span.source);
  Entry* const payload = config.entry("payload");
  Node* only = payload ? &payload->value : nullptr;
  if (only && only->is_list() && only->items.size() == 1) only = &only->items.front();
  if (!only || !only->is_map()) {
    report_.error("payload", payload ? payload->key_span : path.span,
                  payload ? "-p needs exactly one payload, there are several"
                          : "-p needs config.payload, which says what the columns mean",
                  "for example payload: { fields: [user, pass] }");
    return;
  }
  if (const Entry* written = only->entry("path")) {
    report_.warning("overridden", written->key_span,
                    "this path is not used: -p gives " + quoted(*options_.payload));
  }
  const core::Span span = path.span;
  only->set("path", std::move(path), span);
}

void Preparation::apply_overrides(Node& script) {
  if (!options_.overrides) return;
  const auto node = read(make_source(kOverridesOption, *options_.overrides),
                         "a map such as { config: { phases: [ ... ] } }");
  if (node) merge_into(script, *node, Lists::kReplaced);
}

void Preparation::apply_variables(Node& config) {
  if (!options_.variables) return;
  const auto node = read(make_source(kVariablesOption, *options_.variables),
                         "a map of variables such as { n: 1 }");
  Node* const variables = node ? section_of(config, "variables") : nullptr;
  if (!variables) return;
  for (const Entry& entry : node->entries) {
    variables->set(entry.key, entry.value, entry.key_span);
  }
}

void Preparation::set_scope() {
  core::Value::Object process;
  for (const auto& [name, value] : options_.process_environment) {
    process.push_back({.key = name, .value = value});
  }
  const auto set = [this](std::string_view name, core::Value value) {
    scope_.values.set(scope_.symbols.intern(name), std::move(value));
  };
  set("$processEnvironment", process);
  set("$env", std::move(process));
  set("$environment", options_.environment.value_or(""));
  set("$testId", options_.test_id);
  set("$dirname", options_.directory);
  set("$scenarioFile", options_.sources.front()->name);
}

void hide_secrets(Node& node) {
  for (Node& item : node.items) hide_secrets(item);
  for (Entry& entry : node.entries) {
    if (core::names_a_secret(entry.key) && !entry.value.is_nothing()) {
      entry.value = make_scalar("(hidden)", entry.value.span);
    } else {
      hide_secrets(entry.value);
    }
  }
}

}  // namespace

std::optional<Node> prepare(const LoadOptions& options, ConfigScope& scope, Report& report,
                            std::vector<core::SourcePtr>& read) {
  return Preparation(options, scope, report, read).run();
}

core::Value to_reported(const Node& script) {
  Node copy = script;
  if (Node* config = copy.find("config")) hide_secrets(*config);
  return to_value(copy);
}

}  // namespace slsart::script::detail
