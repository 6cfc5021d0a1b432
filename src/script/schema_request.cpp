#include <algorithm>
#include <array>

#include "core/text.h"
#include "script/detail/schema_table.h"
#include "script/detail/value_types.h"

// The attributes of a request.

namespace slsart::script::detail {
namespace {

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
            "`{ fromFile, contentType }` with the path of a file, relative to the script. It is "
            "read when the script is loaded; one whose path is a template when it is needed.",
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
        .type = &kPercent,
        .fallback = "100",
        .doc = "In how many of a hundred cases the request is made; a template.",
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
