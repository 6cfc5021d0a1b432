#pragma once

#include <cstddef>
#include <string>

#include "core/time.h"
#include "metrics/document.h"

namespace slsart::report {

// What one frame of the live view shows; plain data, filled by whoever runs the load.
struct LiveFrame {
  core::Duration elapsed{};
  core::Duration planned{};             // of the phases; 0: unknown
  std::string phase;                    // name or number of the present phase
  std::uint64_t users_active = 0;
  std::uint64_t arrivals_done = 0;
  std::uint64_t arrivals_planned = 0;
  metrics::Snapshot last_second;
  metrics::Snapshot total;              // only counters and the named histograms are read
  bool draining = false;                // the phases are over, users finish
};

// A few lines redrawn in place: progress bar, rates, percentiles, status codes, errors. Pure: text in,
// text out; the caller writes it. Honours the terminal's width.
class LiveView {
 public:
  LiveView(std::size_t columns, bool colour);
  // Escape sequences that replace the former frame by this one.
  std::string draw(const LiveFrame& frame);
  // Removes the frame (before other text is printed).
  std::string clear();

 private:
  std::size_t columns_;
  bool colour_;
  std::size_t lines_ = 0;
};

}  // namespace slsart::report
