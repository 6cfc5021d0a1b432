#include "hooks/detail/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>

#include "core/value.h"

namespace slsart::hooks::detail {
namespace {

struct NodeFile {
  std::string_view name;
  std::string_view text;
};

constexpr NodeFile kFiles[] = {
#include <node_files.inc>
};

// Where Node finds its socket and our files.
constexpr int kSocket = 3;
constexpr int kFilesDescriptor = 4;

// Reads our files and runs main.cjs; they see each other by "./name".
constexpr const char* kBootstrap =
    "const fs=require('fs'),M=module.constructor,files=JSON.parse(fs.readFileSync(4,'utf8')),"
    "done={};fs.closeSync(4);const load=(name)=>{if(done[name])return done[name].exports;"
    "const made=done[name]=new M('/slsart/'+name);made.filename='/slsart/'+name;made.paths=[];"
    "made.require=(what)=>what.startsWith('./')?load(what.slice(2)):require(what);"
    "made._compile(files[name],made.filename);return made.exports};load('main.cjs').serve()";

core::Error system_error(std::string_view what) {
  return core::Error{
      .code = core::ErrorCode::kIo,
      .message = "cannot start node: " + std::string(what) + ": " + std::strerror(errno),
      .hint = {},
      .offset = {}};
}

// A descriptor that holds our files as one JSON object, to be read from its start; -1: errno.
int make_files() {
  core::Value object{core::Value::Object()};
  for (const NodeFile& file : kFiles) {
    object.as_object().push_back({std::string(file.name), core::Value(file.text)});
  }
  const std::string text = core::to_json(object);
  const int descriptor = memfd_create("slsart-hooks", MFD_CLOEXEC);
  if (descriptor < 0) return -1;
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = write(descriptor, text.data() + done, text.size() - done);
    if (wrote <= 0) {
      close(descriptor);
      return -1;
    }
    done += static_cast<std::size_t>(wrote);
  }
  lseek(descriptor, 0, SEEK_SET);
  return descriptor;
}

// In the child, between fork and exec: only what is safe after a fork in a program with threads.
[[noreturn]] void become_node(const char* node, int socket, int files, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // Out of the way first: either may be the number the other is to get.
  socket = fcntl(socket, F_DUPFD, 10);
  files = fcntl(files, F_DUPFD, 10);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  dup2(socket, kSocket);
  dup2(files, kFilesDescriptor);
  close_range(kFilesDescriptor + 1, ~0U, 0);
  const std::array<const char*, 4> arguments{node, "-e", kBootstrap, nullptr};
  execv(node, const_cast<char* const*>(arguments.data()));
  _exit(127);
}

}  // namespace

core::Result<Spawned> spawn_node(const std::string& node) {
  std::array<int, 2> pair{-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return system_error("socketpair");
  }
  const int files = make_files();
  const pid_t parent = getpid();
  const pid_t pid = files < 0 ? -1 : fork();
  if (pid == 0) become_node(node.c_str(), pair[1], files, parent);
  const int error = errno;
  close(pair[1]);
  if (files >= 0) close(files);
  if (pid < 0) {
    close(pair[0]);
    errno = error;
    return system_error(files < 0 ? "memfd" : "fork");
  }
  fcntl(pair[0], F_SETFL, O_NONBLOCK);
  return Spawned{.pid = pid, .socket = pair[0]};
}

int end_process(pid_t pid, int milliseconds) {
  int status = -1;
  for (int waited = 0; waited <= milliseconds; ++waited) {
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended != 0) return ended == pid ? status : -1;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  kill(pid, SIGKILL);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace slsart::hooks::detail
