// Hot path: see architecture §9
#include "hooks/node_process.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "core/text.h"
#include "hooks/detail/spawn.h"

namespace slsart::hooks {
namespace {

constexpr int kEndMilliseconds = 1000;
// A worker does not wait longer than this for a process that has closed its socket.
constexpr int kHurriedMilliseconds = 20;
// How much that was sent may stay in front of what was not.
constexpr std::size_t kKeptBytes = 1 << 20;
// A process that ends again and again is not started more often than this.
constexpr core::Duration kRestartInterval = std::chrono::seconds(1);

std::string text_of(const core::Value& object, std::string_view key) {
  const core::Value* found = object.find(key);
  return found != nullptr && found->is_string() ? found->as_string() : std::string();
}

std::int64_t number_of(const core::Value& object, std::string_view key) {
  const core::Value* found = object.find(key);
  return found != nullptr && found->kind() == core::Value::Kind::kInteger ? found->as_integer() : 0;
}

core::Error failure(core::ErrorCode code, std::string message) {
  return core::Error{.code = code, .message = std::move(message), .hint = {}, .offset = {}};
}

}  // namespace

core::Result<std::string> find_node() {
  const char* const named = std::getenv("SLSART_NODE");
  if (named != nullptr && *named != '\0') {
    if (access(named, X_OK) == 0) return std::string(named);
    return core::Error{.code = core::ErrorCode::kNotFound,
                       .message = std::string("SLSART_NODE names no program: ") + named,
                       .hint = "give the path of node, version 18 or newer",
                       .offset = {}};
  }
  const char* const path = std::getenv("PATH");
  const std::vector<std::string_view> folders = core::split(path != nullptr ? path : "", ':');
  for (const char* name : {"/node", "/nodejs"}) {
    for (const std::string_view folder : folders) {
      const std::string candidate = std::string(folder.empty() ? "." : folder) + name;
      if (access(candidate.c_str(), X_OK) == 0) return candidate;
    }
  }
  return core::Error{
      .code = core::ErrorCode::kNotFound,
      .message = "Node.js is needed to run JavaScript functions, and there is no `node` in PATH",
      .hint = "install Node 18 or newer (apt install nodejs), or set SLSART_NODE to its path",
      .offset = {}};
}

NodeProcess::NodeProcess(std::string node, std::string world)
    : node_(std::move(node)), world_(std::move(world)) {}

core::Result<std::unique_ptr<NodeProcess>> NodeProcess::start(std::string node, std::string world) {
  std::unique_ptr<NodeProcess> process(new NodeProcess(std::move(node), std::move(world)));
  if (auto spawned = process->spawn(); !spawned) return std::move(spawned).error();
  return process;
}

NodeProcess::~NodeProcess() {
  close_socket();
  if (pid_ > 0) detail::end_process(pid_, kEndMilliseconds);
}

core::Result<void> NodeProcess::spawn() {
  auto spawned = detail::spawn_node(node_);
  if (!spawned) return std::move(spawned).error();
  pid_ = spawned->pid;
  socket_ = spawned->socket;
  is_ready_ = has_failed_ = is_broken_ = false;
  reader_.clear();
  out_.clear();
  out_begin_ = 0;
  FrameWriter first;
  first.open();
  first.json() += "0,";
  first.json() += world_;
  first.close();
  first.seal(out_);
  send_some();
  return {};
}

void NodeProcess::close_socket() {
  if (socket_ < 0) return;
  if (loop_ != nullptr) loop_->unwatch(socket_, *this);
  close(socket_);
  socket_ = -1;
}

core::Result<std::vector<std::string>> NodeProcess::await_ready(core::Duration limit) {
  const core::SystemClock clock;
  const core::TimePoint latest = clock.now() + limit;
  while (!is_ready_ && !has_failed_) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(latest - clock.now());
    if (left.count() <= 0) {
      return failure(core::ErrorCode::kIo, "the processor was not loaded within " +
                                               std::to_string(limit / core::kSecond) + " s");
    }
    const bool writes = out_begin_ < out_.size();
    pollfd waiting{.fd = socket_, .events = static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN)};
    poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1000)));
    send_some();
    if (receive_some()) continue;
    if (is_ready_ || has_failed_) break;
    return failure(core::ErrorCode::kIo, describe_end() + " while it loaded the processor");
  }
  if (has_failed_) return failure(core::ErrorCode::kInvalidInput, load_failure_.message);
  return functions_;
}

