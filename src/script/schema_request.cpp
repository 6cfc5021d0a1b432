#include <algorithm>
#include <array>

#include "core/text.h"
#include "script/detail/schema_table.h"
#include "script/detail/value_types.h"

// The attributes of a request, its captures and matches.

namespace slsart::script::detail {
namespace {

std::string probability_complaint(const Node& value) {
  const auto percent = number_in(value);
  if (!percent) return mismatch("a percentage", value);
  return *percent < 0 ? "a probability cannot be negative, this is " + value.text() : std::string();
}

constinit const Type kProbability{.shape = Type::Shape::kScalar,
                                  .expected = "a percentage",
                                  .complaint = probability_complaint,
                                  .json = R"({"type": ["number", "string"], "minimum": 0})"};

// --- auth ---

constexpr std::array kAuthRows{
    Row{.key = "user",
        .type = &kText,
        .doc = "User name; a template.",
        .example = "\"{{ user }}\""},
    Row{.key = "username", .type = &kText, .doc = "The same as `user`.", .example = "ann"},
    Row{.key = "pass", .type = &kText, .doc = "Password; a template.", .example = "\"{{ pass }}\""},
    Row{.key = "password", .type = &kText, .doc = "The same as `pass`.", .example = "secret"},
};

void check_auth(Node& auth, Report& report) {
  if (auth.find("user") || auth.find("username")) return;
  report.error("missing-key", auth.span, "auth needs \"user\" and \"pass\"");
  auth.refused = true;
}

constinit const Section kAuthSection{.id = "auth",
                                     .name = "auth",
                                     .doc = "Basic credentials for this request.",
                                     .rows = kAuthRows,
                                     .check = check_auth};
constinit const Type kAuth{.shape = Type::Shape::kSection,
                           .expected = "a map with user and pass",
                           .section = &kAuthSection};

// --- capture and match ---

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
constinit const Type kCaptures{.shape = Type::Shape::kOneOrList,
                               .expected = "a capture or a list of them",
                               .items = &kCapture};
constinit const Type kMatch{.shape = Type::Shape::kSection,
                            .expected = "a match (a map such as { json: \"$.id\", value: 42 })",
                            .section = &kMatchSection};
constinit const Type kMatches{
    .shape = Type::Shape::kOneOrList, .expected = "a match or a list of them", .items = &kMatch};

// --- expect ---

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
        .doc = "A JMESPath into the JSON body.",
        .support = Support::kIgnored,
        .note = "hasProperty, or a match with json, can look into the body"},
    Row{.key = "jpath", .type = &kText, .doc = "The same.", .support = Support::kIgnored},
    Row{.key = "description", .type = &kAnything, .support = Support::kAccepted},
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
constinit const Type kExpectations{.shape = Type::Shape::kOneOrList,
                                   .expected = "an expectation or a list of them",
                                   .items = &kExpectation};

// --- the request ---

constexpr std::array kRows{
    Row{.key = "url",
        .type = &kText,
        .doc = "The address; a template. One that starts with `/` is put behind `config.target`.",
        .example = "\"/items/{{ id }}\""},
    Row{.key = "uri", .type = &kText, .doc = "The same as `url`.", .example = "\"/items\""},
    Row{.key = "name",
        .type = &kText,
        .doc = "Label in reports; a template.",
        .example = "get item"},
    Row{.key = "qs",
        .type = &kAnyMap,
        .doc = "Query parameters, added to those of the url; templates.",
        .example = "{ page: 2, q: \"{{ word }}\" }"},
    Row{.key = "headers",
        .type = &kHeaderMap,
        .doc = "Headers, over the defaults; templates. A list of values gives a line for each.",
        .example = "{ accept: \"application/json\" }"},
    Row{.key = "json",
        .type = &kAnything,
        .doc =
            "Any value, sent as JSON; templates in it keep the type of their value. Wins over the "
            "other bodies.",
        .example = "{ id: \"{{ id }}\", tags: [a, b] }"},
    Row{.key = "body",
        .type = &kText,
        .doc = "A text to send; a template.",
        .example = "\"k={{ value }}\""},
    Row{.key = "form",
        .type = &kAnyMap,
        .doc = "Fields sent as application/x-www-form-urlencoded.",
        .example = "{ user: ann, pass: secret }"},
    Row{.key = "formData",
        .type = &kAnyMap,
        .doc =
            "Fields sent as multipart/form-data. A field may be a map: `{ value, contentType }`, "
            "or "
            "`{ fromFile, contentType }` with the path of a file, relative to the script, that is "
            "read when the script is loaded.",
        .example = "{ note: \"hello\", data: { value: \"{}\", contentType: application/json } }"},
    Row{.key = "auth",
        .type = &kAuth,
        .doc = "Basic credentials.",
        .example = "{ user: ann, pass: secret }"},
    Row{.key = "cookie",
        .type = &kTemplateMap,
        .doc = "Cookies to send; templates.",
        .example = "{ lang: en }"},
    Row{.key = "gzip",
        .type = &kBoolean,
        .fallback = "true (artillery1: false)",
        .doc = "Whether to ask for compressed answers.",
        .example = "false"},
    Row{.key = "followRedirect",
        .type = &kBoolean,
        .fallback = "true",
        .doc = "Whether to follow redirects, up to `config.http.maxRedirects`.",
        .example = "false"},
    Row{.key = "capture",
        .type = &kCaptures,
        .doc = "Values to take out of the response.",
        .example = "[ { json: \"$.id\", as: id } ]"},
    Row{.key = "match",
        .type = &kMatches,
        .doc = "What the response must contain.",
        .example = "{ json: \"$.ok\", value: true }"},
    Row{.key = "probability",
        .type = &kProbability,
        .fallback = "100",
        .doc = "In how many of a hundred cases the request is made.",
        .example = "25"},
    Row{.key = "continueOnError",
        .type = &kBoolean,
        .fallback = "that of the scenario, or config.defaults",
        .doc = "Whether the user goes on with its next step when this request fails (network, "
               "capture, "
               "match). The failure is counted either way.",
        .example = "true"},
    Row{.key = "timeout",
        .type = &kDuration,
        .fallback = "config.http.timeout",
        .doc = "How long to wait for the response.",
        .example = "\"500ms\""},
    Row{.key = "expect",
        .type = &kExpectations,
        .doc = "What the response must be like; judged if `config.plugins.expect` is there.",
        .example = "[ { statusCode: 200 }, { contentType: json } ]"},
    Row{.key = "ifTrue",
        .type = &kCondition,
        .doc = "The request is left out when this condition does not hold.",
        .example = "\"level > 3 and name == 'ann'\""},
    Row{.key = "beforeRequest",
        .type = &kHooks,
        .doc = "Functions called before the request.",
        .example = "addHeader"},
    Row{.key = "afterResponse",
        .type = &kHooks,
        .doc = "Functions called after the response.",
        .example = "readToken"},
    Row{.key = "http2",
        .type = &kAnything,
        .doc = "HTTP/2.",
        .support = Support::kIgnored,
        .note = "the request is sent by HTTP/1.1"},
    Row{.key = "setContentLengthHeader", .type = &kAnything, .support = Support::kAccepted},
    Row{.key = "https", .type = &kAnything, .support = Support::kAccepted},
    Row{.key = "retry", .type = &kAnything, .support = Support::kAccepted},
    Row{.key = "proxy", .type = &kAnything, .support = Support::kAccepted},
};

// An address that is neither absolute nor starts with `/` fails every user (corpus 85), but is no
// reason to refuse the script.
void check_url(const Node& url, Report& report) {
  if (!url.is_scalar() || url.refused) return;
  const std::string text = url.text();
  if (text.starts_with('/') || text.starts_with("{{")) return;
  const std::string lower = core::to_lower(text);
  if (lower.starts_with("http://") || lower.starts_with("https://")) return;
  report.warning("odd-url", url.span,
                 quoted(text) + " is not an address: every user that comes here will fail",
                 "start it with / to put it behind config.target, or with http:// or https://");
}

void check_request(Node& request, Report& report) {
  const Node* url = request.find("url");
  if (!url || url->is_undefined()) url = request.find("uri");
  if (!url || url->is_undefined()) {
    report.error("missing-key", request.span, "this request has no \"url\"",
                 "for example url: \"/\"");
    request.refused = true;
    return;
  }
  check_url(*url, report);
  std::string_view winner;
  for (const std::string_view key : {"json", "body", "form", "formData"}) {
    const Entry* const entry = request.entry(key);
    if (!entry || entry->value.is_undefined()) continue;
    if (winner.empty()) {
      winner = key;
    } else {
      report.warning("ignored", entry->key_span,
                     quoted(key) + " is ignored: this request has " + quoted(winner));
    }
  }
}

}  // namespace

constinit const Section kRequestSection{
    .id = "request",
    .name = "a request",
    .doc =
        "The step's key is the method: `get`, `post`, `put`, `patch`, `delete`, `head`, `options`; "
        "any other word with a `url` in its map is taken as a method of that name, unless it looks "
        "like a slip of a known step (write it in capitals if it is not).",
    .rows = kRows,
    .check = check_request};

bool is_custom_method(std::string_view key, const Node& value) {
  const auto is_token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  if (key.empty() || !std::ranges::all_of(key, is_token)) return false;
  if (!value.find("url") && !value.find("uri")) return false;
  // `gett` is a slip, `purge` and `GETT` are methods.
  std::vector<std::string_view> known;
  for (const StepKind& kind : step_kinds()) known.push_back(kind.row.key);
  const std::string_view near = core::nearest_name(key, known);
  const bool in_capitals = std::ranges::none_of(key, [](char c) { return c >= 'a' && c <= 'z'; });
  return near.empty() || near == key || in_capitals;
}

}  // namespace slsart::script::detail
