#include "provider/emulated/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/text.h"

namespace slsart::provider::emulated {
namespace {

constexpr int kMaxDepth = 4;

core::Error io_error(const char* what) {
  return {core::ErrorCode::kIo,
          std::string("cannot start a process: ") + what + ": " + std::strerror(errno)};
}

// As execve() wants them; the texts must outlive them.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void become(const ProcessSpec& spec, char** arguments, char** environment, int output,
                         pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGCHLD}) std::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, 0);
  dup2(output, 1);
  dup2(output, 2);
  if (chdir(spec.directory.c_str()) == 0) execve(spec.program.c_str(), arguments, environment);
  const std::string line = spec.program + " cannot be executed: " + std::strerror(errno) + "\n";
  [[maybe_unused]] const auto written = write(2, line.data(), line.size());
  _exit(127);
}

}  // namespace

core::Result<Process> start_process(const ProcessSpec& spec) {
  std::vector<std::string> arguments = spec.arguments;
  std::vector<std::string> environment;
  for (const auto& [name, value] : spec.environment) environment.push_back(name + "=" + value);
  const std::vector<char*> argument_pointers = pointers_to(arguments);
  const std::vector<char*> environment_pointers = pointers_to(environment);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return io_error("pipe");
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    become(spec, const_cast<char**>(argument_pointers.data()),
           const_cast<char**>(environment_pointers.data()), ends[1], parent);
  }
  close(ends[1]);
  Process process{.pid = pid, .output = ends[0]};
  if (pid > 0) {
    setpgid(pid, pid);  // here, too: whichever comes first
    process.descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  }
  if (process.descriptor < 0) {
    const core::Error error = io_error(pid < 0 ? "fork" : "pidfd_open");
    if (pid > 0) {
      signal_group(process, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
    close(ends[0]);
    return error;
  }
  fcntl(process.descriptor, F_SETFD, FD_CLOEXEC);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return process;
}

void signal_group(const Process& process, int signal) {
  if (process.pid > 0) kill(-process.pid, signal);
}

std::string collect(Process& process) {
  int status = 0;
  signal_group(process, SIGKILL);  // what it left behind
  while (waitpid(process.pid, &status, 0) < 0 && errno == EINTR) {
  }
  close(process.descriptor);
  close(process.output);
  process = {};
  if (WIFEXITED(status)) return "exit status " + std::to_string(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  return "signal: " + (signal == SIGKILL ? "killed" : core::to_lower(strsignal(signal)));
}

namespace {

std::uint64_t resident_bytes_of(pid_t pid, int depth) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const auto memory = core::read_file(folder + "/statm", 4096);
  if (!memory) return 0;
  const auto fields = core::split(*memory, ' ');
  const auto pages = fields.size() > 1 ? core::parse_integer(fields[1]) : std::nullopt;
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::uint64_t bytes = pages ? static_cast<std::uint64_t>(*pages) * page : 0;
  if (depth == kMaxDepth) return bytes;
  const auto children =
      core::read_file(folder + "/task/" + std::to_string(pid) + "/children", 65'536);
  if (!children) return bytes;
  for (const std::string_view child : core::split(*children, ' ')) {
    const auto number = core::parse_integer(child);
    if (number && *number > 0) bytes += resident_bytes_of(static_cast<pid_t>(*number), depth + 1);
  }
  return bytes;
}

}  // namespace

std::uint64_t resident_bytes(pid_t pid) {
  return pid > 0 ? resident_bytes_of(pid, 0) : 0;
}

}  // namespace slsart::provider::emulated
