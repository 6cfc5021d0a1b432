#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "net/loop.h"
#include "provider/emulated/http_server.h"
#include "provider/emulated/log_file.h"
#include "provider/emulated/process.h"

namespace slsart::provider::emulated {

struct SandboxSpec {
  std::string program;  // "<code>/bootstrap"
  std::string code;     // working folder: the deployed files
  std::string scratch;  // a folder of its own, made and removed with it; TMPDIR
  std::string log_path;
  std::vector<std::pair<std::string, std::string>>
      environment;  // but for the Runtime API's address
  std::string function_arn;
  std::uint32_t memory_mb = 1024;
  core::Duration timeout = std::chrono::seconds(300);
  core::Duration start_limit = std::chrono::seconds(10);
};

// How an invocation ended, as the caller of Lambda sees it.
struct InvocationOutcome {
  std::string payload;
  std::string function_error;  // "", "Handled" or "Unhandled"
  std::string log_tail;        // the last 4 KB that it logged
};

// One execution environment: a process of the function's bootstrap with a Runtime API and a log of
// its own, which serves one event at a time. Between events it is stopped (SIGSTOP), as Lambda
// freezes it. It ends with its process, and with the first event that was not answered as it should
// be: its time was over, it used too much memory, or the process ended. Belongs to the loop's
// thread.
class Sandbox {
 public:
  struct Events {
    std::function<void(Sandbox&, const InvocationOutcome&)> on_outcome;
    std::function<void(Sandbox&)> on_ended;  // after the outcome, if there was an event
  };
  // The process is starting when this returns. Errors: kIo.
  static core::Result<std::unique_ptr<Sandbox>> start(net::Loop& loop, SandboxSpec spec,
                                                      Events events);
  // Kills what still runs. Not from inside an event.
  ~Sandbox();

  // The next event. Requires: is_free().
  void invoke(std::string request_id, std::string payload);
  bool is_free() const { return !has_event_ && !is_over_ && killed_for_.empty(); }
  core::TimePoint free_since() const { return free_since_; }
  const std::string& request_id() const { return request_id_; }
  // Kills it; its event, if any, fails. on_ended comes later.
  void end();
  // Looks how much memory is used, kills it when that is too much, frees what is closed. From a
  // timer.
  void inspect();

 private:
  class Eye;
  struct Deadline;
  Sandbox(net::Loop& loop, SandboxSpec spec, Events events);
  core::Result<void> open();
  core::Result<void> launch();

  void requested(HttpServer::Id id, HttpRequest&& request);
  void asked_for_next(HttpServer::Id id);
  void answered(HttpServer::Id id, HttpRequest&& request, bool is_failure);
  void start_failed(HttpServer::Id id, HttpRequest&& request);
  void refuse(HttpServer::Id id, int status, const char* type, const std::string& message);
  void deliver();
  void freeze();

  void time_is_over();
  void process_ended();
  void read_output();
  void fail_event(const std::string& type, const std::string& message);
  void finish(InvocationOutcome outcome);
  void report(core::TimePoint now);

  net::Loop& loop_;
  SandboxSpec spec_;
  Events events_;
  core::SystemClock clock_;
  LogFile log_;
  std::unique_ptr<HttpServer> api_;
  Process process_;
  std::unique_ptr<Eye> exit_eye_;
  std::unique_ptr<Eye> output_eye_;
  net::Timer deadline_timer_;

  bool has_event_ = false;
  bool is_delivered_ = false;
  bool is_over_ = false;      // on_ended has come, or is about to
  bool has_started_ = false;  // asked for its first event
  bool is_second_start_ = false;
  std::string killed_for_;  // why we killed it
  std::string request_id_;
  std::string payload_;
  std::optional<HttpServer::Id> waiting_;  // the request for the next event
  core::TimePoint launched_{};
  core::TimePoint begun_{};  // of the event, since when its time runs
  core::TimePoint free_since_{};
  core::Duration start_time_{};  // how long the start took; reported once
  std::uint64_t peak_bytes_ = 0;
};

}  // namespace slsart::provider::emulated
