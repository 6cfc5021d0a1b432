#include <array>

#include "script/detail/schema_table.h"
#include "script/detail/value_types.h"

// The `expect` of a request: what its response must be like.

namespace slsart::script::detail {
namespace {

std::string status_complaint(const Node& value) {
  return number_in(value) || has_slot(value) ? std::string() : mismatch("a status code", value);
}
constinit const Type kStatus{.shape = Type::Shape::kScalar,
                             .expected = "a status code",
                             .complaint = status_complaint,
                             .json = R"({"type": ["integer", "string"]})"};
constinit const Type kStatuses{.shape = Type::Shape::kOneOrList,
                               .expected = "a status code or a list of them",
                               .items = &kStatus};
constinit const Type kValues{
    .shape = Type::Shape::kList, .expected = "a list of values", .items = &kAnything};

constexpr std::array kExpectRows{
    Row{.key = "statusCode",
        .type = &kStatuses,
        .doc = "The status, or one of a list.",
        .example = "[200, 201]"},
    Row{.key = "notStatusCode",
        .type = &kStatuses,
        .doc = "A status that is not expected, or a list of them.",
        .example = "500"},
    Row{.key = "contentType",
        .type = &kText,
        .doc = "The whole header in any case; `json`: a JSON body, an object or list, that is "
               "called so.",
        .example = "json"},
    Row{.key = "hasHeader",
        .type = &kText,
        .doc = "A header that is there and not empty.",
        .example = "x-trace"},
    Row{.key = "headerEquals",
        .type = &kTextList,
        .doc = "Name and value of a header.",
        .example = "[x-cache, HIT]"},
    Row{.key = "hasProperty",
        .type = &kText,
        .doc = "A path into the JSON body.",
        .example = "\"items[0].id\""},
    Row{.key = "notHasProperty",
        .type = &kText,
        .doc = "A path that leads nowhere in the JSON body.",
        .example = "error"},
    Row{.key = "equals",
        .type = &kValues,
        .doc = "Values that are the same as text.",
        .example = "[\"{{ id }}\", \"42\"]"},
    Row{.key = "matchesRegexp",
        .type = &kText,
        .doc = "A regular expression on the body as received.",
        .example = "\"total: [0-9]+\""},
    Row{.key = "cdnHit",
        .type = &kBoolean,
        .doc = "Whether a cache in front says hit or stale; `false`: miss.",
        .example = "true"},
    Row{.key = "jmespath",
        .type = &kText,
        .doc = "A JMESPath into the JSON body whose result is true in JavaScript: neither nothing, "
               "`false`, 0 nor an empty text.",
        .example = "\"length(items[?price > `10`]) == `2`\""},
    Row{.key = "jpath",
        .type = &kText,
        .doc = "The same as `jmespath`.",
        .example = "\"items[0].id\""},
    Row{.key = "description",
        .type = &kText,
        .doc = "What messages call the expression of `jmespath`.",
        .example = "two dear items"},
};
constinit const Section kExpectationSection{
    .id = "expectation",
    .name = "an expectation",
    .doc =
        "What a response must be like, judged after captures if `config.plugins.expect` is there; "
        "templates. A failure does not end the user.",
    .rows = kExpectRows};
constinit const Type kExpectation{.shape = Type::Shape::kSection,
                                  .expected = "an expectation (a map such as { statusCode: 200 })",
                                  .section = &kExpectationSection};

}  // namespace

constinit const Type kExpectations{.shape = Type::Shape::kOneOrList,
                                   .expected = "an expectation or a list of them",
                                   .items = &kExpectation};

}  // namespace slsart::script::detail
