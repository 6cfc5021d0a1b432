#include <algorithm>

#include "core/text.h"
#include "script/detail/build.h"
#include "script/detail/value_types.h"

namespace slsart::script::detail {
namespace {

// A value of config.http.defaults, else of config.defaults.
const Node* default_of(const Fields& config, std::string_view key) {
  const Node* const newer = config.section("http").section("defaults").find(key);
  return newer ? newer : config.section("defaults").find(key);
}

// `true`, or a map that is not switched off.
std::optional<Tracing> build_tracing(const Node* node) {
  if (!node) return std::nullopt;
  const Fields fields(node->is_map() ? node : nullptr);
  const bool is_on =
      node->is_map() ? fields.boolean("enabled").value_or(true) : boolean_in(*node).value_or(false);
  if (!is_on) return std::nullopt;
  Tracing tracing;
  tracing.sampled = fields.boolean("sampled").value_or(true);
  if (const auto prefix = fields.text("traceIdPrefix")) tracing.prefix = core::to_lower(*prefix);
  return tracing;
}

HttpConfig build_http(const Fields& config, Building& building) {
  const Fields fields = config.section("http");
  HttpConfig http;
  http.default_headers = build_headers(default_of(config, "headers"), building);
  http.default_cookies = build_fields(default_of(config, "cookie"), building);
  http.timeout = config.duration("timeout");
  if (!http.timeout) http.timeout = fields.duration("timeout");
  http.pool = fields.integer("pool").value_or(0);
  http.max_sockets = fields.integer("maxSockets").value_or(0);
  http.extended_metrics = fields.boolean("extendedMetrics").value_or(false);
  constexpr std::int64_t kMostRedirects = 1'000'000;
  const std::int64_t redirects = fields.integer("maxRedirects").value_or(http.max_redirects);
  if (fields.text("connections") == "request") http.connections = Connections::kPerRequest;
  if (fields.text("connections") == "shared") http.connections = Connections::kShared;
  for (const Node* address : one_or_list(fields.find("localAddresses")))
    http.local_addresses.push_back(address->text());
  http.tracing = build_tracing(fields.find("distributedTracing"));
  http.max_redirects = static_cast<int>(std::min(redirects, kMostRedirects));
  return http;
}

// PEM text as it stands, else the content of the file of that name.
std::string build_credential(const Fields& tls, std::string_view key, Building& building) {
  const Node* const node = tls.find(key);
  if (!node) return {};
  const std::string text = node->text();
  if (text.find("-----BEGIN ") != std::string::npos) return text;
  auto content = core::read_file(resolve_path(text, building));
  if (content) return *std::move(content);
  building.report.error("file", node->span,
                        "cannot read tls." + std::string(key) + ": " + content.error().message,
                        "looked in the folder of the script, " + building.options.directory +
                            ", and in the working directory");
  return {};
}

TlsConfig build_tls(const Fields& fields, Building& building) {
  TlsConfig tls;
  tls.reject_unauthorized = fields.boolean("rejectUnauthorized").value_or(true);
  tls.ca = build_credential(fields, "ca", building);
  tls.cert = build_credential(fields, "cert", building);
  tls.key = build_credential(fields, "key", building);
  tls.pfx = build_credential(fields, "pfx", building);
  tls.passphrase = fields.text("passphrase").value_or("");
  tls.server_name = fields.text("servername").value_or("");
  return tls;
}

std::vector<Variable> build_variables(const Node* map, Building& building) {
  std::vector<Variable> variables;
  if (!map) return variables;
  for (const Entry& entry : map->entries) {
    core::Value value = to_value(entry.value);
    if (value.is_list() && value.as_list().empty()) {
      building.report.warning("empty-list", entry.value.span,
                              quoted(entry.key) + " is an empty list: it stays undefined");
      continue;
    }
    variables.push_back(
        {.name = building.scope.symbols.intern(entry.key), .value = std::move(value)});
  }
  return variables;
}

void set_defaults(const Fields& config, Building& building) {
  building.strict_captures = building.dialect.strict_captures;
  if (const Node* strict = default_of(config, "strictCapture")) {
    building.strict_captures = boolean_in(*strict).value_or(building.strict_captures);
  }
  if (const Node* go_on = default_of(config, "continueOnError")) {
    building.continue_on_error = boolean_in(*go_on).value_or(false);
  }
  const Node* const jitter = Fields(default_of(config, "think")).find("jitter");
  if (!jitter) return;
  const auto number = number_in(*jitter);
  building.think_jitter = number ? core::Value(*number) : core::Value(jitter->text());
}

}  // namespace

Config build_config(const Node* config, Building& building) {
  const Fields fields(config);
  set_defaults(fields, building);
  Config result;
  if (const Node* target = fields.find("target")) {
    result.target = target->text();
    result.target_span = target->span;
  }
  const bool poisson = fields.text("mode") == "poisson";
  result.phases = build_phases(fields.find("phases"),
                               poisson ? ArrivalMode::kPoisson : ArrivalMode::kUniform, building);
  result.variables = build_variables(fields.find("variables"), building);
  result.payloads = build_payloads(fields.find("payload"), fields.find("variables"), building);
  result.http = build_http(fields, building);
  result.tls = build_tls(fields.section("tls"), building);
  result.ensure = build_ensure(fields, building);
  result.expect = build_expect(fields, building);
  result.endpoints = build_endpoints(fields);
  result.apdex = build_apdex(fields);
  result.environment = building.options.environment.value_or("");
  result.processor = build_processor(fields, building);
  return result;
}

}  // namespace slsart::script::detail
