// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "metrics/histogram.h"
#include "metrics/registry.h"

namespace slsart::metrics {

// The measurements of one second of one worker, as plain arrays by id.
//
// An event is whatever is counted or recorded, but for histograms named "slsart.*": the generator
// fills some of them (loop lag) while nothing happens.
struct Interval {
  std::int64_t second = 0;        // since the start of the run; the first is 0
  std::int64_t until_second = 1;  // this worker's seconds before this one are all sealed
  core::Duration first_event{};   // since the start of the run; of the events recorded in it
  core::Duration last_event{};
  bool empty = true;                    // no event
  std::vector<std::uint64_t> counters;  // by CounterId, late ones behind the registry's
  std::vector<std::unique_ptr<Histogram>> histograms;  // by HistogramId; null or empty: no sample
};

// What one worker records into: the interval of the present second in a short ring. Belongs to its
// worker's thread; only take_sealed() may be called by one other thread, the collector's.
//
// The collector may be late: when the ring is full the worker goes on in its newest interval, whose
// `second` then stays behind; nothing is lost, only coarser.
class Recorder {
 public:
  // Requires: registry outlives the recorder and is not changed any more.
  Recorder(const Registry& registry, core::TimePoint run_start);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Tells the time of the event that is being handled; seals the interval when its second is over.
  // Call once per loop event, before recording, and about once a second when nothing happens. Times
  // before run_start count into second 0.
  void advance(core::TimePoint now);

  void count(CounterId id, std::uint64_t by = 1);
  void record(HistogramId id, core::Duration value) { record_value(id, value.count()); }
  // A plain value, in millionths.
  void record_value(HistogramId id, std::int64_t value);

  // Ids for names first seen during the run (a status code, an error text, a hook's counter). The
  // table is bounded (kMaxLateNames each of counters and histograms); the overflow shares one name,
  // "slsart.other". Names longer than kMaxNameBytes are cut. A name the registry knows has the
  // registry's id. May allocate; callers keep the id.
  static constexpr std::size_t kMaxLateNames = 2000;
  static constexpr std::size_t kMaxNameBytes = 1024;
  CounterId late_counter(std::string_view name, Kind kind = Kind::kCounter);
  HistogramId late_histogram(std::string_view name);

  // Seals what is there, at the end of the worker; nothing may be recorded afterwards. Its interval
  // has the largest possible `until_second`.
  void finish();

  // Collector's thread: hands every sealed interval to `take` in order, with the names of this
  // worker's late metrics, then frees it for the worker. Returns how many.
  struct Sealed {
    const Interval& interval;
    std::span<const Registry::CounterInfo> late_counters;  // ids continue after the registry's
    std::span<const std::string> late_histograms;
  };
  std::size_t take_sealed(const std::function<void(const Sealed&)>& take);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace slsart::metrics
