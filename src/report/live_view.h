#pragma once

#include <cstddef>
#include <string>

#include "core/time.h"
#include "metrics/document.h"

namespace slsart::report {

// What one frame of the live view shows; plain data, filled by whoever runs the load.
struct LiveFrame {
  core::Duration elapsed{};
  core::Duration planned{};  // of the phases; 0: unknown
  std::string phase;         // name or number of the present phase
  std::uint64_t users_active = 0;
  std::uint64_t arrivals_done = 0;
  std::uint64_t arrivals_planned = 0;
  metrics::Snapshot last_second;
  metrics::Snapshot total;  // only counters are read
  bool draining = false;    // the phases are over, users finish
};

enum class Glyphs { kUnicode, kAscii };

// A few lines redrawn in place: progress bar, rates, percentiles, status codes, errors. Pure: text
// in, text out; the caller writes it. No line ever reaches the terminal's last column, so none
// wraps; what does not fit is cut or left out. Without colour the bar is ASCII.
//
//   [=========>          ]  45%  00:27 / 01:00  warm up
//   users 12 active, 270 of 600 started
//   last second 540/s  p50 1.2 ms  p95 3.4 ms  p99 9.9 ms
//   codes 200: 14000  503: 12
//   errors 15  ETIMEDOUT: 12  ECONNRESET: 3
class LiveView {
 public:
  LiveView(std::size_t columns, bool colour, Glyphs glyphs = Glyphs::kUnicode);
  // Escape sequences that replace the former frame by this one.
  std::string draw(const LiveFrame& frame);
  // Removes the frame (before other text is printed).
  std::string clear();

 private:
  std::size_t columns_;
  bool colour_;
  Glyphs glyphs_;
  std::size_t lines_ = 0;
};

}  // namespace slsart::report
