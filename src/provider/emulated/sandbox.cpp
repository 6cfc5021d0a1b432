#include "provider/emulated/sandbox.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "core/value.h"

namespace slsart::provider::emulated {

namespace {

constexpr std::size_t kMaxResponseBytes = 6'291'556;  // Lambda's
constexpr std::string_view kBase = "/2018-06-01/runtime/";

std::string error_json(const std::string& type, const std::string& message) {
  return core::to_json(core::Value::make_object({{"errorType", type}, {"errorMessage", message}}));
}

std::string milliseconds_text(core::Duration duration) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f ms", core::to_milliseconds(duration));
  return text;
}

}  // namespace

// Tells of one descriptor.
class Sandbox::Eye final : public net::Watcher {
 public:
  using Reaction = void (Sandbox::*)();
  Eye(Sandbox& sandbox, Reaction reaction) : sandbox_(sandbox), reaction_(reaction) {}
  void on_ready(net::Readiness) override { (sandbox_.*reaction_)(); }

 private:
  Sandbox& sandbox_;
  Reaction reaction_;
};

Sandbox::Sandbox(net::Loop& loop, SandboxSpec spec, Events events)
    : loop_(loop),
      spec_(std::move(spec)),
      events_(std::move(events)),
      log_(spec_.log_path, clock_),
      deadline_timer_([](void* self) { static_cast<Sandbox*>(self)->time_is_over(); }, this) {}

Sandbox::~Sandbox() {
  if (process_.pid > 0) {
    loop_.unwatch(process_.descriptor, *exit_eye_);
    loop_.unwatch(process_.output, *output_eye_);
    signal_group(process_, SIGKILL);
    collect(process_);
  }
  std::error_code ignored;
  std::filesystem::remove_all(spec_.scratch, ignored);
}

core::Result<std::unique_ptr<Sandbox>> Sandbox::start(net::Loop& loop, SandboxSpec spec,
                                                      Events events) {
  std::unique_ptr<Sandbox> sandbox(new Sandbox(loop, std::move(spec), std::move(events)));
  if (auto opened = sandbox->open(); !opened) return std::move(opened).error();
  return sandbox;
}

core::Result<void> Sandbox::open() {
  std::error_code failure;
  std::filesystem::create_directories(spec_.scratch, failure);
  if (failure) return core::Error{core::ErrorCode::kIo, spec_.scratch + ": " + failure.message()};
  auto api = HttpServer::make(
      loop_, {.on_request = [this](HttpServer::Id id,
                                   HttpRequest&& request) { requested(id, std::move(request)); },
              .on_gone =
                  [this](HttpServer::Id id) {
                    if (waiting_ == id) waiting_.reset();
                  },
              .own_user_only = true,
              .max_connections = 16});
  if (!api) return std::move(api).error();
  api_ = *std::move(api);
  exit_eye_ = std::make_unique<Eye>(*this, &Sandbox::process_ended);
  output_eye_ = std::make_unique<Eye>(*this, &Sandbox::read_output);
  log_.line("INIT_START Runtime Version: provided.al2023 (emulated by slsart)");
  return launch();
}

core::Result<void> Sandbox::launch() {
  ProcessSpec process{.program = spec_.program,
                      .arguments = {spec_.program},
                      .environment = spec_.environment,
                      .directory = spec_.code};
  process.environment.emplace_back("AWS_LAMBDA_RUNTIME_API",
                                   "127.0.0.1:" + std::to_string(api_->port()));
  process.environment.emplace_back("TMPDIR", spec_.scratch);
  auto started = start_process(process);
  if (!started) return std::move(started).error();
  process_ = *started;
  launched_ = loop_.refresh();
  loop_.arm(deadline_timer_,
            is_second_start_ ? launched_ + spec_.timeout : launched_ + spec_.start_limit);
  if (auto watched = loop_.watch(process_.output, *output_eye_, net::Directions::kInput);
      !watched) {
    return watched;
  }
  return loop_.watch(process_.descriptor, *exit_eye_, net::Directions::kInput);
}

// -- events

void Sandbox::invoke(std::string request_id, std::string payload) {
  has_event_ = true;
  is_delivered_ = false;
  request_id_ = std::move(request_id);
  payload_ = std::move(payload);
  log_.begin_tail();
  if (has_started_) deliver();
}

