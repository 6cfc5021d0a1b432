#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "core/value.h"
#include "run/deployment.h"

namespace slsart::provider::emulated {

// A deployment as it lies in "deployment.json" of the state folder: written by deploy, read and
// changed by the service. spec.directory and spec.patterns are not kept: the files are in `code`.
struct Deployed {
  run::DeploymentSpec spec;
  std::string token;  // of the deployment
  std::string code;   // the folder of its files, "bootstrap" among them
  core::WallTime changed{};
  // Of asynchronous events: how often a failed one is tried again (0 to 2), how long it may wait.
  std::uint32_t max_retries = 0;
  core::Duration max_age = std::chrono::seconds(60);
  bool is_fenced = false;  // nothing starts, whatever is reserved
  std::uint32_t account_concurrency = 1000;
  // What the sandboxes get besides Lambda's variables and those of the spec: of the deployer, PATH
  // and what tests set (SLSART_CLOCK_OFFSET).
  std::vector<std::pair<std::string, std::string>> inherited;

  // "arn:aws:lambda:<region>:000000000000:function:<function>"
  std::string function_arn() const;
  std::string topic_arn(std::string_view topic) const;
};

core::Value to_value(const Deployed& deployed);
// Errors: kInvalidInput, a member that is missing or has another shape.
core::Result<Deployed> deployed_from(const core::Value& value);

// Reads and writes the file. Errors: kNotFound, there is none; kIo; kInvalidInput.
core::Result<Deployed> read_deployed(const std::string& state_folder);
core::Result<void> write_deployed(const std::string& state_folder, const Deployed& deployed);

}  // namespace slsart::provider::emulated
