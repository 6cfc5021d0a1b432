// Hot path: see architecture §9
#include "net/loop.h"

#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/check.h"

namespace slsart::net {

namespace {

// Shorter than this the kernel cannot be trusted to wake us in time (architecture §13).
constexpr core::Duration kSpin = 60 * core::kMicrosecond;
// Falling asleep and being woken costs about as much CPU time as this (docs/benchmarks.md): until a
// timer that is nearer it is cheaper to look again and again, and more exact.
constexpr core::Duration kNap = 10 * core::kMicrosecond;
constexpr std::uint32_t kInputEdge = EPOLLIN | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t kBothEdges = kInputEdge | EPOLLOUT;
// Longest single wait; keeps `until - now` far from overflow.
constexpr core::Duration kLongestWait = 3600 * core::kSecond;

core::TimePoint read_clock() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return core::TimePoint(core::Duration(t.tv_sec * 1'000'000'000LL + t.tv_nsec));
}

timespec to_timespec(core::Duration d) {
  return {.tv_sec = d.count() / 1'000'000'000, .tv_nsec = d.count() % 1'000'000'000};
}

// A socket that makes the kernel stamp whatever this machine receives; -1: it does not.
int ask_for_stamps() {
  const int on = 1;
  for (const int family : {AF_INET, AF_INET6}) {
    const int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0) return fd;
    close(fd);
  }
  return -1;
}

core::Error system_error(const char* what) {
  return {
      .code = core::ErrorCode::kIo,
      .message = std::string(what) + ": " + std::strerror(errno),
      .hint = errno == EMFILE || errno == ENFILE ? "raise the limit of open files (ulimit -n)" : "",
      .offset = std::nullopt};
}

}  // namespace

Timer::~Timer() {
  if (loop_ != nullptr) loop_->cancel(*this);
}

core::Result<std::unique_ptr<Loop>> Loop::make(Idle idle, WaitBy wait_by) {
  std::unique_ptr<Loop> loop(new Loop);
  if (auto opened = loop->open(idle, wait_by); !opened) return std::move(opened).error();
  return loop;
}

core::Result<void> Loop::open(Idle idle, WaitBy wait_by) {
  idle_ = idle;
  read_buffer_ = std::make_unique<char[]>(kReadBufferBytes);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return system_error("epoll");
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_fd_ < 0) return system_error("eventfd");
  // Level-triggered on purpose: a wake-up is never lost. The loop's own address marks it.
  epoll_event event{.events = EPOLLIN, .data = {.ptr = this}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_fd_, &event) != 0) return system_error("epoll");
  prctl(PR_SET_TIMERSLACK, 1UL);
  stamp_fd_ = ask_for_stamps();
  asked_ = heard_nothing_ = refresh();
  review_due_ = now_ + kReview;

  const timespec none{};
  if (wait_by == WaitBy::kCall && epoll_pwait2(epoll_, events_.data(), 1, &none, nullptr) >= 0) {
    return {};
  }
  timer_fd_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (timer_fd_ < 0) return system_error("timerfd");
  event = {.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, timer_fd_, &event) != 0) return system_error("epoll");
  return {};
}

Loop::~Loop() {
  for (const Slot& slot : heap_) slot.timer->loop_ = nullptr;
  for (const int fd : {stamp_fd_, timer_fd_, wake_fd_, epoll_}) {
    if (fd >= 0) close(fd);
  }
}

core::TimePoint Loop::refresh() {
  now_ = read_clock();
  return now_;
}

// Whether to have stamps, by how fast the loop has read lately: again when it is a quarter as fast
// as when it gave them up. Turning them on or off has the kernel change its own code, which stops
// all cores for up to a millisecond: a steady rate must never do it twice.
void Loop::review_stamps() {
  const core::Duration elapsed = now_ - review_due_ + kReview;
  const bool is_fast = elapsed < reads_ * kFastRead;
  if (is_fast && stamp_fd_ >= 0) {
    close(stamp_fd_);
    stamp_fd_ = -1;
  } else if (elapsed > 4 * reads_ * kFastRead && stamp_fd_ < 0) {
    stamp_fd_ = ask_for_stamps();
  }
  reads_ = 0;
  review_due_ = now_ + kReview;
}

core::TimePoint Loop::arrival_of(core::WallTime stamp) {
  return arrivals_.arrival(stamp, read_clocks(), heard_nothing_);
}

core::Result<void> Loop::watch(int descriptor, Watcher& watcher, Directions directions) {
  epoll_event event{.events = directions == Directions::kBoth ? kBothEdges : kInputEdge,
                    .data = {.ptr = &watcher}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) return system_error("epoll");
  return {};
}

void Loop::unwatch(int descriptor, Watcher& watcher) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
  forget(watcher);
}

void Loop::forget(Watcher& watcher) {
  for (int i = event_next_; i < event_count_; ++i) {
    epoll_event& event = events_[static_cast<std::size_t>(i)];
    if (event.data.ptr == &watcher) event.data.ptr = nullptr;
  }
}

