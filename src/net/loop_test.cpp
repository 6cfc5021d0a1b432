#include "net/loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>
#include <thread>

namespace slsart::net {
namespace {

using core::Duration;
using core::kMicrosecond;
using core::kMillisecond;

std::unique_ptr<Loop> make_loop(Idle idle = Idle::kSleep, WaitBy wait_by = WaitBy::kCall) {
  return std::move(Loop::make(idle, wait_by)).value();
}

struct Probe {
  explicit Probe(std::vector<int>& fired, int number) : log(fired), id(number) {}
  std::vector<int>& log;
  int id;
  Timer timer{[](void* self) {
                auto& probe = *static_cast<Probe*>(self);
                probe.log.push_back(probe.id);
              },
              this};
};

TEST(Loop, FiresTimersByDueTimeAndEqualOnesInOrderOfArming) {
  auto loop = make_loop();
  std::vector<int> log;
  std::vector<std::unique_ptr<Probe>> probes;
  const auto start = loop->now();
  const int offsets[] = {3, 1, 2, 1, 3, 1, 0, 2};
  for (int i = 0; i < 8; ++i) {
    probes.push_back(std::make_unique<Probe>(log, i));
    loop->arm(probes.back()->timer, start + offsets[i] * kMicrosecond);
  }
  while (loop->timer_count() > 0) loop->run_once(core::TimePoint::max());
  EXPECT_EQ(log, (std::vector<int>{6, 1, 3, 5, 2, 7, 0, 4}));
}

TEST(Loop, NeverFiresBeforeDue) {
  for (const Idle idle : {Idle::kSleep, Idle::kSpin}) {
    for (const WaitBy wait_by : {WaitBy::kCall, WaitBy::kDescriptor}) {
      auto loop = make_loop(idle, wait_by);
      struct Check {
        Loop& loop;
        core::TimePoint due;
        bool fired = false;
        Timer timer{[](void* self) {
                      auto& check = *static_cast<Check*>(self);
                      check.fired = true;
                      EXPECT_GE(check.loop.now(), check.due);
                    },
                    this};
      } check{*loop, loop->now() + 300 * kMicrosecond};
      loop->arm(check.timer, check.due);
      while (!check.fired) loop->run_once(core::TimePoint::max());
      EXPECT_GE(loop->take_worst_lag(), Duration{});
      EXPECT_EQ(loop->take_worst_lag(), Duration{});
    }
  }
}

TEST(Loop, RunOnceReturnsAtLatestWithoutEvents) {
  for (const WaitBy wait_by : {WaitBy::kCall, WaitBy::kDescriptor}) {
    auto loop = make_loop(Idle::kSleep, wait_by);
    const auto latest = loop->refresh() + 200 * kMicrosecond;
    while (loop->refresh() < latest) loop->run_once(latest);
    SUCCEED();
  }
}

TEST(Loop, TimerThatRearmsForThePastFiresOncePerPass) {
  auto loop = make_loop();
  struct Again {
    Loop& loop;
    int count = 0;
    Timer timer{[](void* self) {
                  auto& again = *static_cast<Again*>(self);
                  ++again.count;
                  again.loop.arm(again.timer, core::TimePoint{});
                },
                this};
  } again{*loop};
  loop->arm(again.timer, core::TimePoint{});
  for (int pass = 1; pass <= 5; ++pass) {
    loop->run_once(core::TimePoint{});
    EXPECT_EQ(again.count, pass);
  }
  EXPECT_LT(loop->take_worst_lag(), core::kSecond)
      << "a past due time counts from when it was armed";
}

TEST(Loop, CancelledAndDestroyedTimersDoNotFire) {
  auto loop = make_loop();
  std::vector<int> log;
  Probe kept(log, 1);
  Probe cancelled(log, 2);
  auto destroyed = std::make_unique<Probe>(log, 3);
  for (Probe* probe : {&kept, &cancelled, destroyed.get()}) {
    loop->arm(probe->timer, core::TimePoint{});
  }
  loop->cancel(cancelled.timer);
  destroyed.reset();
  EXPECT_FALSE(cancelled.timer.is_armed());
  loop->run_once(core::TimePoint{});
  EXPECT_EQ(log, std::vector<int>{1});
}

TEST(Loop, KeepsOrderThroughAMillionRandomArmsAndCancels) {
  auto loop = make_loop();
  static core::TimePoint last;
  static std::size_t fired;
  last = {};
  fired = 0;
  struct Item {
    Timer timer{[](void* self) {
                  const auto current = static_cast<Item*>(self)->due;
                  EXPECT_LE(last, current);
                  last = current;
                  ++fired;
                },
                this};
    core::TimePoint due;
  };
  constexpr std::size_t kCount = 1'000'000;
  const auto items = std::make_unique<Item[]>(kCount);
  std::mt19937_64 random(1);
  const auto arm = [&](Item& item) {
    item.due = loop->now() + 200 * kMillisecond + Duration(random() % 1'000'000);
    loop->arm(item.timer, item.due);
  };
  for (std::size_t i = 0; i < kCount; ++i) arm(items[i]);
  for (std::size_t i = 0; i < kCount; i += 3) arm(items[i]);
  for (std::size_t i = 0; i < kCount; i += 5) loop->cancel(items[i].timer);
  const std::size_t armed = loop->timer_count();
  EXPECT_EQ(armed, kCount - kCount / 5);
  while (loop->timer_count() > 0) loop->run_once(core::TimePoint::max());
  EXPECT_EQ(fired, armed);
}

struct Socket final : Watcher {
  Loop& loop;
  int fd;
  int events = 0;
  Readiness last;
  Socket* victim = nullptr;
  Socket(Loop& l, int descriptor) : loop(l), fd(descriptor) { EXPECT_TRUE(loop.watch(fd, *this)); }
  ~Socket() override { drop(); }
  void drop() {
    if (fd < 0) return;
    loop.unwatch(fd, *this);
    close(fd);
    fd = -1;
  }
  void on_ready(Readiness readiness) override {
    ++events;
    last = readiness;
    if (victim != nullptr) victim->drop();
  }
};

TEST(Loop, DeliversReadinessOncePerEdgeAndHangUp) {
  auto loop = make_loop();
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  Socket here(*loop, pair[0]);
  loop->run_once(loop->now());
  EXPECT_TRUE(here.last.writable);
  loop->run_once(loop->now());
  EXPECT_EQ(here.events, 1);
  ASSERT_EQ(write(pair[1], "x", 1), 1);
  loop->run_once(core::TimePoint::max());
  EXPECT_TRUE(here.last.readable);
  EXPECT_FALSE(here.last.hang_up);
  close(pair[1]);
  loop->run_once(core::TimePoint::max());
  EXPECT_TRUE(here.last.hang_up);
  EXPECT_EQ(here.events, 3);
}

TEST(Loop, UnwatchedDescriptorGetsNoEventOfTheSamePass) {
  auto loop = make_loop();
  int one[2];
  int two[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, one), 0);
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, two), 0);
  Socket first(*loop, one[0]);
  Socket second(*loop, two[0]);
  first.victim = &second;
  second.victim = &first;
  loop->run_once(core::TimePoint::max());
  EXPECT_EQ(first.events + second.events, 1);
  close(one[1]);
  close(two[1]);
}

