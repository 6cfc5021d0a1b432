#include "provider/emulated/deployment.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "core/digest.h"
#include "core/text.h"
#include "provider/emulated/client.h"
#include "provider/emulated/deployed.h"
#include "provider/emulated/packaging.h"
#include "provider/emulated/schedule.h"
#include "provider/emulated/service.h"
#include "provider/emulated/state_folder.h"

namespace slsart::provider::emulated {
namespace {

namespace fs = std::filesystem;

constexpr auto kStartLimit = std::chrono::seconds(20);
constexpr auto kEndLimit = std::chrono::seconds(10);
// What sandboxes get of the deployer's environment.
constexpr const char* kInherited[] = {"PATH", "SLSART_CLOCK_OFFSET", "SLSART_NODE",
                                      "SLSART_DNS_SERVERS"};

core::Error io_error(const std::string& what) {
  return {core::ErrorCode::kIo, what + ": " + std::strerror(errno)};
}

// Held until destroyed: one deploy or remove at a time.
class Lock {
 public:
  explicit Lock(const std::string& state_folder) {
    const fs::path parent = fs::path(state_folder).parent_path();
    std::error_code ignored;
    fs::create_directories(parent, ignored);
    descriptor_ = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor_ >= 0) flock(descriptor_, LOCK_EX);
  }
  ~Lock() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  bool is_held() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

std::uint32_t account_concurrency() {
  const char* const text = std::getenv("SLSART_EMULATED_CONCURRENCY");
  const auto number = text != nullptr ? core::parse_integer(text) : std::nullopt;
  return number && *number > 0 && *number <= 100'000 ? static_cast<std::uint32_t>(*number) : 1000;
}

core::Result<void> check(const run::DeploymentSpec& spec) {
  for (const auto& schedule : spec.schedules) {
    if (auto parsed = Schedule::parse(schedule.rate); !parsed) return std::move(parsed).error();
  }
  if (spec.function.empty() || spec.function.size() > 64) {
    return core::Error{core::ErrorCode::kInvalidInput,
                       "the function's name \"" + spec.function + "\" has not 1 to 64 characters",
                       "shorten service or stage"};
  }
  return {};
}

// A line of the service's standard output: it is ready; or what it says instead.
core::Result<void> await_ready(int descriptor) {
  std::string text;
  const auto latest = std::chrono::steady_clock::now() + kStartLimit;
  while (text.find('\n') == std::string::npos) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        latest - std::chrono::steady_clock::now());
    pollfd waiting{.fd = descriptor, .events = POLLIN};
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) == 0) {
      return core::Error{core::ErrorCode::kIo, "the emulated Lambda did not start in time"};
    }
    char buffer[4096];
    const ssize_t got = read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  if (text == "ready\n") return {};
  return core::Error{core::ErrorCode::kIo, "the emulated Lambda did not start: " + text};
}

[[noreturn]] void become_service(const char* program, const char* folder, int output) {
  setsid();
  if (fork() != 0) _exit(0);  // the second child belongs to nobody
  for (const int signal : {SIGINT, SIGHUP, SIGTERM, SIGPIPE}) std::signal(signal, SIG_DFL);
  const int nothing = open("/dev/null", O_RDWR);
  dup2(nothing, 0);
  dup2(output, 1);
  dup2(nothing, 2);
  if (chdir("/") != 0) _exit(127);
  execl(program, "slsart", "emulated-lambda", "--state", folder, static_cast<char*>(nullptr));
  [[maybe_unused]] const auto written = write(1, "the program cannot be executed\n", 31);
  _exit(127);
}

}  // namespace

std::string executor_program() {
  const char* const named = std::getenv("SLSART_EXECUTOR");
  if (named != nullptr && *named != '\0') return named;
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).string();
}

EmulatedDeployment::EmulatedDeployment(std::string state_folder, std::string program)
    : folder_(std::move(state_folder)), program_(std::move(program)) {}

core::Result<std::string> EmulatedDeployment::prepare_code(const run::DeploymentSpec& spec,
                                                           const Progress& progress) {
  const std::string code = folder_ + "/code/" + core::random_name(8);
  std::error_code failure;
  fs::create_directories(code, failure);
  if (failure) return core::Error{core::ErrorCode::kIo, code + ": " + failure.message()};
  if (!spec.directory.empty()) {
    const std::string all_states = fs::path(folder_).parent_path().string();
    auto packed = pack(fs::absolute(spec.directory).lexically_normal().string(), spec.patterns,
                       code, all_states);
    if (!packed) return std::move(packed).error();
    progress("packed " + std::to_string(packed->files) + " files, " +
             std::to_string(packed->bytes / 1024) + " KB");
  }
  // A bootstrap that the service brings along is what Lambda would start, too.
  const std::string bootstrap = code + "/bootstrap";
  if (fs::exists(bootstrap, failure)) return code;
  fs::create_hard_link(program_, bootstrap, failure);
  if (failure) fs::copy_file(program_, bootstrap, failure);
  if (!failure) return code;
  return core::Error{core::ErrorCode::kIo, program_ + ": " + failure.message()};
}

