#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "provider/emulated/function_host.h"
#include "provider/emulated/http_request.h"

namespace slsart::provider::emulated {

// Lambda's API as its clients see it: paths, headers and errors of the public service model, for
// the one function that is deployed.
class LambdaApi {
 public:
  // `save` keeps a changed configuration; it is then in effect.
  using Save = std::function<core::Result<void>(const Deployed&)>;
  LambdaApi(FunctionHost& host, Save save) : host_(host), save_(std::move(save)) {}

  using Answer = std::function<void(const HttpAnswer&)>;
  // `answer` is called once, now or when the invocation is over. With `drop` the connection is
  // closed instead (a fault that was asked for).
  void take(HttpRequest&& request, const std::string& request_id, Answer answer,
            const std::function<void()>& drop);

 private:
  void invoke(HttpRequest&& request, const std::string& request_id, Answer answer,
              const std::function<void()>& drop);
  HttpAnswer configure(std::string_view operation, const HttpRequest& request);
  HttpAnswer put_concurrency(const HttpRequest& request);
  HttpAnswer put_event_configuration(const HttpRequest& request);
  HttpAnswer update_configuration(const HttpRequest& request);
  HttpAnswer saved(Deployed changed, bool sandboxes_too, const core::Value& answer);
  core::Value configuration() const;
  core::Value event_configuration() const;
  core::Value account_settings() const;

  FunctionHost& host_;
  Save save_;
};

// An error as AWS's JSON services answer it; `reason` may be empty.
HttpAnswer service_error(int status, const std::string& type, const std::string& message,
                         const std::string& reason = {});
HttpAnswer json_answer(const core::Value& value, int status = 200);
std::string percent_decoded(std::string_view text);

}  // namespace slsart::provider::emulated
