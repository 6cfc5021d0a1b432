#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/span.h"
#include "core/symbol.h"
#include "core/time.h"
#include "core/value.h"
#include "expr/expectation.h"
#include "expr/extractor.h"
#include "expr/payload.h"
#include "expr/template.h"
#include "expr/user_condition.h"
#include "script/dialect.h"
#include "script/distribution.h"
#include "script/plugins.h"

namespace slsart::script {

// Users per second, kept exactly in billionths so that counts are integers: 0.1/s for 10 s is one
// user.
struct Rate {
  std::int64_t nano_per_second = 0;
  friend bool operator==(Rate, Rate) = default;
};

// --- phases -------------------------------------------------------------------------------------
struct Constant {
  Rate rate;
  core::Duration duration{};
};
struct Ramp {
  Rate from;
  Rate to;
  core::Duration duration{};
};
struct Count {
  std::int64_t arrivals = 0;
  core::Duration duration{};
};
struct Pause {
  core::Duration duration{};
};

enum class ArrivalMode { kUniform, kPoisson };

struct Phase {
  std::variant<Constant, Ramp, Count, Pause> load;
  ArrivalMode mode = ArrivalMode::kUniform;
  std::string name;                        // empty: unnamed
  std::optional<std::int64_t> max_vusers;  // arrivals above it are skipped and counted
  // `requestRate`: what is due are requests, each sent by the user that has waited longest for its
  // turn; users are made as they are needed, up to max_vusers.
  bool paces_requests = false;
  core::Value written;  // the phase as the user wrote it, for reports
  core::Span span;
};

// --- steps --------------------------------------------------------------------------------------
struct HeaderTemplate {
  std::string name;  // as written
  expr::Template value;
  bool is_further = false;  // of a list of values: one more line beside the header before
};
struct FieldTemplate {
  expr::Template name;
  expr::ValueTemplate value;
};

// What a request carries. `json` and form fields are rendered, then sent with their content type
// unless the step's headers name one.
struct NoBody {};
struct JsonBody {
  expr::ValueTemplate value;
};
struct TextBody {
  expr::Template text;
};
struct FormBody {
  std::vector<FieldTemplate> fields;  // application/x-www-form-urlencoded
};
// A part of a form: a text, or a file that was read when the script was loaded; a file whose path
// has slots is read when it is needed.
struct PartTemplate {
  FieldTemplate field;  // of a file the value does not matter
  std::optional<expr::Template> content_type;
  std::shared_ptr<const std::string> file;  // shared: scripts are copied; null: a text
  std::string file_name;                    // without folders
  std::optional<expr::Template> file_path;  // with slots
  std::string directory;                    // where a relative one starts
};
struct MultipartBody {
  std::vector<PartTemplate> parts;  // multipart/form-data
};
using Body = std::variant<NoBody, JsonBody, TextBody, FormBody, MultipartBody>;

// The name of a function of config.processor.
struct HookName {
  expr::Template name;
  core::Span span;
};

struct BasicAuth {
  expr::Template user;
  expr::Template password;
};

struct HttpStep {
  std::string method;  // upper case: "GET"
  expr::Template url;
  std::optional<expr::Template> name;  // label for reports
  std::vector<FieldTemplate> query;
  std::vector<HeaderTemplate> headers;
  std::vector<FieldTemplate> cookies;
  Body body;
  std::optional<BasicAuth> auth;
  bool follow_redirect = true;
  std::optional<bool> gzip;               // absent: the dialect's default
  std::optional<core::Duration> timeout;  // absent: config.http.timeout
  std::vector<expr::Capture> captures;
  std::vector<expr::Match> matches;
  std::vector<HookName> before_request;
  std::vector<HookName> after_response;
  core::Value written;  // the step's value with its slots, for hooks; undefined without a processor
  std::vector<expr::Expectation> expectations;  // empty unless they are to be judged
  bool continue_on_error = false;               // a failure is counted, and the user goes on
  core::Span span;
};

struct ThinkStep {
  expr::Template text;                     // as written, when it has slots
  std::optional<core::Duration> constant;  // when it has none
  std::optional<core::Value> jitter;       // milliseconds or "20%"
  core::Span span;
};
struct LogStep {
  expr::Template text;
  core::Span span;
};
struct FunctionStep {
  HookName function;
};

struct Step;
// `loop:` with its siblings. Exactly one of count, range, over_list, over_variable says how often;
// none of them: for ever.
struct LoopStep {
  std::vector<Step> steps;
  std::optional<expr::Template> count;  // a number, a template, or "a-b" meaning a <= index < b
  std::optional<expr::ValueTemplate> over_list;
  std::optional<expr::Template> over_variable;    // compiled as {{ name }}
  std::optional<expr::UserCondition> while_true;  // asked after each pass; then it alone decides
  std::optional<HookName> while_function;  // its name, where that may be a function's: asks Node
  core::Symbol index;                      // loopValue, $loopCount by default
  core::Symbol element;                    // loopElement, $loopElement by default
  core::Span span;
};

// `parallel:`. Every step of the list is walked by a branch of its own.
struct ParallelStep {
  std::vector<Step> steps;
  std::int64_t limit = 100;  // branches at a time
  core::Span span;
};

struct Step {
  std::variant<HttpStep, ThinkStep, LogStep, FunctionStep, LoopStep, ParallelStep> what;
  std::optional<expr::UserCondition> if_true;  // the step is left out when it does not hold
  std::optional<HookName> if_function;  // its name, where that may be a function's: asks Node
  // In how many of a hundred cases the step is done; asked before the condition. From 100: always;
  // what does not come out as a number: never.
  std::optional<expr::ValueTemplate> probability;
};

// Functions around a whole flow and each of its requests.
struct FlowHooks {
  std::vector<HookName> before_scenario;
  std::vector<HookName> after_scenario;  // not after a failure
  std::vector<HookName> before_request;  // before the step's own
  std::vector<HookName> after_response;
  std::vector<HookName> on_error;  // after a request that failed on the network
};

struct Scenario {
  std::string name;  // empty: reported under its index
  std::int64_t weight = 1;
  std::vector<Step> flow;
  FlowHooks hooks;
  core::Value
      written;  // the scenario as the user wrote it, for hooks; undefined without a processor
  core::Span span;
};

// --- config -------------------------------------------------------------------------------------
struct Variable {
  core::Symbol name;
  core::Value value;  // a list: one random element per user; anything else: the same for all
};

// Which connections users send on.
enum class Connections {
  kPerUser,     // each user its own, closed with it; with `pool` the same as kShared
  kPerRequest,  // a new one for each request
  kShared,      // all users the same ones, as many as are needed or `pool` allows
};

// A traceparent header (W3C Trace Context) for every request.
struct Tracing {
  bool sampled = true;
  std::string prefix = "a9";  // hexadecimal digits that trace ids begin with
};

struct HttpConfig {
  std::vector<HeaderTemplate>
      default_headers;  // when any are given they replace the built-in user agent
  std::vector<FieldTemplate> default_cookies;
  std::optional<core::Duration> timeout;  // absent: the dialect's
  std::int64_t pool = 0;  // connections per origin shared by all users of the run; 0: own ones
  std::int64_t max_sockets = 0;  // connections a user may have per origin; 0: one
  bool extended_metrics = false;
  Connections connections = Connections::kPerUser;
  std::vector<std::string> local_addresses;  // to connect from, in turn; empty: the system chooses
  int max_redirects = 10;
  std::optional<Tracing> tracing;  // http.distributedTracing
};

struct TlsConfig {
  bool reject_unauthorized = true;
  std::string ca;  // PEM texts, already read; empty: the system's bundle / none
  std::string cert;
  std::string key;
  std::string pfx;  // PKCS #12 bytes
  std::string passphrase;
  std::string server_name;
};

// The user's JavaScript functions.
struct Processor {
  std::string path;             // absolute
  core::Duration call_limit{};  // a call that takes longer has failed
  core::Span span;
};

struct Config {
  std::string target;  // without templates: the environment slots are filled in
  core::Span target_span;
  std::vector<Phase> phases;
  std::vector<Variable> variables;
  std::vector<expr::Payload> payloads;
  HttpConfig http;
  TlsConfig tls;
  Ensure ensure;
  ExpectSettings expect;
  EndpointSettings endpoints;
  ApdexSettings apdex;
  std::string environment;  // -e, empty if none
  std::optional<Processor> processor;

  // The first arrival that finds no row in a payload that is used only once; nothing: none.
  std::optional<std::int64_t> first_without_row(expr::AtEnd at_end) const;
};

// A file that the script names and that was read, or will be (the processor).
struct NamedFile {
  std::string name;  // as written
  std::string path;  // where it was found
  friend bool operator==(const NamedFile&, const NamedFile&) = default;
};

// A validated script: everything is typed and every template compiled. Immutable after loading;
// shared by all workers. Copies share the symbol table.
struct Script {
  std::string name;  // of the source, for reports
  Dialect dialect;
  Config config;
  std::vector<Scenario> scenarios;
  std::vector<Step> before;  // once before the users start
  std::vector<Step> after;   // once after they ended
  FlowHooks before_hooks;
  FlowHooks after_hooks;
  Mode mode = Mode::kPerformance;  // the effective one
  SplitSettings split;
  SamplingSettings sampling;  // of no meaning in performance mode
  bool trace = false;         // _trace
  bool simulation = false;    // _simulation: plan, and start nothing
  std::shared_ptr<core::SymbolTable> symbols;
  std::vector<NamedFile> files;  // each name once
  core::Value merged;            // the whole script after merging and config templating, for reports
};

}  // namespace slsart::script
