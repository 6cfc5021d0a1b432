#include "provider/emulated/lambda_api.h"

#include <algorithm>

#include "core/text.h"
#include "provider/emulated/log_file.h"

namespace slsart::provider::emulated {
namespace {

using core::Value;

constexpr std::size_t kMaxPayloadBytes = 6'291'456;
constexpr std::size_t kMaxEventBytes = 1'048'576;
constexpr std::int64_t kMaxMemoryMb = 10'240;
constexpr std::int64_t kMinMemoryMb = 128;
constexpr std::int64_t kMaxTimeoutSeconds = 900;

HttpAnswer invalid(const std::string& message) {
  return service_error(400, "InvalidParameterValueException", message);
}

HttpAnswer throttled(Concurrency::Verdict verdict) {
  const char* reason = "ConcurrentInvocationLimitExceeded";
  if (verdict == Concurrency::Verdict::kReservedLimit) {
    reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
  }
  if (verdict == Concurrency::Verdict::kScalingLimit)
    reason = "FunctionInvocationRateLimitExceeded";
  HttpAnswer answer = service_error(429, "TooManyRequestsException", "Rate Exceeded.", reason);
  answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

std::optional<std::int64_t> integer(const Value& object, const char* name) {
  const Value* found = object.find(name);
  if (found == nullptr || found->kind() != Value::Kind::kInteger) return std::nullopt;
  return found->as_integer();
}

HttpAnswer invocation_answer(const InvocationOutcome& outcome, bool wants_log) {
  HttpAnswer answer{
      .status = 200,
      .headers = {{"Content-Type", "application/json"}, {"X-Amz-Executed-Version", "$LATEST"}},
      .body = outcome.payload};
  if (!outcome.function_error.empty()) {
    answer.headers.emplace_back("X-Amz-Function-Error", outcome.function_error);
  }
  if (wants_log) answer.headers.emplace_back("X-Amz-Log-Result", core::to_base64(outcome.log_tail));
  return answer;
}

// The name in a path: the function's, its ARN or a part of that, with a qualifier or without.
struct Named {
  std::string function;
  std::string qualifier;
};
Named function_named(std::string_view text) {
  std::string name = percent_decoded(text);
  const std::size_t marker = name.rfind("function:");
  if (marker != std::string::npos) name = name.substr(marker + 9);
  const std::size_t colon = name.rfind(':');
  if (colon == std::string::npos) return {.function = name};
  // "123456789012:name" is a partial ARN, "name:qualifier" a qualified name.
  const bool is_account = core::parse_integer(name.substr(0, colon)).has_value();
  if (is_account) return {.function = name.substr(colon + 1)};
  return {.function = name.substr(0, colon), .qualifier = name.substr(colon + 1)};
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    decoded +=
        is_escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (is_escape) i += 2;
  }
  return decoded;
}

HttpAnswer service_error(int status, const std::string& type, const std::string& message,
                         const std::string& reason) {
  Value body = Value::make_object(
      {{"Type", status >= 500 ? "Server" : "User"}, {"Message", message}, {"message", message}});
  if (!reason.empty()) body.set("Reason", reason);
  HttpAnswer answer = json_answer(body, status);
  answer.headers.emplace_back("x-amzn-ErrorType", type);
  return answer;
}

HttpAnswer json_answer(const Value& value, int status) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}},
          .body = core::to_json(value)};
}

void LambdaApi::take(HttpRequest&& request, const std::string& request_id, Answer answer,
                     const std::function<void()>& drop) {
  // "/<date of the operation>/functions/<name>/<operation>"
  std::vector<std::string_view> parts = core::split(std::string_view(request.path).substr(1), '/');
  while (!parts.empty() && parts.back().empty()) parts.pop_back();
  const std::size_t count = parts.size();
  if (count == 2 && parts[1] == "account-settings" && request.method == "GET") {
    return answer(json_answer(account_settings()));
  }
  if (count < 2 || parts[1] != "functions") {
    return answer(service_error(404, "UnknownOperationException", "there is no " + request.path));
  }
  if (count == 2 && request.method == "GET") {
    Value functions{Value::List()};
    functions.push(configuration());
    return answer(json_answer(Value::make_object({{"Functions", std::move(functions)}})));
  }
  const Named named = count > 2 ? function_named(parts[2]) : Named{};
  const run::DeploymentSpec& spec = host_.deployed().spec;
  const bool is_latest = named.qualifier.empty() || named.qualifier == "$LATEST";
  if (count > 4 || named.function != spec.function || !is_latest) {
    return answer(service_error(
        404, "ResourceNotFoundException",
        "Function not found: " + host_.deployed().function_arn() + " is the only one"));
  }
  const std::string operation(count > 3 ? parts[3] : "");
  if (operation == "invocations" && request.method == "POST") {
    return invoke(std::move(request), request_id, std::move(answer), drop);
  }
  answer(configure(operation, request));
}

// -- Invoke