core::Result<void> EmulatedDeployment::deploy(const run::DeploymentSpec& spec,
                                              const Progress& progress) {
  if (auto checked = check(spec); !checked) return checked;
  const Lock lock(folder_);
  if (!lock.is_held()) return io_error(fs::path(folder_).parent_path().string());
  std::error_code failure;
  fs::create_directories(folder_, failure);
  if (chmod(folder_.c_str(), 0700) != 0) return io_error(folder_);
  const auto before = read_deployed(folder_);
  auto code = prepare_code(spec, progress);
  if (!code) return std::move(code).error();
  Deployed deployed{.spec = spec,
                    .token = core::random_name(24),
                    .code = *code,
                    .changed = core::SystemClock().wall_now(),
                    .account_concurrency = account_concurrency()};
  for (const char* name : kInherited) {
    if (const char* const value = std::getenv(name)) deployed.inherited.emplace_back(name, value);
  }
  if (auto written = write_deployed(folder_, deployed); !written) return written;
  if (auto started = start_service(progress); !started) return started;
  remove_old_code(*code, before ? before->code : std::string());
  return {};
}

// Of earlier deployments the last one's files stay: its executors may still be at work.
void EmulatedDeployment::remove_old_code(const std::string& current, const std::string& previous) {
  std::error_code ignored;
  std::vector<fs::path> old;
  for (const auto& entry : fs::directory_iterator(folder_ + "/code", ignored)) {
    if (entry.path() != current && entry.path() != previous) old.push_back(entry.path());
  }
  for (const fs::path& path : old) fs::remove_all(path, ignored);
}

// The service that runs is told, unless it is of another program.
core::Result<void> EmulatedDeployment::start_service(const Progress& progress) {
  const auto record = read_service(folder_);
  if (record && is_running(*record) && record->program == describe_program(program_)) {
    const auto access = access_by_state_folder(folder_)();
    if (access && control(*access, "POST", "/slsart/reload")) {
      progress("the emulated Lambda at " + record->url() + " was told");
      return {};
    }
  }
  if (auto ended = end_service(); !ended) return ended;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return io_error("pipe");
  const pid_t child = fork();
  if (child == 0) become_service(program_.c_str(), folder_.c_str(), ends[1]);
  close(ends[1]);
  if (child > 0) waitpid(child, nullptr, 0);
  auto ready = child > 0 ? await_ready(ends[0]) : core::Result<void>(io_error("fork"));
  close(ends[0]);
  if (!ready) return ready;
  const auto started = read_service(folder_);
  if (!started) return started.error();
  progress("the emulated Lambda listens at " + started->url());
  return {};
}

core::Result<void> EmulatedDeployment::end_service() {
  const auto record = read_service(folder_);
  if (!record || !is_running(*record)) return {};
  const auto access = access_by_state_folder(folder_)();
  const bool was_told = access && control(*access, "POST", "/slsart/end");
  if (!was_told) kill(static_cast<pid_t>(record->pid), SIGTERM);
  const auto latest = std::chrono::steady_clock::now() + kEndLimit;
  while (is_running(*record)) {
    if (std::chrono::steady_clock::now() > latest) {
      kill(static_cast<pid_t>(record->pid), SIGKILL);  // its sandboxes go with it
      break;
    }
    usleep(20'000);
  }
  unlink((folder_ + "/service.json").c_str());
  return {};
}

core::Result<void> EmulatedDeployment::remove(const run::DeploymentSpec&,
                                              const Progress& progress) {
  const Lock lock(folder_);
  std::error_code failure;
  if (!fs::exists(folder_ + "/deployment.json", failure)) {
    return core::Error{core::ErrorCode::kNotFound, "nothing is deployed", ""};
  }
  if (auto ended = end_service(); !ended) return ended;
  progress("the emulated Lambda has ended");
  fs::remove_all(folder_, failure);
  if (failure) {  // a sandbox may just have written a last file
    usleep(200'000);
    fs::remove_all(folder_, failure);
  }
  if (failure) return core::Error{core::ErrorCode::kIo, folder_ + ": " + failure.message()};
  progress("removed " + folder_);
  return {};
}

core::Result<run::DeploymentStatus> EmulatedDeployment::status(const run::DeploymentSpec&) {
  using State = run::DeploymentStatus::State;
  const auto deployed = read_deployed(folder_);
  if (!deployed) {
    if (deployed.error().code == core::ErrorCode::kNotFound) {
      return run::DeploymentStatus{.state = State::kAbsent, .detail = "nothing is deployed"};
    }
    return run::DeploymentStatus{.state = State::kBroken, .detail = deployed.error().message};
  }
  run::DeploymentStatus status{
      .state = State::kBroken,
      .token = deployed->token,
      .is_fenced = deployed->is_fenced || deployed->spec.reserved_concurrency == 0u};
  const auto access = access_by_state_folder(folder_)();
  const auto told = access ? control(*access, "GET", "/slsart/status")
                           : core::Result<core::Value>(access.error());
  if (!told) {
    status.detail = told.error().message;
    return status;
  }
  status.state = State::kReady;
  status.detail = "emulated at " + access->url + ", state in " + folder_;
  const core::Value* active = told->find("active");
  if (active != nullptr && active->kind() == core::Value::Kind::kInteger) {
    status.active = static_cast<std::uint32_t>(active->as_integer());
  }
  return status;
}

core::Result<void> EmulatedDeployment::fence(const run::DeploymentSpec&, bool closed) {
  const auto access = access_by_state_folder(folder_)();
  if (!access) return access.error();
  const auto told = control(*access, "POST", "/slsart/fence",
                            closed ? R"({"closed":true})" : R"({"closed":false})");
  if (!told) return told.error();
  return {};
}

}  // namespace slsart::provider::emulated
