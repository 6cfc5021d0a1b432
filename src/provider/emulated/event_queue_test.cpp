#include "provider/emulated/event_queue.h"

#include <gtest/gtest.h>

namespace slsart::provider::emulated {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr core::TimePoint kStart{seconds(100)};

QueuedEvent event(const char* id, core::TimePoint accepted = kStart) {
  return {.request_id = id, .payload = "{}", .accepted = accepted};
}

TEST(EventQueue, EventsComeWhenTheyAreDue) {
  EventQueue queue;
  ASSERT_TRUE(queue.push(event("late"), kStart + seconds(5)));
  ASSERT_TRUE(queue.push(event("a"), kStart));
  ASSERT_TRUE(queue.push(event("b"), kStart));
  EXPECT_EQ(queue.take(kStart)->request_id, "a") << "first come, first served";
  EXPECT_EQ(queue.take(kStart)->request_id, "b");
  EXPECT_FALSE(queue.take(kStart));
  EXPECT_EQ(queue.next_due(), kStart + seconds(5));
  EXPECT_EQ(queue.take(kStart + seconds(5))->request_id, "late");
  EXPECT_FALSE(queue.next_due());
}

TEST(EventQueue, OldEventsAreDropped) {
  EventQueue queue;
  ASSERT_TRUE(queue.push(event("old"), kStart + minutes(10)));
  ASSERT_TRUE(queue.push(event("new", kStart + seconds(30)), kStart + minutes(10)));
  EXPECT_TRUE(queue.take_expired(kStart + seconds(60), seconds(60)).empty());
  const auto expired = queue.take_expired(kStart + seconds(61), seconds(60));
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0].request_id, "old");
  EXPECT_EQ(queue.size(), 1u);
}

TEST(EventQueue, IsBoundedByCountAndBytes) {
  EventQueue queue;
  for (std::size_t i = 0; i < EventQueue::kMaxEvents; ++i) {
    ASSERT_TRUE(queue.push(event("x"), kStart));
  }
  EXPECT_FALSE(queue.push(event("y"), kStart));
  ASSERT_TRUE(queue.take(kStart));
  EXPECT_TRUE(queue.push(event("y"), kStart));
  EventQueue large;
  QueuedEvent big = event("big");
  big.payload.assign(EventQueue::kMaxBytes / 2 + 1, ' ');
  EXPECT_TRUE(large.push(big, kStart));
  EXPECT_FALSE(large.push(big, kStart));
}

TEST(EventQueue, PausesAsLambdaDoes) {
  EXPECT_EQ(EventQueue::pause_after_failure(1, minutes(1)), minutes(1));
  EXPECT_EQ(EventQueue::pause_after_failure(2, minutes(1)), minutes(2));
  EXPECT_EQ(EventQueue::pause_after_throttle(0), seconds(1));
  EXPECT_EQ(EventQueue::pause_after_throttle(3), seconds(8));
  EXPECT_EQ(EventQueue::pause_after_throttle(40), minutes(5));
}

}  // namespace
}  // namespace slsart::provider::emulated
