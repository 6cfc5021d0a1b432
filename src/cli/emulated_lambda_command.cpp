#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/command.h"
#include "provider/emulated/service.h"

namespace slsart::cli {
namespace {

provider::emulated::Service* running = nullptr;

void end_service(int) {
  running->ask_to_end();
}

// Started by the deployment of the emulated provider, which reads one line: "ready", or why not.
core::ExitCode serve(const std::string& state_folder) {
  auto service = provider::emulated::Service::make(state_folder);
  if (!service) {
    std::printf("%s\n", service.error().message.c_str());
    return core::ExitCode::kOperational;
  }
  running = service->get();
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) std::signal(signal, end_service);
  std::printf("ready\n");
  std::fflush(stdout);
  dup2(STDERR_FILENO, STDOUT_FILENO);  // whoever waited for the line sees the end of it
  (*service)->run();
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) std::signal(signal, SIG_IGN);
  running = nullptr;
  return core::ExitCode::kOk;
}

}  // namespace

std::function<core::ExitCode()> declare_emulated_lambda(CLI::App& app) {
  app.group("");  // not for people
  auto folder = std::make_shared<std::string>();
  app.add_option("--state", *folder, "The state folder of the deployment")->required();
  return [folder] { return serve(*folder); };
}

}  // namespace slsart::cli
