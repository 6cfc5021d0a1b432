// Hot path: see architecture §9
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "net/arrival_clock.h"

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

// What a descriptor is watched for: input and hang-up, or room to write as well.
enum class Directions { kInput, kBoth };

// Hears about one descriptor at a time. Readiness is a hint, not a fact: once in a great while it
// was meant for a descriptor that is closed by now (see Loop::forget()).
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_ready(Readiness readiness) = 0;
};

// How a worker waits: asleep in the kernel with nanosecond timers, or spinning the last
// microseconds before a timer is due (only sensible when a core is free for it).
enum class Idle { kSleep, kSpin };

// What times the wait: the call itself (epoll_pwait2), or a timer descriptor where the kernel or a
// sandbox does not have that call. The loop changes to the second by itself.
enum class WaitBy { kCall, kDescriptor };

// An epoll loop with nanosecond timers. Everything but wake() belongs to the thread that runs it.
//
// Descriptors are watched edge-triggered, once: a watcher must read until it got less than it asked
// for (until 0 or an error when hang_up was told).
class Loop {
 public:
  // Also sets the calling thread's timer slack to 1 ns. Errors: descriptors used up.
  static core::Result<std::unique_ptr<Loop>> make(Idle idle = Idle::kSleep,
                                                  WaitBy wait_by = WaitBy::kCall);
  // Timers still armed are cancelled.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // The clock as read for the event that is being handled; refresh() reads it again.
  core::TimePoint now() const { return now_; }
  core::TimePoint refresh();

  // (Re-)arms a timer; a due time in the past counts as now() and fires in the next pass. Timers of
  // equal due time fire in the order they were armed.
  void arm(Timer& timer, core::TimePoint due);
  void cancel(Timer& timer);

  core::Result<void> watch(int descriptor, Watcher& watcher,
                           Directions directions = Directions::kBoth);
  // No event for the descriptor is delivered afterwards, not even one that was already fetched.
  void unwatch(int descriptor, Watcher& watcher);
  // The same for a descriptor that is closed right after, which by itself ends the watching: saves
  // a system call. While another thread starts a process, that process holds the descriptor until
  // its exec, and an event may still come: for a watcher that outlives the loop's run only.
  void forget(Watcher& watcher);

  // Watches for both directions from now on, and tells again what is still ready, in a later pass:
  // for a watcher that stopped before it had read everything so that others get their turn.
  void recheck(int descriptor, Watcher& watcher);

  // Handles events and timers until stop(); a stop() before it makes it return at once.
  void run();
  // One pass: waits at most until `latest` for an event or timer, handles what is there.
  void run_once(core::TimePoint latest);
  void stop() { stopped_ = true; }

  // Any thread: interrupts the wait; `on_wake` (if set) is then called on the loop's thread.
  void wake();
  void set_on_wake(Timer::Callback callback, void* owner);

  // Called at the start of each pass, before the wait: to send in one piece what a pass has
  // gathered.
  void set_before_wait(Timer::Callback callback, void* owner);

  // How late the loop came to timers since the last call, at most; for slsart.loop_lag.
  core::Duration take_worst_lag();

  std::size_t timer_count() const { return heap_.size(); }

  // Whether what is read now may have waited in its socket for so long that it is worth asking the
  // kernel when it came: the loop slept, or was long with other things, since it last heard that
  // nothing more was there. False where the kernel puts no time stamps on what it receives, and
  // while the loop reads so fast (kFastRead) that stamping would be a visible part of its work.
  bool may_be_late() {
    ++reads_;
    if (now_ >= review_due_) review_stamps();
    return stamp_fd_ >= 0 && now_ - heard_nothing_ > kWorthAsking;
  }
  // The instant of a stamp of the kernel on bytes that were just read by the watcher being told;
  // now() if the wall clock was set meanwhile.
  core::TimePoint arrival_of(core::WallTime stamp);

  // Where watchers read into: one buffer for all, its content is gone with the next event.
  std::span<char> read_buffer() { return {read_buffer_.get(), kReadBufferBytes}; }

 private:
  static constexpr std::size_t kReadBufferBytes = 64 * 1024;
  static constexpr std::size_t kEventsPerPass = 256;
  // A read every so often or oftener, on average of kReview. The kernel's stamps cost every packet
  // some ten nanoseconds, which is 1 to 2 % of the fastest exchanges there are.
  static constexpr core::Duration kFastRead = 20 * core::kMicrosecond;
  static constexpr core::Duration kReview = 200 * core::kMillisecond;
  // A stamped read costs a few hundred nanoseconds more than a plain one.
  static constexpr core::Duration kWorthAsking = 50 * core::kMicrosecond;

  // What the heap compares, kept apart from the timers so that sifting stays in few cache lines.
  struct Slot {
    core::TimePoint due;
    std::uint64_t order;  // counts arm() calls: equal due times fire in this order
    Timer* timer;
    bool is_before(const Slot& other) const {
      return due != other.due ? due < other.due : order < other.order;
    }
  };

  Loop() = default;
  core::Result<void> open(Idle idle, WaitBy wait_by);
  int wait(core::TimePoint until);
  int wait_in_kernel(core::Duration timeout);
  void deliver_events();
  void fire_timers();
  void drain_wake();
  void review_stamps();
  void place(std::size_t index, const Slot& slot);
  void sift_up(std::size_t index, const Slot& slot);
  void sift_down(std::size_t index, const Slot& slot);
  void remove_at(std::size_t index);

  int epoll_ = -1;
  int wake_fd_ = -1;
  int timer_fd_ = -1;
  int stamp_fd_ = -1;  // only there so that the kernel stamps what it receives
  bool stopped_ = false;
  Idle idle_ = Idle::kSleep;
  core::TimePoint now_{};
  std::int64_t reads_ = 0;  // since the last review
  core::TimePoint review_due_{};
  core::TimePoint asked_{};          // when the kernel was last asked for events
  core::TimePoint heard_nothing_{};  // the time before: what is told now had not come by then
  ArrivalClock arrivals_{read_clocks()};
  core::Duration worst_lag_{};
  std::uint64_t next_order_ = 0;
  std::vector<Slot> heap_;  // four children a node
  int event_count_ = 0;     // of events_, while they are delivered
  int event_next_ = 0;
  std::array<epoll_event, kEventsPerPass> events_;
  std::unique_ptr<char[]> read_buffer_;
  Timer::Callback on_wake_ = nullptr;
  void* on_wake_owner_ = nullptr;
  Timer::Callback before_wait_ = nullptr;
  void* before_wait_owner_ = nullptr;
};

}  // namespace slsart::net
