#include "provider/emulated/event_queue.h"

#include <algorithm>

namespace slsart::provider::emulated {

bool EventQueue::push(QueuedEvent event, core::TimePoint due) {
  if (events_.size() >= kMaxEvents || bytes_ + event.payload.size() > kMaxBytes) return false;
  bytes_ += event.payload.size();
  events_.emplace(due, std::move(event));
  return true;
}

std::optional<QueuedEvent> EventQueue::take(core::TimePoint now) {
  if (events_.empty() || events_.begin()->first > now) return std::nullopt;
  QueuedEvent event = std::move(events_.begin()->second);
  events_.erase(events_.begin());
  bytes_ -= event.payload.size();
  return event;
}

std::vector<QueuedEvent> EventQueue::take_expired(core::TimePoint now, core::Duration max_age) {
  std::vector<QueuedEvent> expired;
  for (auto at = events_.begin(); at != events_.end();) {
    if (now - at->second.accepted <= max_age) {
      ++at;
      continue;
    }
    bytes_ -= at->second.payload.size();
    expired.push_back(std::move(at->second));
    at = events_.erase(at);
  }
  return expired;
}

core::Duration EventQueue::pause_after_failure(std::uint32_t failures, core::Duration minute) {
  return minute * std::max(1u, std::min(failures, 2u));
}

core::Duration EventQueue::pause_after_throttle(std::uint32_t throttles) {
  constexpr core::Duration kMost = std::chrono::minutes(5);
  return std::min(kMost, core::kSecond * (1 << std::min(throttles, 9u)));
}

std::optional<core::TimePoint> EventQueue::next_due() const {
  if (events_.empty()) return std::nullopt;
  return events_.begin()->first;
}

}  // namespace slsart::provider::emulated
