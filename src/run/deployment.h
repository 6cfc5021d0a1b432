#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace slsart::run {

// What is to be deployed, with every variable resolved.
struct DeploymentSpec {
  std::string service;
  std::string stage;
  std::string region;
  std::string function;  // the deployed name: "<service>-<stage>-loadGenerator"
  std::uint32_t memory_mb = 1024;
  core::Duration timeout = std::chrono::seconds(300);
  std::optional<std::uint32_t> reserved_concurrency;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string directory;              // of the service: its files travel with the function
  std::vector<std::string> patterns;  // package.patterns; later wins, "!" leaves out

  struct Schedule {
    std::string name;
    std::string rate;  // "rate(1 minute)" or "cron(...)"
    bool enabled = false;
    std::string input;  // JSON text, the event
  };
  std::vector<Schedule> schedules;

  struct Subscription {
    std::string protocol;  // http, https, file, email, ...
    std::string endpoint;
  };
  struct Topic {
    std::string name;
    std::string display_name;
    std::vector<Subscription> subscriptions;
  };
  std::vector<Topic> topics;
};

struct DeploymentStatus {
  enum class State { kAbsent, kReady, kBroken };
  State state = State::kAbsent;
  std::string detail;        // for people
  std::string token;         // random, of this deployment; events that carry another are refused
  bool is_fenced = false;    // no executor can start
  std::uint32_t active = 0;  // executors running now, as far as the provider knows
};

// Brings the load function into being and away again. One thread. Calls block and tell by
// `progress` what they do.
class Deployment {
 public:
  using Progress = std::function<void(std::string_view line)>;

  virtual ~Deployment() = default;
  // Creates it, or makes it what `spec` says; the token changes with every call.
  virtual core::Result<void> deploy(const DeploymentSpec& spec, const Progress& progress) = 0;
  // Takes away all that deploy() made; what stays is told. Not there: kNotFound.
  virtual core::Result<void> remove(const DeploymentSpec& spec, const Progress& progress) = 0;
  virtual core::Result<DeploymentStatus> status(const DeploymentSpec& spec) = 0;
  // Fenced: nothing new starts (reserved concurrency 0). Lifting restores what was there before.
  virtual core::Result<void> fence(const DeploymentSpec& spec, bool closed) = 0;
};

}  // namespace slsart::run