void LambdaApi::invoke(HttpRequest&& request, const std::string& request_id, Answer answer,
                       const std::function<void()>& drop) {
  const std::string_view kind = request.header("x-amz-invocation-type");
  const bool is_event = kind == "Event";
  if (!is_event && kind != "" && kind != "RequestResponse" && kind != "DryRun") {
    return answer(invalid("there is no invocation type \"" + std::string(kind) + "\""));
  }
  const std::size_t limit = is_event ? kMaxEventBytes : kMaxPayloadBytes;
  if (request.is_too_large || request.body.size() > limit) {
    return answer(service_error(413, "RequestTooLargeException",
                                "Request must be smaller than " + std::to_string(limit) +
                                    " bytes for the InvokeFunction operation"));
  }
  if (request.body.empty()) request.body = "{}";
  if (const auto json = core::parse_json(request.body); !json) {
    return answer(service_error(400, "InvalidRequestContentException",
                                "Could not parse request body into json: " + json.error().message));
  }
  if (kind == "DryRun") return answer({.status = 204});
  if (is_event) {
    const auto queued = host_.enqueue(request_id, std::move(request.body));
    if (queued.loses_answer) return drop();
    if (queued.is_queued) return answer({.status = 202});
    return answer(throttled(Concurrency::Verdict::kAccountLimit));
  }
  const bool wants_log = request.header("x-amz-log-type") == "Tail";
  const auto verdict =
      host_.invoke(request_id, request.body, [answer, wants_log](const InvocationOutcome& outcome) {
        answer(invocation_answer(outcome, wants_log));
      });
  if (verdict != Concurrency::Verdict::kStarts) answer(throttled(verdict));
}

// -- configuration

HttpAnswer LambdaApi::configure(std::string_view operation, const HttpRequest& request) {
  const std::string& method = request.method;
  const Deployed& deployed = host_.deployed();
  if (operation.empty() && method == "GET") {
    Value whole = Value::make_object(
        {{"Configuration", configuration()},
         {"Code", Value::make_object({{"Location", "file://" + deployed.code}})}});
    const auto reserved = deployed.spec.reserved_concurrency;
    if (reserved || deployed.is_fenced) {
      whole.set(
          "Concurrency",
          Value::make_object({{"ReservedConcurrentExecutions", std::int64_t{host_.at_once()}}}));
    }
    return json_answer(whole);
  }
  if (operation == "configuration" && method == "GET") return json_answer(configuration());
  if (operation == "configuration" && method == "PUT") return update_configuration(request);
  if (operation == "concurrency" && method == "GET") {
    Value answer{Value::Object()};
    if (deployed.spec.reserved_concurrency || deployed.is_fenced) {
      answer.set("ReservedConcurrentExecutions", std::int64_t{host_.at_once()});
    }
    return json_answer(answer);
  }
  if (operation == "concurrency" && method == "PUT") return put_concurrency(request);
  if (operation == "concurrency" && method == "DELETE") {
    Deployed changed = deployed;
    changed.spec.reserved_concurrency.reset();
    changed.is_fenced = false;
    HttpAnswer answer = saved(std::move(changed), false, Value());
    if (answer.status == 200) answer = {.status = 204};
    return answer;
  }
  if (operation == "event-invoke-config") {
    if (method == "GET") return json_answer(event_configuration());
    if (method == "PUT" || method == "POST") return put_event_configuration(request);
  }
  return service_error(404, "UnknownOperationException",
                       "not emulated: " + method + " " + request.path);
}

HttpAnswer LambdaApi::saved(Deployed changed, bool sandboxes_too, const Value& answer) {
  changed.changed = core::SystemClock().wall_now();
  if (auto kept = save_(changed); !kept) {
    return service_error(500, "ServiceException", kept.error().message);
  }
  if (sandboxes_too) {
    host_.redeploy(std::move(changed));
  } else {
    host_.reconfigure(std::move(changed));
  }
  return json_answer(answer);
}

HttpAnswer LambdaApi::put_concurrency(const HttpRequest& request) {
  const auto body = core::parse_json(request.body);
  const auto wanted = body ? integer(*body, "ReservedConcurrentExecutions") : std::nullopt;
  if (!wanted || *wanted < 0)
    return invalid("ReservedConcurrentExecutions is a whole number from 0");
  Deployed changed = host_.deployed();
  if (*wanted + Concurrency::kMustStayUnreserved > changed.account_concurrency && *wanted > 0) {
    return invalid(
        "Specified ReservedConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [100].");
  }
  changed.spec.reserved_concurrency = static_cast<std::uint32_t>(*wanted);
  changed.is_fenced = false;
  return saved(std::move(changed), false,
               Value::make_object({{"ReservedConcurrentExecutions", *wanted}}));
}

