#include <array>

#include "script/detail/schema_table.h"
#include "script/detail/value_types.h"

// The top level of a script, scenarios, and what runs once before and after.

namespace slsart::script::detail {
namespace {

constinit const Type kConfig{
    .shape = Type::Shape::kSection, .expected = "a map", .section = &kConfigSection};
constinit const Type kScenario{.shape = Type::Shape::kSection,
                               .expected = "a scenario (a map with a flow)",
                               .section = &kScenarioSection};
constinit const Type kScenarios{
    .shape = Type::Shape::kList, .expected = "a list of scenarios", .items = &kScenario};
constinit const Type kFlow{.shape = Type::Shape::kFlow, .expected = "a list of steps"};

std::string weight_complaint(const Node& value) {
  if (has_slot(value)) return {};
  const auto weight = number_in(value);
  if (!weight) return mismatch("a whole number", value);
  if (*weight < 0) return "a weight cannot be negative, this is " + value.text();
  return {};
}

constinit const Type kWeight{.shape = Type::Shape::kScalar,
                             .expected = "a whole number, or a template of config variables",
                             .complaint = weight_complaint,
                             .json = R"({"type": ["number", "string"], "minimum": 0})"};

// Steps of other engines mean nothing here, so one sentence stands for all of them.
bool enter_flow_owner(Node& map, Report& report) {
  const Node* const engine = map.find("engine");
  if (!engine || engine->is_nothing()) return true;
  if (engine->is_text() && engine->text() == "http") return true;
  report.error("not-supported", engine->span,
               engine->is_text() ? "the engine " + quoted(engine->text()) + " is not supported yet"
                                 : mismatch("the name of an engine", *engine),
               "only http is; leave \"engine\" out or take the scenario out");
  return false;
}

// Functions around a flow, of a scenario as of `before` and `after`.
constexpr Row kBeforeScenario{.key = "beforeScenario",
                              .type = &kHooks,
                              .doc = "Functions called before the first step.",
                              .example = "logIn"};
constexpr Row kAfterScenario{.key = "afterScenario",
                             .type = &kHooks,
                             .doc = "Functions called after the last step; not after a failure.",
                             .example = "saveResult"};
constexpr Row kBeforeRequest{.key = "beforeRequest",
                             .type = &kHooks,
                             .doc = "Functions called before every request, before its own.",
                             .example = "addHeader"};
constexpr Row kAfterResponse{.key = "afterResponse",
                             .type = &kHooks,
                             .doc = "Functions called after every response, before its own.",
                             .example = "countStatus"};
constexpr Row kOnError{.key = "onError",
                       .type = &kHooks,
                       .doc = "Functions called when a request fails on the network.",
                       .example = "noteError"};

constexpr std::array kOnceRows{
    Row{.key = "flow",
        .type = &kFlow,
        .doc = "The steps, one after another. The variables they leave are every user's.",
        .example = "[ get: { url: \"/\" } ]",
        .required = true},
    Row{.key = "engine",
        .type = &kText,
        .fallback = "http",
        .doc = "Only `http`.",
        .example = "http"},
    kBeforeScenario,
    kAfterScenario,
    kBeforeRequest,
    kAfterResponse,
    kOnError,
};
constinit const Section kOnceSection{
    .id = "once",
    .name = "before and after",
    .doc =
        "`before` runs once before the first user starts, `after` once after the last has ended. "
        "Their requests are not measured.",
    .rows = kOnceRows,
    .enter = enter_flow_owner};
constinit const Type kOnce{
    .shape = Type::Shape::kSection, .expected = "a map with a flow", .section = &kOnceSection};

constexpr std::array kScenarioRows{
    Row{.key = "flow",
        .type = &kFlow,
        .doc = "What a user does, step by step. Lists inside the list are flattened.",
        .example = "[ get: { url: \"/\" } ]",
        .required = true},
    Row{.key = "name",
        .type = &kText,
        .doc = "Name in reports; without one its number is shown.",
        .example = "browse"},
    Row{.key = "continueOnError",
        .type = &kBoolean,
        .fallback = "config.defaults.continueOnError",
        .doc = "Whether users go on with their next step after a request that failed.",
        .example = "true"},
    Row{.key = "weight",
        .type = &kWeight,
        .fallback = "1",
        .doc = "How often this scenario is chosen compared with the others; 0 takes it out.",
        .example = "3"},
    Row{.key = "engine",
        .type = &kText,
        .fallback = "http",
        .doc = "Only `http`.",
        .example = "http"},
    kBeforeScenario,
    kAfterScenario,
    kBeforeRequest,
    kAfterResponse,
    kOnError,
    Row{.key = "socketio", .type = &kAnything, .support = Support::kAccepted},
};

void check_script(Node& script, Report& report) {
  const Entry* const scenarios = script.entry("scenarios");
  const bool is_list = scenarios && scenarios->value.is_list();
  if (scenarios && !is_list && !scenarios->value.is_nothing()) return;  // already said
  if (is_list && !scenarios->value.items.empty()) return;
  report.error("no-scenarios", scenarios ? scenarios->key_span : script.span,
               "the script has no scenarios",
               "add one: scenarios: [ { flow: [ get: { url: \"/\" } ] } ]");
}

constexpr std::string_view kWrapper = "Written by serverless-artillery into the scripts it passes on.";

constexpr std::array kScriptRows{
    Row{.key = "config",
        .type = &kConfig,
        .doc = "Target, load and settings.",
        .example =
            "{ target: \"https://example.com\", phases: [ { duration: 60, arrivalRate: 5 } ] }"},
    Row{.key = "scenarios",
        .type = &kScenarios,
        .doc = "What users do. Every user walks through one of them, chosen by weight.",
        .example = "[ { flow: [ get: { url: \"/\" } ] } ]"},
    Row{.key = "before",
        .type = &kOnce,
        .doc = "Steps that run once before the load.",
        .example = "{ flow: [ get: { url: \"/warm-up\" } ] }"},
    Row{.key = "after",
        .type = &kOnce,
        .doc = "Steps that run once after the load.",
        .example = "{ flow: [ get: { url: \"/clean-up\" } ] }"},
    Row{.key = "mode",
        .type = &kMode,
        .fallback = "performance",
        .doc =
            "`performance` (`perf`) runs the phases; `acceptance` (`acc`) and `monitoring` (`mon`) "
            "walk each scenario a few times and judge the errors. In any case of letters.",
        .example = "acceptance"},
    Row{.key = "sampling",
        .type = &kSampling,
        .doc = "Settings of the modes acceptance and monitoring.",
        .example = "{ size: 3, errorBudget: 1 }"},
    Row{.key = "_split",
        .type = &kSplit,
        .doc = "How the run is spread over functions.",
        .example = "{ maxChunkDurationInSeconds: 240 }"},
    Row{.key = "_trace",
        .type = &kAnything,
        .fallback = "false",
        .doc = "Anything but false, 0 and nothing: tells step by step how a run is planned.",
        .example = "true"},
    Row{.key = "_simulation",
        .type = &kAnything,
        .fallback = "false",
        .doc = "Anything but false, 0 and nothing: the run is planned and shown, and nothing starts.",
        .example = "true"},
    Row{.key = "_invokeType", .type = &kAnything, .doc = kWrapper, .support = Support::kAccepted},
    Row{.key = "_start", .type = &kAnything, .doc = kWrapper, .support = Support::kAccepted},
    Row{.key = "_genesis", .type = &kAnything, .doc = kWrapper, .support = Support::kAccepted},
};

}  // namespace

constinit const Section kScenarioSection{
    .id = "scenario",
    .name = "a scenario",
    .doc = "A scenario is what one virtual user does from its arrival to its end.",
    .rows = kScenarioRows,
    .enter = enter_flow_owner};

constinit const Section kScriptSection{.id = "script",
                                       .name = "the script",
                                       .doc =
                                           "A script is one YAML or JSON document. Keys that start "
                                           "with `x-` are yours, for instance to "
                                           "hold anchors.",
                                       .rows = kScriptRows,
                                       .check = check_script};

}  // namespace slsart::script::detail