// The event's time begins. When the process is not waiting for it yet, it gets it when it asks.
void Sandbox::deliver() {
  const core::TimePoint now = loop_.refresh();
  if (begun_ == core::TimePoint{}) {
    begun_ = now;
    log_.line("START RequestId: " + request_id_ + " Version: $LATEST");
    loop_.arm(deadline_timer_, begun_ + spec_.timeout);
  }
  if (!waiting_) {
    signal_group(process_, SIGCONT);
    return;
  }
  const core::WallTime deadline = clock_.wall_now() + (begun_ + spec_.timeout - now);
  const auto deadline_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline.time_since_epoch()).count();
  is_delivered_ = true;
  const HttpServer::Id id = *waiting_;
  waiting_.reset();
  signal_group(process_, SIGCONT);
  api_->answer(id, {.status = 200,
                    .headers = {{"Content-Type", "application/json"},
                                {"Lambda-Runtime-Aws-Request-Id", request_id_},
                                {"Lambda-Runtime-Deadline-Ms", std::to_string(deadline_ms)},
                                {"Lambda-Runtime-Invoked-Function-Arn", spec_.function_arn},
                                {"Lambda-Runtime-Trace-Id",
                                 "Root=1-" + request_id_.substr(0, 8) + ";Sampled=0"}},
                    .body = payload_});
}

// Nothing runs between events.
void Sandbox::freeze() {
  read_output();
  if (process_.pid > 0 && waiting_) signal_group(process_, SIGSTOP);
}

void Sandbox::end() {
  if (is_over_) return;
  if (killed_for_.empty()) killed_for_ = "the service ended it";
  signal_group(process_, SIGKILL);
}

void Sandbox::inspect() {
  api_->sweep(std::chrono::hours(1));
  if (process_.pid <= 0) return;
  const std::uint64_t bytes = resident_bytes(process_.pid);
  peak_bytes_ = std::max(peak_bytes_, bytes);
  if (bytes <= std::uint64_t{spec_.memory_mb} << 20) return;
  killed_for_ = "out of memory";
  signal_group(process_, SIGKILL);
}

// -- the Runtime API

void Sandbox::requested(HttpServer::Id id, HttpRequest&& request) {
  std::string_view path = request.path;
  if (!path.starts_with(kBase)) return refuse(id, 404, "NotFound", "there is no " + request.path);
  path.remove_prefix(kBase.size());
  if (path == "invocation/next" && request.method == "GET") return asked_for_next(id);
  if (request.method != "POST") return refuse(id, 404, "NotFound", "there is no such call");
  if (path == "init/error") return start_failed(id, std::move(request));
  constexpr std::string_view kInvocation = "invocation/";
  const bool is_failure = path.ends_with("/error");
  if (!path.starts_with(kInvocation) || (!is_failure && !path.ends_with("/response"))) {
    return refuse(id, 404, "NotFound", "there is no such call");
  }
  path.remove_prefix(kInvocation.size());
  if (path.substr(0, path.find('/')) != request_id_) {
    return refuse(id, 400, "InvalidRequestID", "Invalid request ID");
  }
  answered(id, std::move(request), is_failure);
}

void Sandbox::refuse(HttpServer::Id id, int status, const char* type, const std::string& message) {
  api_->answer(id, {.status = status,
                    .headers = {{"Content-Type", "application/json"}},
                    .body = error_json(type, message)});
}

void Sandbox::asked_for_next(HttpServer::Id id) {
  if (has_event_ && is_delivered_) {
    return refuse(id, 403, "InvalidStateTransition", "the last event has not been answered");
  }
  if (waiting_) return refuse(id, 403, "InvalidStateTransition", "somebody waits for it already");
  waiting_ = id;
  if (!has_started_) {
    has_started_ = true;
    loop_.cancel(deadline_timer_);
    start_time_ = loop_.refresh() - launched_;
    if (is_second_start_) begun_ = launched_;  // that start is a part of the event
    if (is_second_start_) loop_.arm(deadline_timer_, begun_ + spec_.timeout);
  }
  if (has_event_) return deliver();
  free_since_ = loop_.now();
  freeze();
}

void Sandbox::answered(HttpServer::Id id, HttpRequest&& request, bool is_failure) {
  if (!has_event_ || !is_delivered_) {
    return refuse(id, 403, "InvalidStateTransition", "the event has been answered");
  }
  const bool is_too_large = request.is_too_large || request.body.size() > kMaxResponseBytes;
  if (is_too_large && !is_failure) {
    const std::string message = "Response payload size exceeded maximum allowed payload size (" +
                                std::to_string(kMaxResponseBytes) + " bytes).";
    refuse(id, 413, "RequestEntityTooLarge", message);
    return fail_event("Function.ResponseSizeTooLarge", message);
  }
  api_->answer(id, {.status = 202,
                    .headers = {{"Content-Type", "application/json"}},
                    .body = R"({"status":"OK"})"});
  finish({.payload = std::move(request.body),
          .function_error = is_failure ? "Unhandled" : "",
          .log_tail = {}});
}

