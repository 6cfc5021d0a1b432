#include <array>

#include "script/detail/schema_table.h"
#include "script/detail/value_types.h"

// What requests take out of responses and compare in them.

namespace slsart::script::detail {
namespace {

std::string index_complaint(const Node& value) {
  const std::string text = value.is_nothing() ? "" : value.text();
  if (text == "random" || text == "last" || text == "all") return {};
  const auto number = integer_in(value);
  if (!number) return mismatch("a number from 0, random, last or all", value);
  return *number < 0 ? "an index counts from 0, this is " + text : std::string();
}

constinit const Type kIndexType{.shape = Type::Shape::kScalar,
                                .expected = "a number from 0, random, last or all",
                                .complaint = index_complaint,
                                .json = R"({"type": ["integer", "string"], "minimum": 0})"};

constexpr Row kJson{.key = "json",
                    .type = &kText,
                    .doc =
                        "A JSONPath into the body. Of several results one is taken at random, "
                        "unless `index` or `multiple` says otherwise.",
                    .example = "\"$.items[0].id\""};
constexpr Row kRegexp{.key = "regexp",
                      .type = &kText,
                      .doc = "A regular expression on the body.",
                      .example = "\"code=([A-Z]+)\""};
constexpr Row kHeader{
    .key = "header", .type = &kText, .doc = "The name of a response header.", .example = "x-trace"};
constexpr Row kXpath{.key = "xpath",
                     .type = &kText,
                     .doc = "An XPath 1.0 into an XML body, or into an HTML page.",
                     .example = "\"string(//order/@id)\""};
constexpr Row kSelector{.key = "selector",
                        .type = &kText,
                        .doc = "A CSS selector on an HTML body; see `attr` and `index`.",
                        .example = "\"input[name='csrf']\""};
constexpr Row kAttr{.key = "attr",
                    .type = &kText,
                    .fallback = "the element's text",
                    .doc = "Of a selector: the attribute to take.",
                    .example = "value"};
constexpr Row kIndex{.key = "index",
                     .type = &kIndexType,
                     .fallback = "the first; of `json` a random one",
                     .doc =
                         "Which of several results of `selector`, `xpath` or `json` is taken: its "
                         "number from 0, `last`, `random`, or `all` as a list.",
                     .example = "last"};
constexpr Row kMultiple{.key = "multiple",
                        .type = &kBoolean,
                        .fallback = "true",
                        .doc =
                            "`false`: `json` gives a list of all its results; the value itself "
                            "where the path can lead to one only.",
                        .example = "false"};
constexpr Row kFlags{.key = "flags",
                     .type = &kText,
                     .doc = "Of a regular expression: some of `i m s u`.",
                     .example = "i"};
constexpr Row kGroup{.key = "group",
                     .type = &kText,
                     .fallback = "the whole match",
                     .doc = "Of a regular expression: number or name of the group to take.",
                     .example = "1"};

constexpr std::array kCaptureRows{
    kJson,
    kRegexp,
    kHeader,
    kXpath,
    kSelector,
    Row{.key = "as",
        .type = &kText,
        .doc = "The variable to set; a path such as `user.id` writes into an object.",
        .example = "token",
        .required = true},
    Row{.key = "strict",
        .type = &kBoolean,
        .fallback = "config.defaults.strictCapture",
        .doc = "Whether finding nothing (or an empty text) fails the step.",
        .example = "false"},
    kFlags,
    kGroup,
    Row{.key = "transform",
        .type = &kText,
        .doc = "JavaScript on the captured value.",
        .support = Support::kIgnored,
        .note = "the value is kept as it was captured"},
    kAttr,
    kIndex,
    kMultiple,
};

constexpr std::array kMatchRows{
    kJson,
    kRegexp,
    kHeader,
    kXpath,
    kSelector,
    Row{.key = "value",
        .type = &kAnything,
        .doc = "What must have been found; equal without conversion, so 42 is not \"42\".",
        .example = "\"{{ name }}\"",
        .required = true},
    Row{.key = "strict",
        .type = &kBoolean,
        .fallback = "true",
        .doc = "`false`: a failed match does not fail the step.",
        .example = "false"},
    kFlags,
    kGroup,
    kAttr,
    kIndex,
    kMultiple,
};

// Exactly one of the keys that say where to look.
void check_extractor(Node& map, Report& report) {
  std::string_view first;
  for (const std::string_view key : {"json", "regexp", "header", "xpath", "selector"}) {
    const Entry* const entry = map.entry(key);
    if (!entry || entry->value.is_undefined()) continue;
    if (first.empty()) {
      first = key;
      continue;
    }
    map.refused = true;
    report.error("two-extractors", entry->key_span,
                 quoted(key) + " may not stand beside " + quoted(first) + ": take one of them");
  }
  if (!first.empty()) return;
  map.refused = true;
  report.error("missing-key", map.span, "this does not say what to look at",
               "add one of json, regexp, header, selector, xpath");
}

constinit const Section kCaptureSection{
    .id = "capture",
    .name = "a capture",
    .doc =
        "Takes a value out of the response into a variable. One of `json`, `regexp`, `header`, "
        "`selector`, `xpath`, whose text may be a template.",
    .rows = kCaptureRows,
    .check = check_extractor};
constinit const Section kMatchSection{
    .id = "match",
    .name = "a match",
    .doc =
        "Compares a value of the response. One of `json`, `regexp`, `header`, `selector`, `xpath`.",
    .rows = kMatchRows,
    .check = check_extractor};
constinit const Type kCapture{.shape = Type::Shape::kSection,
                              .expected = "a capture (a map such as { json: \"$.id\", as: id })",
                              .section = &kCaptureSection};
constinit const Type kMatch{.shape = Type::Shape::kSection,
                            .expected = "a match (a map such as { json: \"$.id\", value: 42 })",
                            .section = &kMatchSection};

}  // namespace

constinit const Type kCaptures{.shape = Type::Shape::kOneOrList,
                               .expected = "a capture or a list of them",
                               .items = &kCapture};
constinit const Type kMatches{
    .shape = Type::Shape::kOneOrList, .expected = "a match or a list of them", .items = &kMatch};

}  // namespace slsart::script::detail
