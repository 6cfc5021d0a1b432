#include "provider/service/service_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "core/text.h"
#include "provider/service/service_keys.h"
#include "provider/service/spec_builder.h"
#include "provider/service/starter_service.h"
#include "provider/service/variables.h"
#include "script/yaml.h"

namespace slsart::provider::service {
namespace {

using core::Diagnostics;
using core::SourcePtr;

constexpr std::array kFileNames = {"serverless.yml", "serverless.yaml", "serverless.json"};
constexpr std::size_t kLongestFile = 1u << 22;

bool is_file(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode);
}

// Empty: the built-in service.
std::string find_file(const ServiceRequest& request) {
  if (request.config) {
    return request.config->starts_with('/') ? *request.config
                                            : request.directory + "/" + *request.config;
  }
  for (const char* name : kFileNames) {
    const std::string path = request.directory == "." ? name : request.directory + "/" + name;
    if (is_file(path)) return path;
  }
  return {};
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
}

VariableWorld world_of(const ServiceRequest& request, const std::string& directory) {
  VariableWorld world{.directory = directory,
                      .stage = request.stage.value_or(""),
                      .region = request.region.value_or(""),
                      .options = request.options,
                      .parameters = request.parameters,
                      .environment = request.environment,
                      .instance_id = request.instance_id};
  if (request.stage) world.options.emplace_back("stage", *request.stage);
  if (request.region) world.options.emplace_back("region", *request.region);
  return world;
}

core::Diagnostic problem(core::Span span, std::string message, std::string hint = {}) {
  return {core::Severity::kError, "service",       std::move(span),
          std::move(message),     std::move(hint), {}};
}

}  // namespace

LoadedService load_service(const SourcePtr& source, const std::string& directory,
                           const ServiceRequest& request) {
  LoadedService loaded;
  Diagnostics& diagnostics = loaded.diagnostics;
  std::optional<script::Node> root =
      script::read_yaml(source, script::Tags::kCloudFormation, diagnostics);
  if (!root) return loaded;
  if (!root->is_map()) {
    diagnostics.push_back(problem(root->span,
                                  "a service file is a map with service, provider and "
                                  "functions, this is " +
                                      script::describe(*root)));
    return loaded;
  }
  check_keys(*root, diagnostics);
  const VariableWorld world = world_of(request, directory.empty() ? "." : directory);
  Variables variables(*root, world, diagnostics);
  run::DeploymentSpec spec = SpecBuilder(variables, request, diagnostics).build();
  spec.directory = directory;
  core::sort_by_place(diagnostics);
  if (!core::has_errors(diagnostics)) loaded.spec = std::move(spec);
  return loaded;
}

LoadedService load_service(const ServiceRequest& request) {
  const std::string path = find_file(request);
  if (path.empty()) {
    const auto source = std::make_shared<const core::Source>(
        core::Source{"the built-in serverless.yml", starter_service(kBuiltInService)});
    LoadedService loaded = load_service(source, {}, request);
    std::erase_if(loaded.diagnostics, [](const core::Diagnostic& one) {
      return one.severity != core::Severity::kError;
    });
    return loaded;
  }
  auto text = core::read_file(path, kLongestFile);
  if (!text) {
    LoadedService loaded;
    loaded.diagnostics.push_back(problem({}, text.error().message, text.error().hint));
    return loaded;
  }
  const auto source = std::make_shared<const core::Source>(core::Source{path, std::move(*text)});
  LoadedService loaded = load_service(source, directory_of(path), request);
  loaded.file = path;
  if (loaded.spec) {  // the file itself does not travel
    loaded.spec->patterns.push_back("!" + path.substr(path.rfind('/') + 1));
  }
  return loaded;
}

}  // namespace slsart::provider::service