// No event is ever told here, so that any read may be late, but for the rate.
TEST(Loop, AsksForStampsOnlyWhileReadsAreNotFast) {
  auto loop = make_loop();
  struct Seen {
    bool late = false;
    bool not_late = false;
  };
  const auto read_for = [&](core::Duration time, unsigned pause_microseconds) {
    Seen seen;
    const core::TimePoint end = loop->refresh() + time;
    while (loop->refresh() < end) {
      (loop->may_be_late() ? seen.late : seen.not_late) = true;
      if (pause_microseconds > 0) usleep(pause_microseconds);
    }
    return seen;
  };
  usleep(1000);
  loop->refresh();
  if (!loop->may_be_late()) GTEST_SKIP() << "no time stamps from this kernel";
  EXPECT_TRUE(read_for(500 * kMillisecond, 0).not_late);
  EXPECT_TRUE(read_for(500 * kMillisecond, 1000).late);
}

TEST(Loop, WakeFromAnotherThreadCallsOnWake) {
  auto loop = make_loop();
  struct Seen {
    Loop& loop;
    int count = 0;
  } seen{*loop};
  loop->set_on_wake(
      [](void* owner) {
        auto& s = *static_cast<Seen*>(owner);
        ++s.count;
        s.loop.stop();
      },
      &seen);
  std::thread other([&] { loop->wake(); });
  loop->run();
  other.join();
  EXPECT_EQ(seen.count, 1);
}

}  // namespace
}  // namespace slsart::net
