#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"
#include "protocol/http_client.h"

namespace slsart::lambda {

// One event as Lambda's Runtime API hands it out.
struct Invocation {
  std::string request_id;
  std::string function_arn;
  std::string trace_id;       // X-Ray's; empty if there is none
  core::WallTime deadline{};  // the process is killed then, without a signal before
  std::string event;          // JSON text
};

// Speaks Lambda's Runtime API (version 2018-06-01) with the service that started this process. One
// thread.
class Runtime {
 public:
  // `address` is AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001".
  static core::Result<std::unique_ptr<Runtime>> make(const std::string& address);

  // Waits for the next event, however long that takes. Errors: kIo, the service is gone or does not
  // want this process any more; there is nothing left to do but end.
  core::Result<Invocation> next();

  // The answer to an event, JSON text, or why it failed. Errors: kLimit, the answer is larger than
  // Lambda takes (the caller has been told); kIo.
  core::Result<void> answer(const std::string& request_id, const std::string& response);
  core::Result<void> fail(const std::string& request_id, const core::Error& error);
  // Before the first next(): this process cannot work.
  core::Result<void> fail_start(const core::Error& error);

 private:
  Runtime(std::unique_ptr<protocol::HttpClient> client, std::string base)
      : client_(std::move(client)), base_(std::move(base)) {}
  core::Result<void> post(const std::string& path, std::string body, const std::string& error_type);

  std::unique_ptr<protocol::HttpClient> client_;
  std::string base_;
};

// Answers an event with JSON text; an error is the invocation's failure.
using Handler = std::function<core::Result<std::string>(const Invocation& invocation)>;

// Takes events and hands them to `handler`, one after the other, until the service is gone; what
// it returns is why. `log` gets a line for what could not be reported.
core::Error run_loop(Runtime& runtime, const Handler& handler,
                     const std::function<void(std::string_view line)>& log);

// An error's type as callers of the function see it: "Slsart.NotFound".
std::string_view error_type(core::ErrorCode code);
// {"errorMessage":"...","errorType":"...","stackTrace":[]}
std::string error_body(const core::Error& error);

}  // namespace slsart::lambda
