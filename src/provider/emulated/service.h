#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "net/loop.h"
#include "provider/emulated/function_host.h"
#include "provider/emulated/http_server.h"
#include "provider/emulated/lambda_api.h"
#include "provider/emulated/state_folder.h"

namespace slsart::provider::emulated {

// The background process of a deployment: serves Lambda's APIs on loopback, runs the sandboxes. It
// ends, and its sandboxes with it, when it is told to, when its state folder is gone or belongs to
// another service. One thread.
class Service {
 public:
  // Reads what is deployed in the state folder, opens the server, writes "service.json". Errors:
  // kNotFound, nothing is deployed there; kIo.
  static core::Result<std::unique_ptr<Service>> make(const std::string& state_folder);
  ~Service();

  // Until the end.
  void run();
  // Any thread, or a signal handler.
  void ask_to_end();

  const ServiceRecord& record() const { return record_; }

 private:
  explicit Service(std::string state_folder);
  core::Result<void> open();
  void requested(HttpServer::Id id, HttpRequest&& request);
  bool is_authorized(const HttpRequest& request) const;
  HttpAnswer control(const HttpRequest& request);
  HttpAnswer reload();
  HttpAnswer fence(const HttpRequest& request);
  HttpAnswer status();
  core::Result<void> save(const Deployed& deployed);
  void tick();
  bool is_still_ours();
  void log(std::string_view line);

  std::string state_folder_;
  ServiceRecord record_;
  core::SystemClock clock_;
  LogFile log_;
  std::unique_ptr<net::Loop> loop_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<FunctionHost> host_;
  std::unique_ptr<LambdaApi> lambda_;
  net::Timer tick_timer_;
  std::uint32_t ticks_ = 0;
  bool is_over_ = false;
  std::atomic<bool> end_asked_ = false;
};

// The path, size and time of a program's file, by which one that was built again is told apart.
std::string describe_program(const std::string& path);

}  // namespace slsart::provider::emulated
