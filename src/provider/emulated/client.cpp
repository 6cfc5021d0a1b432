#include "provider/emulated/client.h"

#include "core/text.h"
#include "provider/emulated/deployed.h"
#include "provider/emulated/state_folder.h"

namespace slsart::provider::emulated {
namespace {

using protocol::HttpReply;
using protocol::HttpRequest;
using run::Dispatched;

core::Error unreachable(const HttpReply& reply) {
  return {core::ErrorCode::kIo, "the emulated Lambda does not answer: " + reply.problem,
          "slsart deploy starts it again; logs/service.log of its state folder may say more"};
}

std::string message_of(const HttpReply& reply) {
  const auto body = core::parse_json(reply.body);
  if (body) {
    for (const char* name : {"errorMessage", "Message", "message"}) {
      const core::Value* found = body->find(name);
      if (found != nullptr && found->is_string()) return found->as_string();
    }
  }
  return "status " + std::to_string(reply.status);
}

HttpRequest request_to(const Access& access, const std::string& method, const std::string& path,
                       std::string body) {
  return {.method = method,
          .url = access.url + path,
          .headers = {{"authorization", "Bearer " + access.key_id},
                      {"content-type", "application/json"}},
          .body = std::move(body)};
}

HttpRequest invoke_request(const Access& access, const std::string& event, const char* type) {
  HttpRequest request = request_to(
      access, "POST", "/2015-03-31/functions/" + access.function + "/invocations", event);
  request.headers.emplace_back("x-amz-invocation-type", type);
  return request;
}

Dispatched dispatched_by(const HttpReply& reply) {
  using Outcome = Dispatched::Outcome;
  if (reply.failure) {
    const Outcome outcome = reply.may_have_arrived ? Outcome::kUnknown : Outcome::kRefused;
    return {.outcome = outcome, .reason = unreachable(reply).message};
  }
  if (reply.status == 202) return {};
  if (reply.status == 429) {
    const auto seconds = core::parse_integer(reply.header("retry-after")).value_or(1);
    return {.outcome = Outcome::kThrottled,
            .reason = message_of(reply),
            .retry_after = std::chrono::seconds(seconds)};
  }
  const Outcome outcome = reply.status >= 500 ? Outcome::kUnknown : Outcome::kRefused;
  return {.outcome = outcome, .reason = message_of(reply)};
}

}  // namespace

FindAccess access_by_state_folder(std::string state_folder) {
  return [folder = std::move(state_folder)]() -> core::Result<Access> {
    const auto deployed = read_deployed(folder);
    if (!deployed) {
      if (deployed.error().code != core::ErrorCode::kNotFound) return deployed.error();
      return core::Error{core::ErrorCode::kNotFound, "nothing is deployed", "slsart deploy"};
    }
    const auto record = read_service(folder);
    if (!record || !is_running(*record)) {
      return core::Error{core::ErrorCode::kIo,
                         "the emulated Lambda of this deployment does not run",
                         "slsart deploy starts it again"};
    }
    Access access{
        .url = record->url(), .key_id = record->key_id, .function = deployed->spec.function};
    if (!deployed->spec.topics.empty()) {
      access.topic_arn = deployed->topic_arn(deployed->spec.topics.front().name);
    }
    return access;
  };
}

core::Result<Access> EmulatedDispatcher::connect() {
  auto access = find_();
  if (!access || client_ != nullptr) return access;
  auto client = protocol::HttpClient::make({});
  if (!client) return std::move(client).error();
  client_ = *std::move(client);
  return access;
}

std::vector<Dispatched> EmulatedDispatcher::start(std::span<const std::string> events) {
  const auto access = connect();
  if (!access) {
    return std::vector<Dispatched>(events.size(), {.outcome = Dispatched::Outcome::kRefused,
                                                   .reason = access.error().message});
  }
  std::vector<HttpRequest> requests;
  for (const std::string& event : events) {
    requests.push_back(invoke_request(*access, event, "Event"));
  }
  std::vector<Dispatched> outcomes;
  for (const HttpReply& reply : client_->send_all(requests))
    outcomes.push_back(dispatched_by(reply));
  return outcomes;
}

core::Result<std::string> EmulatedDispatcher::call(const std::string& event, core::Duration limit) {
  const auto access = connect();
  if (!access) return access.error();
  HttpRequest request = invoke_request(*access, event, "RequestResponse");
  request.timeout = limit;
  HttpReply reply = client_->send(request);
  if (reply.failure.domain == net::FailureDomain::kTimeout) {
    return core::Error{core::ErrorCode::kInterrupted, "the function did not answer in time"};
  }
  if (reply.failure) return unreachable(reply);
  if (reply.status != 200) {
    return core::Error{core::ErrorCode::kIo, "the function did not start: " + message_of(reply)};
  }
  if (!reply.header("x-amz-function-error").empty()) {
    return core::Error{core::ErrorCode::kUnsupported, message_of(reply)};
  }
  return std::move(reply.body);
}

core::Result<run::Dispatcher::Capacity> EmulatedDispatcher::capacity() {
  const auto access = find_();
  if (!access) return access.error();
  const auto status = control(*access, "GET", "/slsart/status");
  if (!status) return status.error();
  const auto number = [&](const char* name) -> std::uint32_t {
    const core::Value* found = status->find(name);
    const bool is_integer = found != nullptr && found->kind() == core::Value::Kind::kInteger;
    return is_integer ? static_cast<std::uint32_t>(found->as_integer()) : 0;
  };
  const std::uint32_t at_once = number("atOnce");
  const std::uint32_t active = number("active");
  return Capacity{.at_once = at_once > active ? at_once - active : 0, .per_ten_s = 1000};
}

core::Result<void> EmulatedNotifier::notify(const std::string& subject,
                                            const std::string& message) {
  const auto access = find_();
  if (!access) return access.error();
  if (access->topic_arn.empty()) {
    return core::Error{core::ErrorCode::kNotFound, "there is no topic to be told",
                       "serverless.yml declares one under resources"};
  }
  std::string body = "Action=Publish&Version=2010-03-31&TopicArn=";
  core::append_form_encoded(access->topic_arn, body);
  body += "&Subject=";
  core::append_form_encoded(subject, body);
  body += "&Message=";
  core::append_form_encoded(message, body);
  HttpRequest request = request_to(*access, "POST", "/", std::move(body));
  request.headers.back().second = "application/x-www-form-urlencoded";
  request.timeout = std::chrono::seconds(30);
  auto client = protocol::HttpClient::make({});
  if (!client) return std::move(client).error();
  const HttpReply reply = (*client)->send(request);
  if (reply.failure) return unreachable(reply);
  if (reply.is_ok()) return {};
  return core::Error{core::ErrorCode::kIo, "the topic was not told: " + message_of(reply)};
}

core::Result<core::Value> control(const Access& access, const std::string& method,
                                  const std::string& path, const std::string& body) {
  auto client = protocol::HttpClient::make({});
  if (!client) return std::move(client).error();
  HttpRequest request = request_to(access, method, path, body);
  request.timeout = std::chrono::seconds(15);
  const HttpReply reply = (*client)->send(request);
  if (reply.failure) return unreachable(reply);
  if (reply.is_ok()) return core::parse_json(reply.body);
  return core::Error{core::ErrorCode::kIo, "the emulated Lambda refuses: " + message_of(reply)};
}

}  // namespace slsart::provider::emulated