core::Result<void> NodeProcess::attach(net::Loop& loop, RuntimeListener& listener) {
  loop_ = &loop;
  listener_ = &listener;
  last_start_ = last_heard_ = loop.now();
  return loop.watch(socket_, *this);
}

void NodeProcess::detach() {
  if (loop_ == nullptr) return;
  close_socket();
  loop_->cancel(restart_timer_);
  loop_ = nullptr;
  listener_ = nullptr;
  if (pid_ > 0) detail::end_process(std::exchange(pid_, -1), kEndMilliseconds);
}

void NodeProcess::flush() {
  if (writer_.is_empty()) return;
  if (!is_ready_ || socket_ < 0) return;  // kept until it is
  if (out_begin_ == out_.size()) {
    out_.clear();
    out_begin_ = 0;
  } else if (out_begin_ > kKeptBytes) {  // never empty while the process is behind
    out_.erase(0, out_begin_);
    out_begin_ = 0;
  }
  writer_.seal(out_);
  send_some();
}

// False: the other side is gone; the reading side will hear of it, too.
bool NodeProcess::send_some() {
  while (out_begin_ < out_.size()) {
    const ssize_t sent =
        send(socket_, out_.data() + out_begin_, out_.size() - out_begin_, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN;
    out_begin_ += static_cast<std::size_t>(sent);
  }
  return true;
}

// False: nothing more will come.
bool NodeProcess::receive_some() {
  std::array<char, 64 * 1024> own;
  const std::span<char> buffer = loop_ != nullptr ? loop_->read_buffer() : std::span<char>(own);
  for (;;) {
    const ssize_t got = recv(socket_, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return true;
    if (got <= 0) return false;
    if (!reader_.push({buffer.data(), static_cast<std::size_t>(got)})) {
      is_broken_ = true;
      return false;
    }
    std::string_view json;
    while (reader_.next(json)) {
      auto frame = core::parse_json(json);
      if (!frame) {
        is_broken_ = true;
        return false;
      }
      take(*frame);
      if (socket_ < 0) return true;  // given up from there
    }
  }
}

void NodeProcess::take(core::Value& frame) {
  if (is_ready_) return listener_->on_frame(frame);
  if (const core::Value* names = frame.find("ready"); names != nullptr && names->is_list()) {
    functions_.clear();
    for (const core::Value& name : names->as_list()) {
      if (name.is_string()) functions_.push_back(name.as_string());
    }
    is_ready_ = true;
  } else if (const core::Value* what = frame.find("failed")) {
    load_failure_ = {.message = text_of(*what, "message"),
                     .file = text_of(*what, "file"),
                     .line = number_of(*what, "line"),
                     .column = number_of(*what, "column")};
    has_failed_ = true;
  }
}

void NodeProcess::on_ready(net::Readiness readiness) {
  if (readiness.writable) send_some();
  if (!readiness.readable && !readiness.hang_up && !readiness.error) return;
  last_heard_ = loop_->now();
  const bool was_ready = is_ready_;
  const bool more = receive_some();
  if (socket_ < 0) return;
  if (!more || has_failed_) return lose(describe_end());
  if (!was_ready && is_ready_) flush();
}

// How the process ended, as a sentence without its end; it is gone afterwards.
std::string NodeProcess::describe_end() {
  const bool hurries = loop_ != nullptr || is_broken_;
  const int status = detail::end_process(pid_, hurries ? kHurriedMilliseconds : kEndMilliseconds);
  pid_ = -1;
  if (is_broken_) return "the processor's process wrote to the descriptor that is ours";
  if (has_failed_) return "the processor could not be loaded again";
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return "node could not be started";
  if (WIFEXITED(status)) {
    return "the processor's process ended with exit code " + std::to_string(WEXITSTATUS(status));
  }
  return "the processor's process was ended by signal " + std::to_string(WTERMSIG(status));
}

void NodeProcess::give_up(std::string_view reason) {
  if (socket_ < 0) return;
  detail::end_process(pid_, 0);
  pid_ = -1;
  lose(reason);
}

void NodeProcess::lose(std::string_view reason) {
  close_socket();
  is_ready_ = false;
  writer_.clear();
  loop_->arm(restart_timer_, std::max(loop_->now(), last_start_ + kRestartInterval));
  listener_->on_lost(reason);
}

void NodeProcess::restart() {
  last_start_ = last_heard_ = loop_->now();
  if (!spawn() || !loop_->watch(socket_, *this)) {
    loop_->arm(restart_timer_, loop_->now() + kRestartInterval);
  }
}

}  // namespace slsart::hooks
