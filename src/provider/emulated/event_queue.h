#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"

namespace slsart::provider::emulated {

// An event of an asynchronous invocation.
struct QueuedEvent {
  std::string request_id;
  std::string payload;
  core::TimePoint accepted{};
  std::uint32_t failures = 0;   // of the function, so far
  std::uint32_t throttles = 0;  // in a row
};

// Lambda's queue of asynchronous invocations: events become due, those that are too old are
// dropped. Bounded; what is refused is answered to whoever invokes. Pure.
class EventQueue {
 public:
  static constexpr std::size_t kMaxEvents = 100'000;
  static constexpr std::size_t kMaxBytes = std::size_t{512} << 20;

  // False: the queue is full.
  bool push(QueuedEvent event, core::TimePoint due);
  // The one that has been due for the longest.
  std::optional<QueuedEvent> take(core::TimePoint now);
  // Those accepted more than `max_age` ago; they are in the queue no more.
  std::vector<QueuedEvent> take_expired(core::TimePoint now, core::Duration max_age);
  // How long to wait after the function failed or was throttled: 1 and 2 minutes (`minute` is
  // shorter in tests), or 1 s to 5 minutes, doubled each time.
  static core::Duration pause_after_failure(std::uint32_t failures, core::Duration minute);
  static core::Duration pause_after_throttle(std::uint32_t throttles);

  std::optional<core::TimePoint> next_due() const;
  std::size_t size() const { return events_.size(); }

 private:
  std::multimap<core::TimePoint, QueuedEvent> events_;  // by when they are due
  std::size_t bytes_ = 0;
};

}  // namespace slsart::provider::emulated