void Loop::recheck(int descriptor, Watcher& watcher) {
  epoll_event event{.events = kBothEdges, .data = {.ptr = &watcher}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
}

void Loop::run() {
  while (!stopped_) run_once(core::TimePoint::max());
  stopped_ = false;
}

void Loop::run_once(core::TimePoint latest) {
  if (before_wait_ != nullptr) before_wait_(before_wait_owner_);
  refresh();
  const core::TimePoint until = heap_.empty() ? latest : std::min(latest, heap_.front().due);
  event_count_ = wait(until);
  deliver_events();
  refresh();
  fire_timers();
}

int Loop::wait(core::TimePoint until) {
  for (;;) {
    core::Duration left = until > now_ ? std::min(until - now_, kLongestWait) : core::Duration{};
    const bool spins = idle_ == Idle::kSpin;
    const bool looks_again = spins || left <= kNap;
    if (left <= kNap) left = {};
    if (spins && until < core::TimePoint::max()) left = std::max(left - kSpin, core::Duration{});
    heard_nothing_ = asked_;
    asked_ = now_;
    const int count = wait_in_kernel(left);
    if (count != 0 || !looks_again) return count;
    if (refresh() >= until) return 0;
  }
}

// The number of events fetched; 0 when the time is over or a signal came.
int Loop::wait_in_kernel(core::Duration timeout) {
  constexpr int kMost = static_cast<int>(kEventsPerPass);
  int count = 0;
  if (timer_fd_ < 0) {
    const timespec t = to_timespec(timeout);
    // Bare, for the reason told in detail/socket_calls.h.
    count =
        static_cast<int>(syscall(SYS_epoll_pwait2, epoll_, events_.data(), kMost, &t, nullptr, 0));
  } else if (timeout == core::Duration{}) {
    count = epoll_wait(epoll_, events_.data(), kMost, 0);
  } else {
    const itimerspec t{.it_interval = {}, .it_value = to_timespec(timeout)};
    timerfd_settime(timer_fd_, 0, &t, nullptr);
    count = epoll_wait(epoll_, events_.data(), kMost, -1);
  }
  return std::max(count, 0);
}

void Loop::deliver_events() {
  event_next_ = 0;
  while (event_next_ < event_count_) {
    const epoll_event event = events_[static_cast<std::size_t>(event_next_++)];
    if (event.data.ptr == nullptr) continue;  // unwatched meanwhile, or the timer descriptor
    if (event.data.ptr == this) {
      drain_wake();
      continue;
    }
    refresh();
    static_cast<Watcher*>(event.data.ptr)
        ->on_ready({.readable = (event.events & EPOLLIN) != 0,
                    .writable = (event.events & EPOLLOUT) != 0,
                    .error = (event.events & EPOLLERR) != 0,
                    .hang_up = (event.events & (EPOLLRDHUP | EPOLLHUP)) != 0});
  }
  event_count_ = 0;
}

// Timers armed from now on have a later order and a due time not before now_, hence wait for the
// next pass: a timer that re-arms itself for the past cannot keep the loop from its events.
void Loop::fire_timers() {
  const core::TimePoint pass = now_;
  const std::uint64_t order_end = next_order_;
  while (!heap_.empty() && heap_.front().due <= pass && heap_.front().order < order_end) {
    Timer& timer = *heap_.front().timer;
    refresh();
    worst_lag_ = std::max(worst_lag_, now_ - heap_.front().due);
    cancel(timer);
    timer.callback_(timer.owner_);
  }
}

void Loop::wake() {
  const std::uint64_t one = 1;
  // Can only fail when the counter is full, and then the loop is awake already.
  [[maybe_unused]] const auto written = write(wake_fd_, &one, sizeof one);
}

void Loop::set_on_wake(Timer::Callback callback, void* owner) {
  on_wake_ = callback;
  on_wake_owner_ = owner;
}

void Loop::set_before_wait(Timer::Callback callback, void* owner) {
  before_wait_ = callback;
  before_wait_owner_ = owner;
}

void Loop::drain_wake() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = read(wake_fd_, &count, sizeof count);
  refresh();
  if (on_wake_ != nullptr) on_wake_(on_wake_owner_);
}

core::Duration Loop::take_worst_lag() {
  return std::exchange(worst_lag_, core::Duration{});
}

// -- the heap

void Loop::arm(Timer& timer, core::TimePoint due) {
  SLSART_DCHECK(timer.loop_ == nullptr || timer.loop_ == this);
  const Slot slot{std::max(due, now_), next_order_++, &timer};
  timer.due_ = slot.due;
  if (timer.loop_ == nullptr) {
    timer.loop_ = this;
    heap_.push_back(slot);
    sift_up(heap_.size() - 1, slot);
  } else if (slot.is_before(heap_[timer.heap_index_])) {
    sift_up(timer.heap_index_, slot);
  } else {
    sift_down(timer.heap_index_, slot);
  }
}

void Loop::cancel(Timer& timer) {
  if (timer.loop_ == nullptr) return;
  SLSART_DCHECK(timer.loop_ == this);
  timer.loop_ = nullptr;
  remove_at(timer.heap_index_);
}

void Loop::remove_at(std::size_t index) {
  const Slot last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  if (index > 0 && last.is_before(heap_[(index - 1) / 4])) {
    sift_up(index, last);
  } else {
    sift_down(index, last);
  }
}

void Loop::place(std::size_t index, const Slot& slot) {
  heap_[index] = slot;
  slot.timer->heap_index_ = static_cast<std::uint32_t>(index);
}

void Loop::sift_up(std::size_t index, const Slot& slot) {
  while (index > 0) {
    const std::size_t parent = (index - 1) / 4;
    if (!slot.is_before(heap_[parent])) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, slot);
}

void Loop::sift_down(std::size_t index, const Slot& slot) {
  for (;;) {
    const std::size_t first = 4 * index + 1;
    if (first >= heap_.size()) break;
    const std::size_t end = std::min(first + 4, heap_.size());
    std::size_t least = first;
    for (std::size_t child = first + 1; child < end; ++child) {
      if (heap_[child].is_before(heap_[least])) least = child;
    }
    if (!heap_[least].is_before(slot)) break;
    place(index, heap_[least]);
    index = least;
  }
  place(index, slot);
}

}  // namespace slsart::net
