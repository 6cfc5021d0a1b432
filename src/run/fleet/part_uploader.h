#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "core/time.h"
#include "metrics/document.h"
#include "run/store.h"

namespace slsart::run::fleet {

// Slots of time by which deltas are named, so that a reader goes on where it was.
inline constexpr core::Duration kSlot = std::chrono::seconds(5);
std::uint64_t slot_of(core::WallTime time);

// Stores what an executor measures, part by part, from a thread of its own: a slow store never
// holds up the load. A part that cannot be stored is tried again until finish() gives up. Parts
// keep their order.
class PartUploader {
 public:
  // `offset` is added to the clock's wall time (StoreClock::offset).
  PartUploader(Store& store, std::string run, std::uint32_t chunk, std::uint32_t count,
               const core::Clock& clock, core::Duration offset);
  ~PartUploader();

  // Any thread, in order. Blocks only for encoding.
  void add(const metrics::RunDocument& document, bool is_last);
  // Waits until everything is stored, at most until `latest` (of the clock). Ends the thread.
  // Returns how many parts could not be stored.
  std::size_t finish(core::TimePoint latest);
  std::uint32_t parts() const { return number_; }

 private:
  struct Part {
    std::uint32_t number = 0;
    std::string bytes;
  };
  void work();
  bool store_one(const Part& part);

  Store& store_;
  const std::string run_;
  const std::uint32_t chunk_, count_;
  const core::Clock& clock_;
  const core::Duration offset_;
  std::uint32_t number_ = 0;
  std::size_t failed_ = 0;  // could not be encoded

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Part> waiting_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace slsart::run::fleet