void Sandbox::start_failed(HttpServer::Id id, HttpRequest&& request) {
  if (has_started_) return refuse(id, 403, "InvalidStateTransition", "the start is over");
  api_->answer(id, {.status = 202,
                    .headers = {{"Content-Type", "application/json"}},
                    .body = R"({"status":"OK"})"});
  log_.line("INIT_REPORT Status: error Error Type: " +
            std::string(request.header("lambda-runtime-function-error-type")));
  killed_for_ = "its start failed";
  if (has_event_) {
    finish({.payload = std::move(request.body), .function_error = "Unhandled", .log_tail = {}});
  }
  end();
}

// -- ends

void Sandbox::time_is_over() {
  if (!has_started_ && !is_second_start_) {
    // Lambda starts it again, within the first event and its time.
    log_.line("INIT_REPORT Init Duration: " + milliseconds_text(spec_.start_limit) +
              " Phase: init Status: timeout");
    killed_for_ = has_event_ ? "start again" : "its start took too long";
    signal_group(process_, SIGKILL);
    return;
  }
  killed_for_ = "time out";
  signal_group(process_, SIGKILL);
}

void Sandbox::process_ended() {
  read_output();
  loop_.unwatch(process_.descriptor, *exit_eye_);
  loop_.unwatch(process_.output, *output_eye_);
  loop_.cancel(deadline_timer_);
  const std::string how = collect(process_);
  waiting_.reset();
  if (killed_for_ == "start again") {
    killed_for_.clear();
    is_second_start_ = true;
    if (launch()) return;
    killed_for_ = "it could not be started again";
  }
  is_over_ = true;
  if (has_event_) {
    if (killed_for_ == "time out") {
      char seconds[32];
      std::snprintf(seconds, sizeof seconds, "%.2f", core::to_seconds(spec_.timeout));
      fail_event("Sandbox.Timedout", "Task timed out after " + std::string(seconds) + " seconds");
    } else if (killed_for_ == "out of memory") {
      fail_event("Runtime.OutOfMemory", "Error: Runtime exited with error: signal: killed");
    } else {
      fail_event(how == "exit status 127" && !has_started_ ? "Runtime.InvalidEntrypoint"
                                                           : "Runtime.ExitError",
                 "Error: Runtime exited with error: " + how);
    }
  }
  log_.finish_line();
  events_.on_ended(*this);
}

void Sandbox::read_output() {
  const std::span<char> buffer = loop_.read_buffer();
  while (process_.output >= 0) {
    const ssize_t got = read(process_.output, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    log_.output({buffer.data(), static_cast<std::size_t>(got)});
  }
}

void Sandbox::fail_event(const std::string& type, const std::string& message) {
  const std::string line = "RequestId: " + request_id_ + " " + message;
  log_.line(type == "Sandbox.Timedout"
                ? to_iso_time(clock_.wall_now()) + " " + request_id_ + " " + message
                : line + " " + type);
  finish({.payload = error_json(type, line), .function_error = "Unhandled", .log_tail = {}});
}

void Sandbox::finish(InvocationOutcome outcome) {
  const core::TimePoint now = loop_.refresh();
  read_output();
  report(now);
  outcome.log_tail = log_.tail();
  has_event_ = false;
  is_delivered_ = false;
  begun_ = {};
  payload_.clear();
  free_since_ = now;
  if (process_.pid > 0) loop_.cancel(deadline_timer_);
  events_.on_outcome(*this, outcome);
}

void Sandbox::report(core::TimePoint now) {
  peak_bytes_ = std::max(peak_bytes_, resident_bytes(process_.pid));
  const core::Duration used = begun_ == core::TimePoint{} ? core::Duration{} : now - begun_;
  const auto billed = static_cast<long long>(std::ceil(core::to_milliseconds(used + start_time_)));
  std::string line = "REPORT RequestId: " + request_id_ + "\tDuration: " + milliseconds_text(used) +
                     "\tBilled Duration: " + std::to_string(billed) +
                     " ms\tMemory Size: " + std::to_string(spec_.memory_mb) +
                     " MB\tMax Memory Used: " + std::to_string(peak_bytes_ >> 20) + " MB";
  if (start_time_ > core::Duration{}) line += "\tInit Duration: " + milliseconds_text(start_time_);
  start_time_ = {};
  log_.line("END RequestId: " + request_id_);
  log_.line(line);
}

}  // namespace slsart::provider::emulated
