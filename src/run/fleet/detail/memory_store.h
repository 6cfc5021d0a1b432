#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "run/store.h"

namespace slsart::run::fleet::detail {

// For tests: a store in memory that fails as it is told. Any thread.
class MemoryStore final : public Store {
 public:
  explicit MemoryStore(const core::Clock& clock) : clock_(clock) {}

  // What is to become of a call; `operation` is "put", "put_if_absent", "get", "list", "remove".
  enum class Fault {
    kNone,
    kFails,       // nothing is done, an error is answered
    kLostAnswer,  // done, but an error is answered
  };
  std::function<Fault(std::string_view operation, std::string_view key)> fault;
  core::Duration clock_offset{};  // of the store's clock

  core::Result<void> put(std::string_view key, std::string_view bytes) override {
    return act("put", key, [&] { objects_[std::string(key)] = bytes; });
  }
  core::Result<Put> put_if_absent(std::string_view key, std::string_view bytes) override {
    Put put = Put::kExists;
    const auto done = act("put_if_absent", key, [&] {
      put = objects_.emplace(key, bytes).second ? Put::kStored : Put::kExists;
    });
    if (!done) return done.error();
    return put;
  }
  core::Result<std::optional<std::string>> get(std::string_view key) override {
    std::optional<std::string> bytes;
    const auto done = act("get", key, [&] {
      const auto found = objects_.find(key);
      if (found != objects_.end()) bytes = found->second;
    });
    if (!done) return done.error();
    return bytes;
  }
  core::Result<std::vector<Entry>> list(std::string_view prefix, std::string_view after) override {
    std::vector<Entry> entries;
    const auto done = act("list", prefix, [&] {
      auto at = after > prefix ? objects_.upper_bound(after) : objects_.lower_bound(prefix);
      for (; at != objects_.end() && at->first.starts_with(prefix); ++at) {
        if (entries.size() == kMaxListed) break;
        entries.push_back({.key = at->first, .size_bytes = at->second.size()});
      }
    });
    if (!done) return done.error();
    return entries;
  }
  core::Result<void> remove(std::string_view key) override {
    return act("remove", key, [&] {
      const auto found = objects_.find(key);
      if (found != objects_.end()) objects_.erase(found);
    });
  }
  std::optional<core::WallTime> store_time() const override {
    return clock_.wall_now() + clock_offset;
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return objects_.size();
  }
  std::size_t count(std::string_view prefix) const {
    const std::lock_guard lock(mutex_);
    std::size_t found = 0;
    for (auto at = objects_.lower_bound(prefix);
         at != objects_.end() && at->first.starts_with(prefix); ++at)
      ++found;
    return found;
  }

 private:
  template <typename Action>
  core::Result<void> act(std::string_view operation, std::string_view key, const Action& action) {
    const std::lock_guard lock(mutex_);
    const Fault what = fault ? fault(operation, key) : Fault::kNone;
    if (what != Fault::kFails) action();
    if (what == Fault::kNone) return {};
    return core::Error{core::ErrorCode::kIo, "the store cannot be reached (test)", {}, {}};
  }

  const core::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> objects_;
};

}  // namespace slsart::run::fleet::detail
