#include <arpa/inet.h>

#include <array>

#include "script/detail/schema_table.h"
#include "script/detail/value_types.h"

// `config` and its sections.

namespace slsart::script::detail {
namespace {

// --- defaults ---

constexpr std::array kThinkDefaultRows{
    Row{.key = "jitter",
        .type = &kThinkJitter,
        .doc = "Jitter of every think step that has none of its own.",
        .example = "\"20%\""},
};
constinit const Section kThinkDefaultSection{.id = "defaults-think",
                                             .name = "defaults.think",
                                             .doc = "Defaults of think steps.",
                                             .rows = kThinkDefaultRows};
constinit const Type kThinkDefaults{
    .shape = Type::Shape::kSection, .expected = "a map", .section = &kThinkDefaultSection};

constexpr std::array kDefaultsRows{
    Row{.key = "headers",
        .type = &kHeaderMap,
        .fallback = "user-agent: Artillery (https://artillery.io)",
        .doc = "Headers of every request. Templates, rendered for each request. The built-in user "
               "agent stays unless it is named here (artillery1: any header takes it away).",
        .example = "{ accept: \"application/json\" }"},
    Row{.key = "cookie",
        .type = &kTemplateMap,
        .doc = "Cookies of every request; templates.",
        .example = "{ lang: en }"},
    Row{.key = "strictCapture",
        .type = &kBoolean,
        .fallback = "true",
        .doc =
            "Whether a capture that finds nothing fails its step, where it does not say so itself.",
        .example = "false"},
    Row{.key = "continueOnError",
        .type = &kBoolean,
        .fallback = "false",
        .doc =
            "Whether a user goes on with its next step after a request that failed. What failed is "
            "counted either way.",
        .example = "true"},
    Row{.key = "think",
        .type = &kThinkDefaults,
        .doc = "Defaults of think steps.",
        .example = "{ jitter: \"20%\" }"},
};
constinit const Section kDefaultsSection{
    .id = "defaults",
    .name = "the defaults",
    .doc = "Defaults of requests. `config.http.defaults` wins over `config.defaults`.",
    .rows = kDefaultsRows};
constinit const Type kDefaults{
    .shape = Type::Shape::kSection, .expected = "a map", .section = &kDefaultsSection};

// --- http ---

std::string prefix_complaint(const Node& value) {
  const std::string text = value.is_nothing() ? "" : value.text();
  const bool fits = !text.empty() && text.size() <= 8 &&
                    text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  return fits ? std::string() : mismatch("one to eight hexadecimal digits", value);
}

constinit const Type kTracePrefix{.shape = Type::Shape::kScalar,
                                  .expected = "one to eight hexadecimal digits",
                                  .complaint = prefix_complaint,
                                  .json = R"({"type": ["string", "number"]})"};

constexpr std::array<std::string_view, 3> kConnectionKinds{"user", "request", "shared"};
constinit const Type kConnections{.shape = Type::Shape::kChoice,
                                  .expected = "user, request or shared",
                                  .choices = kConnectionKinds};

std::string address_complaint(const Node& value) {
  const std::string text = value.is_nothing() ? "" : value.text();
  unsigned char bytes[sizeof(in6_addr)];
  const bool fits =
      inet_pton(AF_INET, text.c_str(), bytes) == 1 || inet_pton(AF_INET6, text.c_str(), bytes) == 1;
  return fits ? std::string() : mismatch("an address such as 10.0.0.5 or fd00::5", value);
}
constinit const Type kAddress{.shape = Type::Shape::kScalar,
                              .expected = "an address such as 10.0.0.5",
                              .complaint = address_complaint,
                              .json = R"({"type": "string"})"};
constinit const Type kAddresses{
    .shape = Type::Shape::kList, .expected = "a list of addresses", .items = &kAddress};

constexpr std::array kTracingRows{
    Row{.key = "enabled",
        .type = &kBoolean,
        .fallback = "true",
        .doc = "Whether the header is added.",
        .example = "true"},
    Row{.key = "sampled",
        .type = &kBoolean,
        .fallback = "true",
        .doc = "Whether the header asks for the trace to be kept.",
        .example = "false"},
    Row{.key = "traceIdPrefix",
        .type = &kTracePrefix,
        .fallback = "a9",
        .doc = "What trace ids begin with.",
        .example = "beef"},
};
constinit const Section kTracingSection{.id = "distributedTracing",
                                        .name = "distributedTracing",
                                        .doc = "`true`, or a map with these keys.",
                                        .rows = kTracingRows,
                                        .is_switch = true};
constinit const Type kTracing{.shape = Type::Shape::kSection,
                              .expected = "true, false or a map",
                              .section = &kTracingSection};

constexpr std::array kHttpRows{
    Row{.key = "timeout",
        .type = &kDuration,
        .fallback = "10 (artillery1: 120)",
        .doc = "How long to wait for a response.",
        .example = "\"2.5s\""},
    Row{.key = "pool",
        .type = &kPositiveInteger,
        .doc = "Connections per origin that all users share. Without it every user opens its own.",
        .example = "100"},
    Row{.key = "maxSockets",
        .type = &kPositiveInteger,
        .fallback = "1",
        .doc = "Connections that one user may have per origin.",
        .example = "4"},
    Row{.key = "connections",
        .type = &kConnections,
        .fallback = "user",
        .doc = "`user`: every user opens its own and keeps them while it runs; `request`: a new "
               "one for "
               "each request; `shared`: all users share them (`pool` limits how many).",
        .example = "request"},
    Row{.key = "localAddresses",
        .type = &kAddresses,
        .doc = "Addresses of this machine to connect from, in turn: each has its own 28,000 ports "
               "or so.",
        .example = "[ 127.0.0.1, 127.0.0.2 ]"},
    Row{.key = "maxRedirects",
        .type = &kWholeNumber,
        .fallback = "10",
        .doc = "How many redirects are followed before the request fails.",
        .example = "3"},
    Row{.key = "extendedMetrics",
        .type = &kBoolean,
        .fallback = "false",
        .doc = "Adds the times of name look-up, connecting, TLS and the whole exchange.",
        .example = "true"},
    Row{.key = "defaults",
        .type = &kDefaults,
        .doc = "Defaults of requests.",
        .example = "{ headers: { accept: \"text/html\" } }"},
    Row{.key = "cookieJarOptions",
        .type = &kAnything,
        .doc = "Options of the cookie jar.",
        .support = Support::kIgnored},
    Row{.key = "distributedTracing",
        .type = &kTracing,
        .fallback = "false",
        .doc =
            "Adds a `traceparent` header to every request (W3C Trace Context): `true`, or a map.",
        .example = "{ sampled: true, traceIdPrefix: a9 }"},
};

// --- tls ---

constexpr std::array kTlsRows{
    Row{.key = "rejectUnauthorized",
        .type = &kBoolean,
        .fallback = "true",
        .doc = "Whether a certificate that cannot be verified is refused; `-k` sets it to false.",
        .example = "false"},
    Row{.key = "ca",
        .type = &kText,
        .fallback = "the system's",
        .doc = "Certificates to trust: a PEM file, or PEM text.",
        .example = "./ca.pem"},
    Row{.key = "cert",
        .type = &kText,
        .doc = "The client's certificate: a PEM file, or PEM text.",
        .example = "./client.pem"},
    Row{.key = "key",
        .type = &kText,
        .doc = "The client's private key: a PEM file, or PEM text.",
        .example = "./client.key"},
    Row{.key = "pfx",
        .type = &kText,
        .doc = "Certificate and key: a PKCS #12 file.",
        .example = "./client.p12"},
    Row{.key = "passphrase", .type = &kText, .doc = "Opens `key` or `pfx`.", .example = "secret"},
    Row{.key = "servername",
        .type = &kText,
        .fallback = "the host of the url",
        .doc = "The name to ask for and to verify.",
        .example = "example.com"},
};

// --- payload ---

constexpr std::array<std::string_view, 2> kOrders{"random", "sequence"};
constinit const Type kOrder{
    .shape = Type::Shape::kChoice, .expected = "random or sequence", .choices = kOrders};

constexpr std::array<std::string_view, 3> kAtEnds{"repeat", "skip", "stop"};
constinit const Type kAtEnd{
    .shape = Type::Shape::kChoice, .expected = "repeat, skip or stop", .choices = kAtEnds};

std::string delimiter_complaint(const Node& value) {
  const std::string text = value.is_nothing() ? "" : value.text();
  const bool is_one = text.size() == 1 && text[0] != '"' && text[0] != '\n' && text[0] != '\r';
  return is_one ? std::string() : mismatch("one character such as \";\"", value);
}

constinit const Type kDelimiter{.shape = Type::Shape::kScalar,
                                .expected = "one character",
                                .complaint = delimiter_complaint,
                                .json = R"({"type": "string", "minLength": 1, "maxLength": 1})"};

std::string line_complaint(const Node& value) {
  const auto line = integer_in(value);
  return line && (*line == 1 || *line == 2) ? std::string() : mismatch("1 or 2", value);
}
constinit const Type kFromLine{.shape = Type::Shape::kScalar,
                               .expected = "1 or 2",
                               .complaint = line_complaint,
                               .json = R"({"enum": [1, 2, "1", "2"]})"};

constexpr std::array kCsvRows{
    Row{.key = "delimiter", .type = &kDelimiter, .doc = "As `delimiter`.", .example = "\";\""},
    Row{.key = "cast", .type = &kBoolean, .doc = "As `cast`.", .example = "false"},
    Row{.key = "skip_empty_lines",
        .type = &kBoolean,
        .doc = "As `skipEmptyLines`.",
        .example = "false"},
    Row{.key = "from_line",
        .type = &kFromLine,
        .fallback = "1",
        .doc = "2 leaves out the first line.",
        .example = "2"},
    Row{.key = "trim",
        .type = &kBoolean,
        .fallback = "false",
        .doc = "Whether blanks around cells are left out.",
        .example = "true"},
    Row{.key = "relax_column_count", .type = &kAnything, .support = Support::kAccepted},
    Row{.key = "bom", .type = &kAnything, .support = Support::kAccepted},
};
constinit const Section kCsvSection{.id = "payload-options",
                                    .name = "the options of a payload",
                                    .doc = "Options of the CSV parser.",
                                    .rows = kCsvRows};
constinit const Type kCsvOptions{
    .shape = Type::Shape::kSection, .expected = "a map", .section = &kCsvSection};

constexpr std::array kPayloadRows{
    Row{.key = "path",
        .type = &kText,
        .doc = "The CSV file, relative to the script; `-p` wins.",
        .example = "./users.csv"},
    Row{.key = "fields",
        .type = &kTextList,
        .doc = "Names of the columns, by position.",
        .example = "[user, pass]"},
    Row{.key = "order",
        .type = &kOrder,
        .fallback = "random",
        .doc = "`sequence` hands out the rows one after another and starts again at the end.",
        .example = "sequence"},
    Row{.key = "atEnd",
        .type = &kAtEnd,
        .fallback = "repeat",
        .doc = "What happens when `sequence` has handed out every row once: `repeat` them, `skip` "
               "further arrivals (counted), or `stop` the arrivals. Rows are numbered by arrivals "
               "over the whole run, so no row is used twice, whatever the number of workers.",
        .example = "stop"},
    Row{.key = "skipHeader",
        .type = &kBoolean,
        .fallback = "false",
        .doc = "Leaves out the first line; it names the columns when `fields` does not.",
        .example = "true"},
    Row{.key = "delimiter",
        .type = &kDelimiter,
        .fallback = "\",\"",
        .doc = "Between cells.",
        .example = "\";\""},
    Row{.key = "cast",
        .type = &kBoolean,
        .fallback = "true",
        .doc = "Whether cells that are numbers become numbers.",
        .example = "false"},
    Row{.key = "skipEmptyLines",
        .type = &kBoolean,
        .fallback = "true",
        .doc = "Whether empty lines are left out.",
        .example = "false"},
    Row{.key = "loadAll",
        .type = &kBoolean,
        .fallback = "false",
        .doc =
            "The whole table becomes one variable, a list; with `order` one row of it, an object.",
        .example = "true"},
    Row{.key = "name",
        .type = &kText,
        .doc = "With `loadAll`: the name of that variable.",
        .example = "people"},
    Row{.key = "options",
        .type = &kCsvOptions,
        .doc =
            "Options in the words of the reference's CSV parser; they win over the keys beside it.",
        .example = "{ delimiter: \";\", skip_empty_lines: true }"},
};
constinit const Type kPayload{.shape = Type::Shape::kSection,
                              .expected = "a map with a path and fields",
                              .section = &kPayloadSection};
constinit const Type kPayloads{.shape = Type::Shape::kOneOrList,
                               .expected = "a payload (a map with a path) or a list of them",
                               .items = &kPayload};

void check_payload(Node& payload, Report& report) {
  const Entry* const at_end = payload.entry("atEnd");
  const Node* const order = payload.find("order");
  const bool in_sequence = order && order->is_text() && order->text() == "sequence";
  if (at_end && !in_sequence && at_end->value.is_text() && at_end->value.text() != "repeat") {
    report.error("missing-key", at_end->key_span, "\"atEnd\" only means something in sequence",
                 "add order: sequence");
  }
  const Node* const all = payload.find("loadAll");
  if (!all || !boolean_in(*all).value_or(false)) return;
  if (const Node* name = payload.find("name"); name && !name->is_nothing()) return;
  report.error("missing-key", payload.span, "a payload with loadAll needs \"name\"",
               "for example name: people");
}

// --- config ---

constexpr std::array<std::string_view, 3> kDialects{"slsart", "artillery1", "artillery2"};
constinit const Type kDialect{.shape = Type::Shape::kChoice,
                              .expected = "slsart, artillery1 or artillery2",
                              .choices = kDialects};
constexpr std::array<std::string_view, 1> kEngines{"http"};
constinit const Type kEngine{
    .shape = Type::Shape::kChoice, .expected = "http", .choices = kEngines};

constinit const Type kHttp{
    .shape = Type::Shape::kSection, .expected = "a map", .section = &kHttpConfigSection};
constinit const Type kTls{
    .shape = Type::Shape::kSection, .expected = "a map", .section = &kTlsSection};
constinit const Type kPlugins{
    .shape = Type::Shape::kSection, .expected = "a map", .section = &kPluginsSection};
constinit const Type kPhase{.shape = Type::Shape::kSection,
                            .expected = "a phase (a map with a duration)",
                            .section = &kPhaseSection};
constinit const Type kPhases{
    .shape = Type::Shape::kList, .expected = "a list of phases", .items = &kPhase};

constexpr std::array kRows{
    Row{.key = "target",
        .type = &kText,
        .doc = "The base address, put before every url that starts with `/`; `-t` wins.",
        .example = "\"https://example.com\""},
    Row{.key = "phases",
        .type = &kPhases,
        .fallback = "[ { duration: 1, arrivalCount: 1 } ]",
        .doc = "The load, phase after phase.",
        .example = "[ { duration: 60, arrivalRate: 5 } ]"},
    Row{.key = "mode",
        .type = &kArrivalMode,
        .fallback = "uniform",
        .doc = "How the users of a phase are spaced, where the phase does not say.",
        .example = "poisson"},
    Row{.key = "environments",
        .type = &kAnyMap,
        .doc =
            "Named settings; `-e name` merges one of them over `config`, lists element by element.",
        .example = "{ staging: { target: \"https://staging.example.com\" } }"},
    Row{.key = "variables",
        .type = &kAnyMap,
        .doc = "Variables of every user. Of a list every user gets one element at random.",
        .example = "{ colour: [red, green] }"},
    Row{.key = "payload",
        .type = &kPayloads,
        .doc = "CSV files whose rows become variables.",
        .example = "{ path: ./users.csv, fields: [user, pass] }"},
    Row{.key = "http", .type = &kHttp, .doc = "Settings of HTTP.", .example = "{ timeout: 5 }"},
    Row{.key = "timeout", .type = &kDuration, .doc = "Wins over `http.timeout`.", .example = "5"},
    Row{.key = "tls",
        .type = &kTls,
        .doc = "Settings of TLS.",
        .example = "{ rejectUnauthorized: false }"},
    Row{.key = "defaults",
        .type = &kDefaults,
        .doc = "Defaults of requests.",
        .example = "{ headers: { accept: \"text/html\" } }"},
    Row{.key = "dialect",
        .type = &kDialect,
        .fallback = "slsart",
        .doc = "Which generation's meaning applies where they differ; `--dialect` wins.",
        .example = "artillery2"},
    Row{.key = "engine",
        .type = &kEngine,
        .fallback = "http",
        .doc = "Engine of scenarios.",
        .example = "http"},
    Row{.key = "processor",
        .type = &kText,
        .doc = "A JavaScript file with functions for hooks, found from the folder of the script, "
               "else from the working directory (docs/processors.md).",
        .example = "./processor.js"},
    Row{.key = "hookTimeout",
        .type = &kDuration,
        .fallback = "120",
        .doc = "How long a call of a function may take; a user whose call takes longer has failed.",
        .example = "30"},
    Row{.key = "plugins",
        .type = &kPlugins,
        .doc = "What the reference does by plugins.",
        .example = "{ expect: {} }"},
    Row{.key = "pluginsScope", .type = &kAnything, .support = Support::kAccepted},
    Row{.key = "ensure",
        .type = &kEnsureType,
        .doc = "Conditions that the results must meet; see `ensure` below.",
        .example = "{ p95: 200, maxErrorRate: 1 }"},
    Row{.key = "apdex",
        .type = &kApdexType,
        .doc = "Apdex score; see `apdex` below.",
        .example = "{ threshold: 100 }"},
    Row{.key = "engines",
        .type = &kAnything,
        .doc = "Settings of other engines.",
        .support = Support::kAccepted},
    Row{.key = "socketio",
        .type = &kAnything,
        .doc = "Settings of Socket.IO.",
        .support = Support::kAccepted},
    Row{.key = "ws",
        .type = &kAnything,
        .doc = "Settings of WebSocket.",
        .support = Support::kAccepted},
    Row{.key = "statsInterval",
        .type = &kAnything,
        .doc = "Seconds between reports.",
        .support = Support::kAccepted},
    Row{.key = "caseSensitive", .type = &kAnything, .support = Support::kAccepted},
    Row{.key = "bundling", .type = &kAnything, .support = Support::kAccepted},
};

}  // namespace

constinit const Section kHttpConfigSection{.id = "http",
                                           .name = "config.http",
                                           .doc = "Settings of HTTP for the whole script.",
                                           .rows = kHttpRows};
constinit const Section kTlsSection{.id = "tls",
                                    .name = "config.tls",
                                    .doc = "Settings of TLS. Paths are relative to the script.",
                                    .rows = kTlsRows};
constinit const Section kPayloadSection{
    .id = "payload",
    .name = "a payload",
    .doc =
        "Every user gets one row of every file; its cells become variables. Variables of the same "
        "name in `config.variables` win.",
    .rows = kPayloadRows,
    .check = check_payload};
constinit const Section kConfigSection{
    .id = "config",
    .name = "config",
    .doc =
        "The whole of `config` may use `{{ $processEnvironment.NAME }}` (also `$env`), "
        "`{{ $environment }}`, `{{ $testId }}`, `{{ $dirname }}`, `{{ $scenarioFile }}` and the "
        "variables given with `-v` or in `config.variables`; these are filled in once, before the "
        "script is read any further.",
    .rows = kRows};

}  // namespace slsart::script::detail
