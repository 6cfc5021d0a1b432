#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "core/value.h"
#include "protocol/http_client.h"
#include "run/dispatcher.h"
#include "run/notifier.h"

namespace slsart::provider::emulated {

// Where the service of a deployment is, and what it wants to see.
struct Access {
  std::string url;  // "http://127.0.0.1:1234"
  std::string key_id;
  std::string function;
  std::string topic_arn;  // of the first topic; empty: there is none
};
// Asked before each use: a deployment may have got another service meanwhile. Errors: kNotFound,
// nothing is deployed (hint: deploy); kIo, its service does not run.
using FindAccess = std::function<core::Result<Access>()>;
FindAccess access_by_state_folder(std::string state_folder);

// Starts executors by Lambda's Invoke.
class EmulatedDispatcher final : public run::Dispatcher {
 public:
  explicit EmulatedDispatcher(FindAccess find) : find_(std::move(find)) {}
  std::vector<run::Dispatched> start(std::span<const std::string> events) override;
  core::Result<std::string> call(const std::string& event, core::Duration limit) override;
  core::Result<Capacity> capacity() override;

 private:
  core::Result<Access> connect();
  FindAccess find_;
  std::unique_ptr<protocol::HttpClient> client_;  // made when it is first needed
};

// Tells the deployment's first topic, by SNS's Publish.
class EmulatedNotifier final : public run::Notifier {
 public:
  explicit EmulatedNotifier(FindAccess find) : find_(std::move(find)) {}
  core::Result<void> notify(const std::string& subject, const std::string& message) override;

 private:
  FindAccess find_;
};

// One call of the service's own ("/slsart/status"). Errors: kIo, what it answered.
core::Result<core::Value> control(const Access& access, const std::string& method,
                                  const std::string& path, const std::string& body = {});

}  // namespace slsart::provider::emulated
