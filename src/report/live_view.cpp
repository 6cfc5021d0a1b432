#include "report/live_view.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/detail/figures.h"
#include "report/detail/text.h"

namespace slsart::report {
namespace {

constexpr std::size_t kMaxErrors = 3;
constexpr std::size_t kMaxCodes = 8;
constexpr std::size_t kMaxBar = 30;
constexpr std::size_t kMinCut = 6;

enum class Colour { kNone, kDim, kGreen, kRed };

// One line of the view: pieces are added while they fit.
class Line {
 public:
  Line(std::size_t columns, bool colour) : left_(columns), colour_(colour) {}

  // A piece that is left out, with all that follow, when it does not fit.
  void add(std::string_view text, Colour colour = Colour::kNone) {
    if (is_full_ || columns_of(text) > left_) {
      is_full_ = true;
      return;
    }
    append(text, colour);
  }
  // A piece that may be cut, if enough of it is left to be read.
  void add_cut(std::string_view text, Colour colour = Colour::kNone) {
    if (is_full_ || (columns_of(text) > left_ && left_ < kMinCut)) return;
    append(fitted(text, left_), colour);
  }
  const std::string& text() const { return text_; }

 private:
  void append(std::string_view text, Colour colour) {
    left_ -= columns_of(text);
    if (!colour_ || colour == Colour::kNone) {
      text_ += text;
      return;
    }
    text_ += colour == Colour::kDim     ? "\x1b[2m"
             : colour == Colour::kGreen ? "\x1b[32m"
                                        : "\x1b[31m";
    text_ += text;
    text_ += "\x1b[0m";
  }

  std::string text_;
  std::size_t left_;
  bool colour_;
  bool is_full_ = false;
};

// "01:05", "1:01:05".
std::string minutes_text(core::Duration duration) {
  const std::int64_t seconds = duration / core::kSecond;
  const auto two = [](std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  const std::int64_t hours = seconds / 3600;
  return (hours > 0 ? std::to_string(hours) + ":" : "") + two(seconds / 60 % 60) + ":" +
         two(seconds % 60);
}

double share_done(const LiveFrame& frame) {
  if (frame.draining) return 1;
  if (frame.planned <= core::Duration::zero()) return 0;
  return std::clamp(core::to_seconds(frame.elapsed) / core::to_seconds(frame.planned), 0.0, 1.0);
}

void add_bar(const LiveFrame& frame, std::size_t width, Glyphs glyphs, Line& line) {
  const auto filled = static_cast<std::size_t>(share_done(frame) * static_cast<double>(width));
  const bool is_unicode = glyphs == Glyphs::kUnicode;
  std::string done;
  for (std::size_t i = 0; i < filled; ++i) done += is_unicode ? "\u2588" : "=";
  std::string rest;
  for (std::size_t i = filled; i < width; ++i) {
    rest += is_unicode ? "\u2591" : i == filled ? ">" : " ";
  }
  line.add(is_unicode ? "" : "[");
  line.add(done, Colour::kGreen);
  line.add(rest, Colour::kDim);
  line.add(is_unicode ? "" : "]");
}

Line progress_line(const LiveFrame& frame, Glyphs glyphs, Line line, std::size_t columns) {
  if (frame.planned > core::Duration::zero()) {
    add_bar(frame, std::clamp<std::size_t>(columns / 4, 4, kMaxBar), glyphs, line);
    const std::string percent = fixed(std::floor(share_done(frame) * 100), 0);
    line.add(std::string(5 - std::min<std::size_t>(percent.size(), 5), ' ') + percent + "%  ");
  }
  line.add(minutes_text(frame.elapsed));
  if (frame.planned > core::Duration::zero()) line.add(" / " + minutes_text(frame.planned));
  line.add("  ");
  line.add_cut(frame.draining ? "waiting for the last users" : printable(frame.phase));
  return line;
}

Line users_line(const LiveFrame& frame, Line line) {
  line.add("users " + std::to_string(frame.users_active) + " active");
  line.add(", " + std::to_string(frame.arrivals_done));
  if (frame.arrivals_planned > 0) line.add(" of " + std::to_string(frame.arrivals_planned));
  line.add(" started");
  return line;
}

Line rates_line(const LiveFrame& frame, Line line) {
  line.add("last second " + std::to_string(frame.last_second.counter("http.requests")) + "/s");
  const metrics::Histogram* latency = frame.last_second.histogram("http.response_time");
  if (latency == nullptr || latency->count() == 0) return line;
  const Figures figures = figures_of(*latency);
  line.add("  p50 " + fixed(figures.median, 1) + " ms");
  line.add("  p95 " + fixed(figures.p95, 1) + " ms");
  line.add("  p99 " + fixed(figures.p99, 1) + " ms");
  return line;
}

struct Named {
  std::string name;
  std::uint64_t count;
};

std::vector<Named> counters_under(const metrics::Snapshot& total, std::string_view prefix) {
  std::vector<Named> out;
  for (auto it = total.counters.lower_bound(prefix);
       it != total.counters.end() && it->first.starts_with(prefix); ++it) {
    if (it->second > 0) out.push_back({printable(it->first.substr(prefix.size())), it->second});
  }
  return out;
}

Line codes_line(const std::vector<Named>& codes, Line line) {
  line.add("codes");
  for (std::size_t i = 0; i < codes.size() && i < kMaxCodes; ++i) {
    const bool is_failure = codes[i].name >= "4";
    line.add((i == 0 ? " " : "  ") + codes[i].name + ": " + std::to_string(codes[i].count),
             is_failure ? Colour::kRed : Colour::kNone);
  }
  return line;
}

Line errors_line(std::vector<Named> errors, Line line) {
  std::uint64_t sum = 0;
  for (const Named& error : errors) sum += error.count;
  std::stable_sort(errors.begin(), errors.end(),
                   [](const Named& a, const Named& b) { return a.count > b.count; });
  line.add("errors " + std::to_string(sum), Colour::kRed);
  for (std::size_t i = 0; i < errors.size() && i < kMaxErrors; ++i) {
    const std::string count = ": " + std::to_string(errors[i].count);
    line.add("  " + fitted(errors[i].name, 30) + count);
  }
  return line;
}

}  // namespace

LiveView::LiveView(std::size_t columns, bool colour, Glyphs glyphs)
    : columns_(std::max<std::size_t>(columns, 2)),
      colour_(colour),
      glyphs_(colour ? glyphs : Glyphs::kAscii) {}

std::string LiveView::draw(const LiveFrame& frame) {
  const Line empty(columns_ - 1, colour_);
  std::vector<Line> lines{progress_line(frame, glyphs_, empty, columns_), users_line(frame, empty),
                          rates_line(frame, empty)};
  const std::vector<Named> codes = counters_under(frame.total, "http.codes.");
  if (!codes.empty()) lines.push_back(codes_line(codes, empty));
  const std::vector<Named> errors = counters_under(frame.total, "errors.");
  if (!errors.empty()) lines.push_back(errors_line(errors, empty));

  std::string out = clear();
  for (const Line& line : lines) out += line.text() + "\n";
  lines_ = lines.size();
  return out;
}

std::string LiveView::clear() {
  if (lines_ == 0) return {};
  const std::string out = "\x1b[" + std::to_string(lines_) + "A\r\x1b[J";
  lines_ = 0;
  return out;
}

}  // namespace slsart::report
