#include <array>

#include "core/text.h"
#include "script/detail/schema_table.h"
#include "script/detail/value_types.h"

// The kinds of steps and what may stand beside them.

namespace slsart::script::detail {
namespace {

constinit const Type kRequest{
    .shape = Type::Shape::kSection, .expected = "a map with a url", .section = &kRequestSection};
constinit const Type kFlow{.shape = Type::Shape::kFlow, .expected = "a list of steps"};

constexpr Row kIfTrue{.key = "ifTrue",
                      .type = &kCondition,
                      .doc = "The step is left out when this condition does not hold.",
                      .example = "\"level > 3\""};
constexpr Row kProbability{.key = "probability",
                           .type = &kPercent,
                           .fallback = "100",
                           .doc = "In how many of a hundred cases the step is done; a template.",
                           .example = "25"};

// --- think ---

std::string think_complaint(const Node& value) {
  if (has_slot(value)) return {};
  return kPauseDuration.complaint(value);
}

constinit const Type kThink{.shape = Type::Shape::kScalar,
                            .expected = "a duration such as 20, \"500ms\" or \"1m 30s\"",
                            .complaint = think_complaint,
                            .json = R"({"type": ["number", "string"], "minimum": 0})"};

std::string jitter_complaint(const Node& value) {
  if (has_slot(value)) return {};
  std::string_view number;
  const std::string text = value.is_scalar() ? value.text() : std::string();
  number = core::trim(text);
  if (number.ends_with('%')) number.remove_suffix(1);
  const auto amount = core::parse_number(number);
  if (!amount || value.is_nothing())
    return mismatch("milliseconds, or a text such as \"20%\"", value);
  return *amount < 0 ? "a jitter cannot be negative, this is " + text : std::string();
}

constexpr std::array kThinkRows{
    Row{.key = "jitter",
        .type = &kThinkJitter,
        .fallback = "config.defaults.think.jitter",
        .doc = "The pause is drawn evenly from so much below to so much above: milliseconds or "
               "percent.",
        .example = "\"20%\""},
    kIfTrue,
    kProbability,
};
constinit const Section kThinkSiblings{
    .id = "think", .name = "a think step", .doc = "Beside `think`:", .rows = kThinkRows};

// --- log ---

constexpr std::array kLogRows{kIfTrue, kProbability};
constinit const Section kLogSiblings{
    .id = "log", .name = "a log step", .doc = "Beside `log`:", .rows = kLogRows};

// --- function ---

constexpr std::array kFunctionRows{kIfTrue, kProbability};
constinit const Section kFunctionSiblings{.id = "function",
                                          .name = "a function step",
                                          .doc = "Beside `function`:",
                                          .rows = kFunctionRows};

// --- loop ---

std::string count_complaint(const Node& value) {
  if (has_slot(value)) return {};
  constexpr std::string_view kExpected = "a whole number, a range such as \"2-5\" or a template";
  if (const auto count = integer_in(value)) {
    return *count < 0 ? "a loop cannot run less than 0 times, this is " + value.text()
                      : std::string();
  }
  if (!value.is_text()) return mismatch(kExpected, value);
  const std::vector<std::string_view> ends = core::split(value.scalar.as_string(), '-');
  if (ends.size() != 2) return mismatch(kExpected, value);
  const auto from = core::parse_integer(core::trim(ends[0]));
  const auto to = core::parse_integer(core::trim(ends[1]));
  if (!from || !to) return mismatch(kExpected, value);
  return *from > *to ? "the range " + quoted(value.text()) + " ends before it starts"
                     : std::string();
}

constinit const Type kCount{.shape = Type::Shape::kScalar,
                            .expected = "a whole number, a range such as \"2-5\" or a template",
                            .complaint = count_complaint,
                            .json = R"({"type": ["integer", "string"], "minimum": 0})"};
constinit const Type kOver{.shape = Type::Shape::kAny,
                           .expected = "a list, or the name of a variable that holds one",
                           .json = R"({"type": ["array", "string"]})"};

constexpr std::array kLoopRows{
    Row{.key = "count",
        .type = &kCount,
        .doc = "How often; a range `\"a-b\"` lets the index run from a to below b. 0 never ends.",
        .example = "5"},
    Row{.key = "over",
        .type = &kOver,
        .doc =
            "Once for every element of a list, written here or held by the variable of that name.",
        .example = "[red, green, blue]"},
    Row{.key = "loopValue",
        .type = &kText,
        .fallback = "$loopCount",
        .doc = "The variable that holds the index, from 0.",
        .example = "i"},
    Row{.key = "loopElement",
        .type = &kText,
        .fallback = "$loopElement",
        .doc = "The variable that holds the element.",
        .example = "colour"},
    Row{.key = "whileTrue",
        .type = &kCondition,
        .doc =
            "Asked after each pass: the loop goes on while this condition holds, whatever `count` "
            "and `over` say. The index then stands at the number of passes made.",
        .example = "\"done != true and $loopCount < 20\""},
    kIfTrue,
    kProbability,
};

void check_loop(Node& step, Report& report) {
  Entry* const over = step.entry("over");
  const Entry* const count = step.entry("count");
  if (over && !over->value.is_list() && !over->value.is_text()) {
    over->value.refused = true;
    report.error("wrong-type", over->value.span, mismatch(kOver.expected, over->value));
  }
  if (over && count) {
    report.warning("ignored", count->key_span, "\"count\" is ignored: this loop has \"over\"");
  }
  if (over || step.find("whileTrue")) return;
  const bool never_ends = !count || (integer_in(count->value) == 0);
  if (never_ends) {
    report.warning("endless-loop", count ? count->value.span : step.entry("loop")->key_span,
                   "this loop never ends", "give a count from 1, or a list with over");
  }
}

constinit const Section kLoopSiblings{.id = "loop",
                                      .name = "a loop",
                                      .doc = "Beside `loop`:",
                                      .rows = kLoopRows,
                                      .check = check_loop};

// --- parallel ---

constexpr std::array kParallelRows{
    Row{.key = "limit",
        .type = &kPositiveInteger,
        .fallback = "100",
        .doc = "How many steps run at a time.",
        .example = "10"},
    kIfTrue,
    kProbability,
};
constinit const Section kParallelSiblings{.id = "parallel",
                                          .name = "a parallel step",
                                          .doc = "Beside `parallel`:",
                                          .rows = kParallelRows};

constexpr StepKind request(std::string_view method, std::string_view doc) {
  return {.row = {.key = method, .type = &kRequest, .doc = doc, .example = "{ url: \"/\" }"}};
}

constexpr std::array kKinds{
    request("get", "A GET request."),
    request("post", "A POST request."),
    request("put", "A PUT request."),
    request("patch", "A PATCH request."),
    request("delete", "A DELETE request."),
    request("head", "A HEAD request."),
    request("options", "An OPTIONS request."),
    StepKind{.row = {.key = "think",
                     .type = &kThink,
                     .doc = "The user waits; a template.",
                     .example = "1.5"},
             .siblings = &kThinkSiblings},
    StepKind{.row = {.key = "log",
                     .type = &kText,
                     .doc = "Prints a line; a template.",
                     .example = "\"hello {{ name }}\""},
             .siblings = &kLogSiblings},
    StepKind{.row = {.key = "loop",
                     .type = &kFlow,
                     .doc = "Steps that are repeated.",
                     .example = "[ get: { url: \"/\" } ]"},
             .siblings = &kLoopSiblings},
    StepKind{
        .row = {.key = "parallel",
                .type = &kFlow,
                .doc = "Steps that run at the same time, each by a branch of the user that shares "
                       "variables, cookies and connections with the others. Requests overlap only "
                       "as far as `config.http` gives the user connections. The first step that "
                       "fails ends the user and gives up the other branches.",
                .example = "[ get: { url: \"/a\" }, get: { url: \"/b\" } ]"},
        .siblings = &kParallelSiblings},
    StepKind{.row = {.key = "function",
                     .type = &kText,
                     .doc = "Calls a function of the processor.",
                     .example = "makeName"},
             .siblings = &kFunctionSiblings},
};

}  // namespace

constinit const Type kThinkJitter{.shape = Type::Shape::kScalar,
                                  .expected = "milliseconds, or a text such as \"20%\"",
                                  .complaint = jitter_complaint,
                                  .json = R"({"type": ["number", "string"], "minimum": 0})"};

std::span<const StepKind> step_kinds() {
  return kKinds;
}

}  // namespace slsart::script::detail
