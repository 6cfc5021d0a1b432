#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace slsart::run {

// What came of asking for one executor.
struct Dispatched {
  enum class Outcome {
    kAccepted,   // it starts, or has been queued to start
    kThrottled,  // refused for the moment, certainly not started: may be asked again
    kUnknown,    // the answer was lost: it may start. Never asked again; claims tell
    kRefused,    // for good: `reason` says why
  };
  Outcome outcome = Outcome::kAccepted;
  std::string reason;            // for people; empty when accepted
  core::Duration retry_after{};  // with kThrottled: not sooner; 0: as the caller likes
};

// Starts executors of chunks elsewhere: emulated Lambda, Lambda; a scripted fake in tests. One
// thread.
class Dispatcher {
 public:
  virtual ~Dispatcher() = default;

  // Hands out one event each (JSON, at most 200 KB), asynchronously: returns when each has its
  // outcome, in the order of the events. Several go out at a time, as many as the provider takes.
  virtual std::vector<Dispatched> start(std::span<const std::string> events) = 0;

  // Runs one executor and waits for its answer (JSON text), at most `limit`. Errors: kIo, it did
  // not start or its answer was lost; kInterrupted, it was over the time; kUnsupported, it failed
  // and the message is its own.
  virtual core::Result<std::string> call(const std::string& event, core::Duration limit) = 0;

  struct Capacity {
    std::uint32_t at_once = 0;    // executors that may run at the same time, now
    std::uint32_t per_ten_s = 0;  // how fast that number may grow
  };
  virtual core::Result<Capacity> capacity() = 0;
};

}  // namespace slsart::run
