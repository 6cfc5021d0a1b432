#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/span.h"
#include "run/deployment.h"

namespace slsart::provider::service {

// What the command line and the environment say about which deployment is meant.
struct ServiceRequest {
  std::string directory = ".";                               // where serverless.yml is looked for
  std::optional<std::string> config;                         // --config: another file there
  std::optional<std::string> stage;                          // --stage
  std::optional<std::string> region;                         // --region
  std::vector<std::pair<std::string, std::string>> options;  // the other flags, for ${opt:name}
  std::vector<std::pair<std::string, std::string>> parameters;  // --param name=value
  std::map<std::string, std::string> environment;               // of the process
  std::string instance_id;                                      // ${sls:instanceId}
};

struct LoadedService {
  std::optional<run::DeploymentSpec> spec;  // there exactly when no diagnostic is an error
  core::Diagnostics diagnostics;            // in source order; notes and warnings matter to deploy
  std::string file;                         // that was read; empty: the built-in service
};

// Reads the service definition, `serverless.yml` (or .yaml, .json) of the directory, with all
// variables replaced (variables.h). Without such a file it is the built-in one: the service
// `serverless-artillery`, with nothing of the directory in its package.
//
// Of the Serverless Framework's format what concerns one function is read: service, provider,
// functions.loadGenerator, package, and the SNS topics of resources; docs/serverless-yml.md lists
// the keys. What is known but has no meaning here is a note, an unknown key a warning with its
// path.
//
// One resolution for every command: stage is --stage, else provider.stage, else dev; region is
// --region, else provider.region, else AWS_REGION, AWS_DEFAULT_REGION, else us-east-1.
//
// Also an error is what the original meant to refuse when it deployed (lib/index.js, deploy's
// validation): an enabled schedule <service>-<stage>-monitoring whose function has no usable
// TOPIC_ARN. A topic without subscription is a warning: monitoring without alerts is of use.
LoadedService load_service(const ServiceRequest& request);

// The same of a text; `directory` is where its files lie, empty: none travel.
LoadedService load_service(const core::SourcePtr& source, const std::string& directory,
                           const ServiceRequest& request);

}  // namespace slsart::provider::service
