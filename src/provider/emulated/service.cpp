#include "provider/emulated/service.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "core/digest.h"
#include "core/text.h"

namespace slsart::provider::emulated {
namespace {

constexpr core::Duration kTick = std::chrono::milliseconds(250);
constexpr core::Duration kIdleConnection = std::chrono::minutes(2);
constexpr std::uint32_t kLookAtFolderEveryTicks = 4;

}  // namespace

std::string describe_program(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return path;
  return path + " " + std::to_string(status.st_size) + " " + std::to_string(status.st_ino) + " " +
         std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

Service::Service(std::string state_folder)
    : state_folder_(std::move(state_folder)),
      log_(state_folder_ + "/logs/service.log", clock_),
      tick_timer_([](void* self) { static_cast<Service*>(self)->tick(); }, this) {}

Service::~Service() = default;

core::Result<std::unique_ptr<Service>> Service::make(const std::string& state_folder) {
  std::unique_ptr<Service> service(new Service(state_folder));
  if (auto opened = service->open(); !opened) return std::move(opened).error();
  return service;
}

core::Result<void> Service::open() {
  auto deployed = read_deployed(state_folder_);
  if (!deployed) return std::move(deployed).error();
  std::error_code failure;
  for (const char* name : {"logs", "store", "sandboxes", "topics"}) {
    std::filesystem::create_directories(state_folder_ + "/" + name, failure);
  }
  auto loop = net::Loop::make();
  if (!loop) return std::move(loop).error();
  loop_ = *std::move(loop);
  auto server =
      HttpServer::make(*loop_, {.on_request = [this](HttpServer::Id id, HttpRequest&& request) {
        requested(id, std::move(request));
      }});
  if (!server) return std::move(server).error();
  server_ = *std::move(server);
  record_ = {.pid = getpid(),
             .started_ticks = started_ticks(getpid()),
             .port = server_->port(),
             .key_id = "AKIA" + core::random_name(16),
             .secret = core::random_name(40),
             .program = describe_program(std::filesystem::read_symlink("/proc/self/exe", failure))};
  host_ = std::make_unique<FunctionHost>(
      *loop_,
      FunctionHost::Options{.state_folder = state_folder_,
                            .endpoint = record_.url(),
                            .key_id = record_.key_id,
                            .secret = record_.secret,
                            .log = [this](std::string_view line) { log(line); }},
      *std::move(deployed));
  lambda_ = std::make_unique<LambdaApi>(*host_,
                                        [this](const Deployed& changed) { return save(changed); });
  log("service started");
  return write_service(state_folder_, record_);
}

void Service::log(std::string_view line) {
  log_.line(line);
}

core::Result<void> Service::save(const Deployed& deployed) {
  return write_deployed(state_folder_, deployed);
}

void Service::run() {
  loop_->set_on_wake([](void* self) { static_cast<Service*>(self)->tick(); }, this);
  loop_->arm(tick_timer_, loop_->refresh() + kTick);
  loop_->run();
  log("service ended");
}

void Service::ask_to_end() {
  end_asked_ = true;
  loop_->wake();
}

void Service::tick() {
  ++ticks_;
  const bool looks_at_folder = ticks_ % kLookAtFolderEveryTicks == 0;
  if (end_asked_ || is_over_ || (looks_at_folder && !is_still_ours())) {
    loop_->stop();
    return;
  }
  host_->tick();
  server_->sweep(kIdleConnection);
  loop_->arm(tick_timer_, loop_->now() + kTick);
}

bool Service::is_still_ours() {
  const auto record = read_service(state_folder_);
  return record && record->key_id == record_.key_id;
}

// -- requests

// AWS's tools put the access key id into the signature's header; ours send it as it is.
bool Service::is_authorized(const HttpRequest& request) const {
  const std::string_view header = request.header("authorization");
  if (header == "Bearer " + record_.key_id) return true;
  return header.starts_with("AWS4-HMAC-SHA256 ") &&
         header.find("Credential=" + record_.key_id + "/") != std::string_view::npos;
}

void Service::requested(HttpServer::Id id, HttpRequest&& request) {
  const std::string request_id = random_uuid();
  const auto answer = [this, id, request_id](HttpAnswer made) {
    made.headers.emplace_back("x-amzn-RequestId", request_id);
    server_->answer(id, made);
  };
  if (!is_authorized(request)) {
    return answer(service_error(403, "UnrecognizedClientException",
                                "The security token included in the request is invalid."));
  }
  if (request.path.starts_with("/slsart/")) return answer(control(request));
  lambda_->take(std::move(request), request_id, answer, [this, id] { server_->drop(id); });
}

HttpAnswer Service::control(const HttpRequest& request) {
  const std::string& path = request.path;
  if (path == "/slsart/status") return status();
  if (request.method != "POST") return service_error(405, "MethodNotAllowed", "POST it");
  if (path == "/slsart/reload") return reload();
  if (path == "/slsart/fence") return fence(request);
  if (path == "/slsart/end") {
    is_over_ = true;  // at the next tick: the answer goes out before
    return json_answer(core::Value::make_object({}));
  }
  return service_error(404, "NotFound", "there is no " + path);
}

HttpAnswer Service::reload() {
  auto deployed = read_deployed(state_folder_);
  if (!deployed) return service_error(500, "ServiceException", deployed.error().message);
  host_->redeploy(*std::move(deployed));
  log("deployed again");
  return json_answer(core::Value::make_object({}));
}

HttpAnswer Service::fence(const HttpRequest& request) {
  const auto body = core::parse_json(request.body);
  const core::Value* closed = body ? body->find("closed") : nullptr;
  if (closed == nullptr || closed->kind() != core::Value::Kind::kBool) {
    return service_error(400, "InvalidParameterValueException", "\"closed\" is true or false");
  }
  Deployed changed = host_->deployed();
  changed.is_fenced = closed->as_bool();
  if (auto kept = save(changed); !kept) {
    return service_error(500, "ServiceException", kept.error().message);
  }
  host_->reconfigure(std::move(changed));
  return status();
}

HttpAnswer Service::status() {
  return json_answer(
      core::Value::make_object({{"active", std::int64_t{host_->active()}},
                                {"atOnce", std::int64_t{host_->at_once()}},
                                {"queued", static_cast<std::int64_t>(host_->queued())},
                                {"token", host_->deployed().token}}));
}

}  // namespace slsart::provider::emulated
