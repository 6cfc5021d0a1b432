#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "core/value.h"
#include "hooks/hook_runtime.h"
#include "net/loop.h"

namespace slsart::hooks {

// Where Node is: SLSART_NODE, else the first `node` or `nodejs` of PATH. Errors: none there.
core::Result<std::string> find_node();

// Why a processor could not be loaded, as Node tells it; line 0: not known.
struct LoadFailure {
  std::string message;
  std::string file;
  std::int64_t line = 0;
  std::int64_t column = 0;
};

// A Node process that has loaded a processor. It ends with its owner, also when that is killed; its
// standard output goes to our standard error. Started on any thread, which must live as long as the
// process; used on the loop's thread once attached.
class NodeProcess final : public HookRuntime, public net::Watcher {
 public:
  // Starts Node and hands it the start message (JSON of the world, see frame.h). Errors:
  // descriptors or processes used up.
  static core::Result<std::unique_ptr<NodeProcess>> start(std::string node, std::string world);
  // Closes the socket, gives the process a second to end, then kills it.
  ~NodeProcess() override;

  // Blocks until the processor is loaded; its functions' names. Errors: kInvalidInput with
  // load_failure() when the processor is at fault, else kIo: Node ended, or took too long.
  core::Result<std::vector<std::string>> await_ready(core::Duration limit);
  const LoadFailure& load_failure() const { return load_failure_; }

  // From now on the loop drives it. Requires: await_ready() went well; both outlive the process.
  core::Result<void> attach(net::Loop& loop, RuntimeListener& listener);

  // No call is made any more: closes the socket, so that the process ends, and the loop forgets it.
  // On the loop's thread; nothing when it is not attached.
  void detach();

  FrameWriter& writer() override { return writer_; }
  void flush() override;
  core::TimePoint last_heard() const override { return last_heard_; }
  void give_up(std::string_view reason) override;
  void on_ready(net::Readiness readiness) override;

  pid_t pid() const { return pid_; }

 private:
  NodeProcess(std::string node, std::string world);
  core::Result<void> spawn();
  bool send_some();
  bool receive_some();
  void take(core::Value& frame);
  void lose(std::string_view reason);
  void close_socket();
  std::string describe_end();
  void restart();

  std::string node_;
  std::string world_;
  pid_t pid_ = -1;
  int socket_ = -1;
  bool is_ready_ = false;
  bool has_failed_ = false;
  bool is_broken_ = false;  // what it sends makes no sense
  std::vector<std::string> functions_;
  LoadFailure load_failure_;
  FrameWriter writer_;
  FrameReader reader_;
  std::string out_;
  std::size_t out_begin_ = 0;
  core::TimePoint last_heard_{};
  core::TimePoint last_start_{};
  net::Loop* loop_ = nullptr;
  RuntimeListener* listener_ = nullptr;
  net::Timer restart_timer_{[](void* self) { static_cast<NodeProcess*>(self)->restart(); }, this};
};

}  // namespace slsart::hooks