HttpAnswer LambdaApi::put_event_configuration(const HttpRequest& request) {
  const auto body = core::parse_json(request.body);
  if (!body) return invalid("the body is no JSON");
  Deployed changed = host_.deployed();
  if (request.method == "PUT") {  // replaces; what is absent has Lambda's default
    changed.max_retries = 2;
    changed.max_age = std::chrono::hours(6);
  }
  if (const auto retries = integer(*body, "MaximumRetryAttempts")) {
    if (*retries < 0 || *retries > 2) return invalid("MaximumRetryAttempts is 0 to 2");
    changed.max_retries = static_cast<std::uint32_t>(*retries);
  }
  if (const auto age = integer(*body, "MaximumEventAgeInSeconds")) {
    if (*age < 60 || *age > 21'600) return invalid("MaximumEventAgeInSeconds is 60 to 21600");
    changed.max_age = std::chrono::seconds(*age);
  }
  HttpAnswer answer = saved(std::move(changed), false, Value());
  if (answer.status == 200) answer = json_answer(event_configuration());
  return answer;
}

HttpAnswer LambdaApi::update_configuration(const HttpRequest& request) {
  const auto body = core::parse_json(request.body);
  if (!body || !body->is_object()) return invalid("the body is no JSON object");
  Deployed changed = host_.deployed();
  if (const auto memory = integer(*body, "MemorySize")) {
    if (*memory < kMinMemoryMb || *memory > kMaxMemoryMb)
      return invalid("MemorySize is 128 to 10240");
    changed.spec.memory_mb = static_cast<std::uint32_t>(*memory);
  }
  if (const auto timeout = integer(*body, "Timeout")) {
    if (*timeout < 1 || *timeout > kMaxTimeoutSeconds) return invalid("Timeout is 1 to 900");
    changed.spec.timeout = std::chrono::seconds(*timeout);
  }
  const Value* environment = body->find("Environment");
  const Value* variables = environment != nullptr ? environment->find("Variables") : nullptr;
  if (variables != nullptr && variables->is_object()) {
    changed.spec.environment.clear();
    for (const core::Member& member : variables->as_object()) {
      if (!member.value.is_string()) return invalid("the variable " + member.key + " is no text");
      changed.spec.environment.emplace_back(member.key, member.value.as_string());
    }
  }
  HttpAnswer answer = saved(std::move(changed), true, Value());
  if (answer.status == 200) answer = json_answer(configuration());
  return answer;
}

// -- what is told

Value LambdaApi::configuration() const {
  const Deployed& deployed = host_.deployed();
  const run::DeploymentSpec& spec = deployed.spec;
  Value variables{Value::Object()};
  for (const auto& [name, value] : spec.environment) variables.set(name, value);
  std::string modified = to_iso_time(deployed.changed);
  modified.replace(modified.size() - 1, 1, "+0000");
  return Value::make_object(
      {{"FunctionName", spec.function},
       {"FunctionArn", deployed.function_arn()},
       {"Runtime", "provided.al2023"},
       {"Role", "arn:aws:iam::000000000000:role/emulated"},
       {"Handler", "bootstrap"},
       {"CodeSize", std::int64_t{0}},
       {"Description", "emulated by slsart on this machine"},
       {"Timeout", std::chrono::duration_cast<std::chrono::seconds>(spec.timeout).count()},
       {"MemorySize", std::int64_t{spec.memory_mb}},
       {"LastModified", modified},
       {"Version", "$LATEST"},
       {"Environment", Value::make_object({{"Variables", std::move(variables)}})},
       {"PackageType", "Zip"},
       {"State", "Active"},
       {"LastUpdateStatus", "Successful"}});
}

Value LambdaApi::event_configuration() const {
  const Deployed& deployed = host_.deployed();
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(deployed.max_age).count();
  return Value::make_object(
      {{"LastModified", static_cast<double>(deployed.changed.time_since_epoch().count()) / 1e9},
       {"FunctionArn", deployed.function_arn() + ":$LATEST"},
       {"MaximumRetryAttempts", std::int64_t{deployed.max_retries}},
       {"MaximumEventAgeInSeconds", static_cast<std::int64_t>(age)},
       {"DestinationConfig", Value::make_object({})}});
}

Value LambdaApi::account_settings() const {
  const Deployed& deployed = host_.deployed();
  const std::int64_t reserved = deployed.spec.reserved_concurrency.value_or(0);
  const std::int64_t whole = deployed.account_concurrency;
  return Value::make_object(
      {{"AccountLimit", Value::make_object({{"TotalCodeSize", std::int64_t{80'530'636'800}},
                                            {"CodeSizeUnzipped", std::int64_t{262'144'000}},
                                            {"CodeSizeZipped", std::int64_t{52'428'800}},
                                            {"ConcurrentExecutions", whole},
                                            {"UnreservedConcurrentExecutions", whole - reserved}})},
       {"AccountUsage", Value::make_object({{"TotalCodeSize", std::int64_t{0}},
                                            {"FunctionCount", std::int64_t{1}}})}});
}

}  // namespace slsart::provider::emulated
