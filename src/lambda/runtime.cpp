#include "lambda/runtime.h"

#include <cstdlib>
#include <exception>

#include "core/text.h"
#include "core/value.h"

namespace slsart::lambda {
namespace {

constexpr std::size_t kMaxEventBytes = std::size_t{8} << 20;

core::Error io_error(const std::string& what, const protocol::HttpReply& reply) {
  const std::string why =
      reply.failure ? reply.problem
                    : "status " + std::to_string(reply.status) + " " + reply.body.substr(0, 200);
  return {core::ErrorCode::kIo, "the runtime interface: " + what + ": " + why};
}

}  // namespace

std::string_view error_type(core::ErrorCode code) {
  switch (code) {
    case core::ErrorCode::kInvalidInput:
      return "Slsart.InvalidInput";
    case core::ErrorCode::kNotFound:
      return "Slsart.NotFound";
    case core::ErrorCode::kUnsupported:
      return "Slsart.Unsupported";
    case core::ErrorCode::kIo:
      return "Slsart.Io";
    case core::ErrorCode::kLimit:
      return "Slsart.Limit";
    case core::ErrorCode::kInterrupted:
      return "Slsart.Interrupted";
  }
  return "Slsart.Error";
}

std::string error_body(const core::Error& error) {
  const std::string message =
      error.hint.empty() ? error.message : error.message + " (" + error.hint + ")";
  return core::to_json(core::Value::make_object({{"errorMessage", message},
                                                 {"errorType", error_type(error.code)},
                                                 {"stackTrace", core::Value::List{}}}));
}

core::Result<std::unique_ptr<Runtime>> Runtime::make(const std::string& address) {
  auto client = protocol::HttpClient::make({.connections = 1});
  if (!client) return std::move(client).error();
  return std::unique_ptr<Runtime>(
      new Runtime(*std::move(client), "http://" + address + "/2018-06-01/runtime"));
}

core::Result<Invocation> Runtime::next() {
  // Without a time-out: the process is frozen while it waits, for hours if need be.
  const protocol::HttpReply reply = client_->send({.url = base_ + "/invocation/next",
                                                   .timeout = {},
                                                   .body_limit_bytes = kMaxEventBytes,
                                                   .may_repeat = true});
  if (!reply.is_ok()) return io_error("no next event", reply);
  const auto deadline = core::parse_integer(reply.header("lambda-runtime-deadline-ms"));
  const auto request_id = reply.header("lambda-runtime-aws-request-id");
  if (request_id.empty() || !deadline || *deadline < 0 ||
      *deadline > 9'000'000'000'000) {  // in the year 2255: nanoseconds still fit
    return core::Error{core::ErrorCode::kIo,
                       "the runtime interface: an event without request id or deadline"};
  }
  return Invocation{
      .request_id = std::string(request_id),
      .function_arn = std::string(reply.header("lambda-runtime-invoked-function-arn")),
      .trace_id = std::string(reply.header("lambda-runtime-trace-id")),
      .deadline = core::WallTime(std::chrono::milliseconds(*deadline)),
      .event = reply.body};
}

core::Result<void> Runtime::post(const std::string& path, std::string body,
                                 const std::string& type) {
  protocol::HttpRequest request{.method = "POST",
                                .url = base_ + path,
                                .headers = {{"content-type", "application/json"}},
                                .body = std::move(body)};
  if (!type.empty()) request.headers.emplace_back("lambda-runtime-function-error-type", type);
  const protocol::HttpReply reply = client_->send(request);
  if (reply.is_ok()) return {};
  core::Error error = io_error("an answer was not taken", reply);
  if (reply.status == 413) error.code = core::ErrorCode::kLimit;
  return error;
}

core::Result<void> Runtime::answer(const std::string& request_id, const std::string& response) {
  return post("/invocation/" + request_id + "/response", response, "");
}

core::Result<void> Runtime::fail(const std::string& request_id, const core::Error& error) {
  return post("/invocation/" + request_id + "/error", error_body(error),
              std::string(error_type(error.code)));
}

core::Result<void> Runtime::fail_start(const core::Error& error) {
  return post("/init/error", error_body(error), std::string(error_type(error.code)));
}

core::Error run_loop(Runtime& runtime, const Handler& handler,
                     const std::function<void(std::string_view line)>& log) {
  for (;;) {
    core::Result<Invocation> invocation = runtime.next();
    if (!invocation) return std::move(invocation).error();
    // For libraries and child processes; Lambda wants the runtime to set it.
    setenv("_X_AMZN_TRACE_ID", invocation->trace_id.c_str(), 1);
    core::Result<std::string> response = [&]() -> core::Result<std::string> {
      try {
        return handler(*invocation);
      } catch (const std::exception& exception) {  // memory; anything else is a mistake of ours
        return core::Error{core::ErrorCode::kLimit, exception.what()};
      }
    }();
    if (!response) log(response.error().message);
    const core::Result<void> told = response
                                        ? runtime.answer(invocation->request_id, *response)
                                        : runtime.fail(invocation->request_id, response.error());
    if (told) continue;
    log(told.error().message);
    if (told.error().code != core::ErrorCode::kLimit) return told.error();
  }
}

}  // namespace slsart::lambda
