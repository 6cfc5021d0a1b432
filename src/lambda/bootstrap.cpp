#include "lambda/bootstrap.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/time.h"
#include "lambda/runtime.h"
#include "provider/provider.h"

namespace slsart::lambda {
namespace {

constexpr const char* kAddressVariable = "AWS_LAMBDA_RUNTIME_API";

std::string variable(const char* name, const char* otherwise = "") {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

provider::Environment environment_of_process() {
  provider::Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

void log_line(std::string_view line) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

// Until handle_event() of run/fleet takes its place: the event comes back.
core::Result<std::string> echo(const Invocation& invocation) {
  return invocation.event;
}

}  // namespace

bool is_bootstrap(std::string_view program) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  return name == "bootstrap" && std::getenv(kAddressVariable) != nullptr;
}

core::ExitCode run_bootstrap(std::string_view) {
  auto runtime = Runtime::make(variable(kAddressVariable));
  if (!runtime) {
    log_line(runtime.error().message);
    return core::ExitCode::kOperational;
  }
  auto provider = provider::make_executor_provider(environment_of_process());
  if (!provider) {
    log_line(provider.error().message);
    (void)(*runtime)->fail_start(provider.error());
    return core::ExitCode::kOperational;
  }
  const core::Error reason = run_loop(**runtime, echo, log_line);
  log_line(reason.message);
  return core::ExitCode::kOperational;
}

}  // namespace slsart::lambda
