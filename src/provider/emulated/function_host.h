#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/loop.h"
#include "provider/emulated/concurrency.h"
#include "provider/emulated/deployed.h"
#include "provider/emulated/event_queue.h"
#include "provider/emulated/faults.h"
#include "provider/emulated/sandbox.h"

namespace slsart::provider::emulated {

// The deployed function: takes invocations, gives them sandboxes within the limits of concurrency,
// keeps idle ones warm, works the queue of asynchronous events off. Belongs to the loop's thread.
class FunctionHost {
 public:
  struct Options {
    std::string state_folder;
    std::string endpoint;  // of the service, for the sandboxes: "http://127.0.0.1:1234"
    std::string key_id;    // the credentials of the sandboxes
    std::string secret;
    std::function<void(std::string_view line)> log;  // the service's own
  };
  FunctionHost(net::Loop& loop, Options options, Deployed deployed);
  ~FunctionHost();

  const Deployed& deployed() const { return deployed_; }
  // Another deployment, or a changed configuration: what runs goes on as it was, no sandbox of the
  // old one takes another event.
  void redeploy(Deployed deployed);
  // Concurrency and the like, which sandboxes know nothing of.
  void reconfigure(Deployed deployed);

  using OnOutcome = std::function<void(const InvocationOutcome&)>;
  // Runs one event now. kStarts: `payload` was taken, `on_outcome` will be called, once, later.
  Concurrency::Verdict invoke(const std::string& request_id, std::string& payload,
                              OnOutcome on_outcome);
  struct Queued {
    bool is_queued = false;     // false: the queue is full
    bool loses_answer = false;  // a fault that was asked for
  };
  Queued enqueue(const std::string& request_id, std::string payload);

  std::uint32_t active() const { return concurrency_.active(); }
  std::uint32_t at_once() const { return concurrency_.at_once(); }
  std::size_t queued() const { return queue_.size(); }
  core::Duration minute() { return faults_.look().minute; }

  // A few times a second: works the queue off, ends what is idle, watches memory.
  void tick();

 private:
  struct Running {
    std::unique_ptr<Sandbox> sandbox;
    OnOutcome on_outcome;
    bool is_of_now = true;  // of the deployment as it is
  };

  Sandbox* idle_sandbox();
  Sandbox* start_sandbox();
  SandboxSpec spec_of_sandbox() const;
  std::vector<std::pair<std::string, std::string>> environment(const std::string& stream) const;
  void apply_limits();
  void sandbox_done(Sandbox& sandbox, const InvocationOutcome& outcome);
  void sandbox_ended(Sandbox& sandbox);
  void work_off();
  void event_done(QueuedEvent event, const InvocationOutcome& outcome);
  void end_idle();
  void prune_logs();

  net::Loop& loop_;
  Options options_;
  Deployed deployed_;
  FaultFile faults_;
  Concurrency concurrency_;
  EventQueue queue_;
  std::unordered_map<Sandbox*, Running> sandboxes_;
  std::vector<std::unique_ptr<Sandbox>> ended_;
  std::uint64_t events_ = 0;  // asynchronous ones so far
  std::uint32_t ticks_ = 0;
  net::Timer queue_timer_;
};

}  // namespace slsart::provider::emulated
