// Hot path: see architecture §9
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace slsart::net {

class Loop;

// A one-shot timer that lives inside its owner; arming allocates nothing beyond the loop's heap.
// Cancelled when destroyed. Belongs to the loop's thread.
class Timer {
 public:
  using Callback = void (*)(void* owner);
  Timer(Callback callback, void* owner) : callback_(callback), owner_(owner) {}
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  bool is_armed() const { return loop_ != nullptr; }
  core::TimePoint due() const { return due_; }  // Requires: is_armed()

 private:
  friend class Loop;
  Callback callback_;
  void* owner_;
  Loop* loop_ = nullptr;
  core::TimePoint due_{};
  std::uint32_t heap_index_ = 0;
};

// What happened to a watched descriptor. `hang_up`: the peer will send no more (EPOLLRDHUP/HUP).
struct Readiness {
  bool readable = false;
  bool writable = false;
  bool error = false;
  bool hang_up = false;
};

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_ready(Readiness readiness) = 0;
};

// How a worker waits: asleep in the kernel with nanosecond timers, or spinning the last microseconds
// before a timer is due (only sensible when a core is free for it).
enum class Idle { kSleep, kSpin };

// An epoll loop with nanosecond timers. Everything but wake() and request_stop() belongs to the thread
// that runs it.
//
// Descriptors are watched edge-triggered for both directions, once: a watcher must read until it got
// less than it asked for (until 0 or an error when hang_up was told).
class Loop {
 public:
  // Also sets the calling thread's timer slack to 1 ns. Errors: descriptors used up.
  static core::Result<std::unique_ptr<Loop>> make(Idle idle = Idle::kSleep);
  ~Loop();

  // The clock as read for the event that is being handled; refresh() reads it again.
  core::TimePoint now() const { return now_; }
  core::TimePoint refresh();

  // (Re-)arms a timer; a due time in the past fires in the next pass. Timers of equal due time fire in
  // the order they were armed.
  void arm(Timer& timer, core::TimePoint due);
  void cancel(Timer& timer);

  core::Result<void> watch(int descriptor, Watcher& watcher);
  // Must be called before the descriptor is closed; no event for it is delivered afterwards, not even
  // one that was already fetched.
  void unwatch(int descriptor, Watcher& watcher);

  // Handles events and timers until stop().
  void run();
  // One pass: waits at most until `latest` for an event or timer, handles what is there.
  void run_once(core::TimePoint latest);
  void stop() { stopped_ = true; }

  // Any thread: interrupts the wait; `on_wake` (if set) is then called on the loop's thread.
  void wake();
  void set_on_wake(Timer::Callback callback, void* owner);

  // How late the loop came to timers since the last call, at most and on average, for slsart.loop_lag.
  core::Duration take_worst_lag();

  std::size_t timer_count() const { return heap_.size(); }

 private:
  Loop() = default;
  int epoll_ = -1;
  int wake_fd_ = -1;
  bool stopped_ = false;
  core::TimePoint now_{};
  std::vector<Timer*> heap_;
  // the rest by the room
};

}  // namespace slsart::net
