#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/span.h"
#include "provider/service/cloud_values.h"
#include "provider/service/service_file.h"
#include "provider/service/variables.h"
#include "run/deployment.h"
#include "script/yaml.h"

namespace slsart::provider::service {

// From a service file to what is to be deployed: typed, with defaults, every value checked. What is
// wrong is appended to `diagnostics`; the spec is of use when there is no error. One use each.
class SpecBuilder {
 public:
  SpecBuilder(Variables& variables, const ServiceRequest& request, core::Diagnostics& diagnostics)
      : variables_(variables), request_(request), diagnostics_(diagnostics) {}

  run::DeploymentSpec build();

 private:
  using Node = script::Node;

  void name_service();
  void place();
  void size_function();
  void read_topics();
  void read_topic(const script::Entry& resource);
  void read_subscription(const Node& properties);
  void add_subscription(const Node& written, run::DeploymentSpec::Topic& topic);
  void read_environment(std::string_view path);
  void read_patterns(std::string_view path);
  void read_schedules();
  void read_schedule(const Node& written, std::size_t number);
  void add_schedules(const Node& rate, const run::DeploymentSpec::Schedule& schedule);
  void check_monitoring(const Node& schedule);
  bool check_topic(const Node& schedule);
  bool is_monitoring(const run::DeploymentSpec::Schedule& schedule) const;

  std::optional<std::string> text(std::string_view path);
  std::optional<std::int64_t> integer(std::string_view path, std::int64_t least, std::int64_t most);
  bool boolean(const Node* node, bool fallback, std::string_view what);
  void error(const core::Span& span, std::string message, std::string hint = {});
  void warn(const core::Span& span, std::string message, std::string hint = {});

  Variables& variables_;
  const ServiceRequest& request_;
  core::Diagnostics& diagnostics_;
  run::DeploymentSpec spec_;
  CloudValues cloud_;
};

}  // namespace slsart::provider::service
