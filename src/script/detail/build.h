#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/symbol.h"
#include "expr/template.h"
#include "expr/user_condition.h"
#include "script/detail/node.h"
#include "script/detail/report.h"
#include "script/detail/slots.h"
#include "script/load.h"
#include "script/script.h"

namespace slsart::script::detail {

// From validated nodes to the types of script.h. Builders leave out what validation refused, say
// what only they can find (a bad JSONPath, a missing file), and never fail: a script with errors is
// not used.

struct Building {
  Report& report;
  const LoadOptions& options;
  const Dialect& dialect;
  ConfigScope& scope;  // holds the symbols
  // config.defaults, found before the flows are built:
  bool strict_captures = true;
  bool continue_on_error = false;  // of the scenario whose flow is built
  std::optional<core::Value> think_jitter;
  bool has_processor = false;
  // config.plugins.expect is there; and its expectDefault200.
  bool judges_expectations = false;
  bool expects_200 = false;
  bool tells_unjudged = false;  // once, that they are not
  // The first url that needs config.target, if there is one.
  core::Span relative_url;
  std::vector<NamedFile> files;  // that the script names
};

// A section as its builder reads it: keys that are absent, undefined or refused are not there.
class Fields {
 public:
  explicit Fields(const Node* map) : map_(map && !map->refused ? map : nullptr) {}

  const Node* find(std::string_view key) const;
  Fields section(std::string_view key) const { return Fields(find(key)); }
  // Requires, as validated: the row's type fits.
  std::optional<std::string> text(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key) const;
  std::optional<core::Duration> duration(std::string_view key) const;

 private:
  const Node* map_;
};

// One value or a list of them, without the refused ones.
std::vector<const Node*> one_or_list(const Node* node);

// A text as a template; errors point into it. An empty template after an error.
expr::Template build_template(const Node& text, Building& building);
// The condition of a step or loop. What cannot be read counts as true, as in the reference, and is
// warned of.
std::optional<expr::UserCondition> build_condition(const Node* text, Building& building);
// Any value with templates in its texts and keys.
expr::ValueTemplate build_value(const Node& node, Building& building);
std::vector<HeaderTemplate> build_headers(const Node* map, Building& building);
std::vector<FieldTemplate> build_fields(const Node* map, Building& building);
// An error of another room as a diagnostic about `text`, at the offset it names.
void report_error(const core::Error& error, std::string id, const Node& text, Building& building);

std::vector<expr::Capture> build_captures(const Node* node, Building& building);
std::vector<expr::Match> build_matches(const Node* node, Building& building);
// A name or a list of names of functions; an error when there is no config.processor.
std::vector<HookName> build_hooks(const Node* node, Building& building);
FlowHooks build_flow_hooks(const Fields& owner, Building& building);
std::optional<Processor> build_processor(const Fields& config, Building& building);

HttpStep build_request(const Node& map, std::string_view method, const core::Span& span,
                       Building& building);
std::vector<Step> build_flow(const Node* list, Building& building);
std::vector<Phase> build_phases(const Node* list, ArrivalMode mode, Building& building);
std::vector<expr::Payload> build_payloads(const Node* node, const Node* variables,
                                          Building& building);
Ensure build_ensure(const Fields& config, Building& building);
// Also sets what `building` knows of expectations.
ExpectSettings build_expect(const Fields& config, Building& building);
EndpointSettings build_endpoints(const Fields& config);
ApdexSettings build_apdex(const Fields& config);
std::vector<expr::Expectation> build_expectations(const Node* node, Building& building);
// Also sets the defaults of `building`.
Config build_config(const Node* config, Building& building);
// mode, _split, sampling, _trace, _simulation. Requires: the scenarios and the dialect are there.
void build_distribution(Script& script, const Fields& root, Building& building);
// In acceptance and monitoring: checks the settings against each other and makes the phases: `size`
// times a pause and one arrival of each scenario. Requires: the scenarios are the chosen ones.
void make_samples(Script& script, const Fields& root, const LoadOptions& options, Report& report);
std::vector<Scenario> build_scenarios(const Node* list, Building& building);

// A path of the script as it can be opened: relative ones start at the script's directory, or at
// the working directory when there is nothing. Remembered in Building::files.
std::string resolve_path(const std::string& path, Building& building);
void note_file(const std::string& name, const std::string& path, Building& building);

}  // namespace slsart::script::detail
