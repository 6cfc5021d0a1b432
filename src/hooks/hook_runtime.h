#pragma once

#include <string_view>

#include "core/time.h"
#include "core/value.h"
#include "hooks/frame.h"

namespace slsart::hooks {

// Hears what a runtime has to say. Called on the loop's thread.
class RuntimeListener {
 public:
  virtual ~RuntimeListener() = default;
  // A frame of answers and events (frame.h), any JSON value: who wrote it is not to be trusted.
  // Values may be moved out of it.
  virtual void on_frame(core::Value& frame) = 0;
  // All calls under way are lost, and everything the runtime knew; it may be called again at once.
  virtual void on_lost(std::string_view reason) = 0;
};

// The seam to whatever runs the user's functions. One per worker, on the worker's thread.
class HookRuntime {
 public:
  virtual ~HookRuntime() = default;
  // Where messages are written; they travel with the next flush().
  virtual FrameWriter& writer() = 0;
  // Sends what was written as far as it can go without waiting; the rest follows by itself.
  virtual void flush() = 0;
  // When the runtime was last heard of.
  virtual core::TimePoint last_heard() const = 0;
  // Gives up a runtime that does not answer any more; on_lost() follows.
  virtual void give_up(std::string_view reason) = 0;
};

}  // namespace slsart::hooks
