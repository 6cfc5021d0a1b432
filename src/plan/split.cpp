#include "plan/split.h"

#include <algorithm>

#include "core/check.h"
#include "plan/sampling_plan.h"

namespace slsart::plan {
namespace {

using core::Duration;

core::Error error_of(core::ErrorCode code, std::string message, std::string hint) {
  return {.code = code, .message = std::move(message), .hint = std::move(hint), .offset = {}};
}

std::string whole_seconds(Duration duration) {
  return std::to_string((duration + core::kSecond - Duration(1)) / core::kSecond);
}

std::int64_t divided_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

// Cuts one schedule into windows, from the front.
class Cutter {
 public:
  Cutter(const script::Script& script, const Schedule& schedule, Duration longest)
      : script_(script), schedule_(schedule), longest_(longest) {}

  std::vector<Window> run() {
    std::vector<Window> windows;
    std::uint32_t chunks = 0;
    for (std::optional<Duration> start = next_start(); start; start = next_start()) {
      Window window = cut(*start);
      SLSART_CHECK(window.arrivals > 0 && window.chunks > 0);
      window.first_chunk = chunks;
      chunks += window.chunks;
      windows.push_back(std::move(window));
      if (chunks > kMostChunks) break;  // make_plan() says so
    }
    return windows;
  }

 private:
  const Schedule::Phase& phase(std::size_t number) const { return schedule_.phases()[number]; }
  Duration end_of(std::size_t number) const { return phase(number).start + phase(number).duration; }
  // Numbers of a phase end here, or where the schedule does.
  std::int64_t last_of(std::size_t number) const {
    return std::min(phase(number).first_arrival + phase(number).arrivals.count(),
                    schedule_.count());
  }

  // Where the first arrival that no window has is due, on a whole second but not before its phase.
  std::optional<Duration> next_start() {
    while (phase_ < schedule_.phases().size() && next_ >= last_of(phase_)) ++phase_;
    if (phase_ == schedule_.phases().size()) return std::nullopt;
    const Schedule::Phase& current = phase(phase_);
    const Duration due = current.start + current.arrivals.due(next_ - current.first_arrival);
    const Duration second = std::chrono::floor<std::chrono::seconds>(due);
    // An arrival at the very end of its phase has its window in the phase all the same.
    return std::max(
        {std::min(second, end_of(phase_) - core::kSecond), current.start, previous_end_});
  }

  Window cut(Duration start) {
    Window window = fill(start, start + longest_);
    // A limit of users that its neighbours' chunks do not fit into: end before or behind its phase.
    if (window.ranges.size() > 1 && window.chunks < wanted_chunks(window)) {
      const std::size_t border = border_of(window);
      window = fill(start, end_of(border));
    }
    const ArrivalRange& last = window.ranges.back();
    next_ = last.last;
    previous_end_ = window.start + window.duration;
    return window;
  }

  // The last phase from the window's first on that goes together with it.
  std::size_t border_of(const Window& window) const {
    std::int64_t peak = 0;
    std::optional<std::int64_t> limit;
    std::size_t border = window.ranges.front().phase;
    for (const ArrivalRange& range : window.ranges) {
      const std::int64_t its_peak = peak_of(range.phase, window.start, window.duration);
      const auto& its_limit = script_.config.phases[range.phase].max_vusers;
      peak = std::max(peak, its_peak);
      if (its_limit) limit = std::min(limit.value_or(*its_limit), *its_limit);
      const bool is_first = range.phase == window.ranges.front().phase;
      if (!is_first && limit && divided_up(peak, rate()) > *limit) break;
      border = range.phase;
    }
    return border;
  }

  std::int64_t rate() const { return script_.split.max_chunk_rate; }

  std::int64_t peak_of(std::size_t number, Duration start, Duration duration) const {
    const Duration from = std::max(start, phase(number).start) - phase(number).start;
    const Duration to = std::min(start + duration, end_of(number)) - phase(number).start;
    return phase(number).arrivals.peak(from, to);
  }

  Window fill(Duration start, Duration end) const {
    Window window{.start = start};
    Duration trimmed = start;
    std::int64_t first = next_;
    for (std::size_t number = phase_; number < schedule_.phases().size(); ++number) {
      const Schedule::Phase& current = phase(number);
      if (current.start >= end && number != phase_) break;
      // What is due exactly at the end of a phase still belongs to it.
      const bool is_whole = end >= end_of(number);
      const std::int64_t last =
          is_whole ? last_of(number)
                   : std::min(last_of(number), current.first_arrival +
                                                   current.arrivals.index_at(end - current.start));
      if (last <= first) continue;
      window.ranges.push_back({.phase = number, .first = first, .last = last});
      trimmed = is_whole ? end_of(number) : end;
      first = last;
    }
    window.duration = trimmed - start;
    count(window);
    return window;
  }

  // ceil(peak / rate), as far as each chunk then has an arrival.
  std::int64_t wanted_chunks(const Window& window) const {
    return std::clamp<std::int64_t>(divided_up(window.peak, rate()), 1, window.arrivals);
  }

  void count(Window& window) const {
    std::int64_t limit = kMostChunks + 1;
    for (const ArrivalRange& range : window.ranges) {
      window.arrivals += range.last - range.first;
      window.peak = std::max(window.peak, peak_of(range.phase, window.start, window.duration));
      if (const auto& users = script_.config.phases[range.phase].max_vusers)
        limit = std::min(limit, *users);
    }
    window.chunks = static_cast<std::uint32_t>(std::min(wanted_chunks(window), limit));
  }

  const script::Script& script_;
  const Schedule& schedule_;
  Duration longest_;
  std::size_t phase_ = 0;  // of the next arrival
  std::int64_t next_ = 0;  // the first that no window has
  Duration previous_end_{};
};

// The highest rate that a phase asks for, in billionths of a user a second; of a Poisson phase the
// mean.
std::int64_t nominal_rate(const script::Phase& phase) {
  if (const auto* constant = std::get_if<script::Constant>(&phase.load))
    return constant->rate.nano_per_second;
  if (const auto* ramp = std::get_if<script::Ramp>(&phase.load))
    return std::max(ramp->from.nano_per_second, ramp->to.nano_per_second);
  if (const auto* count = std::get_if<script::Count>(&phase.load)) {
    const double rate = static_cast<double>(count->arrivals) / core::to_seconds(count->duration);
    return rate > 9e9 ? INT64_MAX : static_cast<std::int64_t>(rate * 1e9);
  }
  return 0;
}

constexpr std::string_view kYesHint = "give --yes if you mean it, or raise _split.";

core::Result<void> check_limits(const script::Script& script, const Schedule& schedule,
                                const PlanOptions& options) {
  constexpr std::int64_t kNano = 1'000'000'000;
  const script::SplitSettings& split = script.split;
  std::int64_t highest = 0;
  for (const script::Phase& phase : script.config.phases)
    highest = std::max(highest, nominal_rate(phase));
  const auto rate_error = [&](std::int64_t limit, std::string hint) {
    const std::int64_t rate = highest / kNano + (highest % kNano != 0 ? 1 : 0);
    return error_of(core::ErrorCode::kLimit,
                    "The maximum requests per second of any script phase cannot exceed " +
                        std::to_string(limit) + ", this script has " + std::to_string(rate),
                    std::move(hint));
  };
  const auto duration_error = [&](Duration limit, std::string hint) {
    return error_of(core::ErrorCode::kLimit,
                    "The total duration in seconds of all script phases cannot exceed " +
                        whole_seconds(limit) + ", this script has " +
                        whole_seconds(schedule.duration()),
                    std::move(hint));
  };
  if (highest > script::kHighestRate * kNano) {
    return rate_error(script::kHighestRate, "no run may be above it; run several");
  }
  if (schedule.duration() > script::kLongestRun)
    return duration_error(script::kLongestRun, "no run may be longer");
  if (options.is_confirmed) return {};
  if (highest > split.max_script_rate * kNano) {
    return rate_error(split.max_script_rate,
                      std::string(kYesHint) + "maxScriptRequestsPerSecond (50,000 at most)");
  }
  if (schedule.duration() > split.max_script_duration) {
    return duration_error(split.max_script_duration,
                          std::string(kYesHint) + "maxScriptDurationInSeconds (518,400 at most)");
  }
  return {};
}

// How long windows may be so that an executor outlives its users; notes what is unusual.
core::Result<Duration> longest_window(Plan& plan, const PlanOptions& options) {
  const Duration wanted = plan.settings.max_chunk_duration;
  if (!options.timeout) return wanted;
  if (!plan.tail.is_known) {
    plan.notes.push_back(
        "The script does not tell how long its users may take (an endless loop, or a think or "
        "count with a variable); those that are not done when their function has to end are "
        "counted as unfinished.");
  }
  const Duration around = plan.settings.time_buffer + options.flush;
  const Duration room =
      std::chrono::floor<std::chrono::seconds>(*options.timeout - around - plan.tail.duration);
  if (room >= wanted) return wanted;
  const std::string users = "users may take " + whole_seconds(plan.tail.duration) +
                            " s, and functions end after " + whole_seconds(*options.timeout) + " s";
  if (room >= kShortestWindow) {
    plan.notes.push_back("Windows were shortened to " + whole_seconds(room) + " s: " + users + ".");
    return room;
  }
  const std::string hint =
      "raise the function's timeout in serverless.yml (900 s at most) or make the users shorter";
  const Duration without_tail = std::chrono::floor<std::chrono::seconds>(*options.timeout - around);
  if (without_tail < kShortestWindow) {
    return error_of(core::ErrorCode::kLimit,
                    "functions end after " + whole_seconds(*options.timeout) +
                        " s, which leaves no time for load between the start (" +
                        whole_seconds(plan.settings.time_buffer) + " s early) and the result (" +
                        whole_seconds(options.flush) + " s)",
                    "raise the function's timeout in serverless.yml");
  }
  if (!options.is_confirmed) {
    return error_of(core::ErrorCode::kLimit,
                    users + ": no window of at least " + whole_seconds(kShortestWindow) + " s fits",
                    hint + "; with --yes such users are cut off");
  }
  plan.notes.push_back("Users will be cut off: " + users + ".");
  return std::min(wanted, std::max(kShortestWindow, without_tail / 2));
}

}  // namespace

Chunk Plan::chunk(std::uint32_t index) const {
  SLSART_CHECK(index < chunk_count);
  const auto after =
      std::upper_bound(windows.begin(), windows.end(), index,
                       [](std::uint32_t i, const Window& one) { return i < one.first_chunk; });
  const Window& window = *(after - 1);
  const std::uint32_t k = index - window.first_chunk;
  Chunk chunk{.index = index,
              .count = chunk_count,
              .window = static_cast<std::uint32_t>(after - windows.begin() - 1),
              .start = window.start,
              .duration = window.duration,
              .ranges = window.ranges,
              .stripe = {.k = k, .n = window.chunks},
              .scenario = {}};
  if (is_sampling(mode)) chunk.scenario = k;
  return chunk;
}

namespace {

// When the last executor of a window has ended, at the latest.
Duration end_of_life(const Window& window, const Plan& plan, const PlanOptions& options) {
  const Duration end = window.start + window.duration + plan.tail.duration + options.flush;
  if (!options.timeout) return end;
  const Duration killed = window.start - plan.settings.time_buffer + *options.timeout;
  return plan.tail.is_known ? std::min(end, killed) : killed;
}

std::uint32_t count_at_once(const Plan& plan, const PlanOptions& options) {
  std::uint32_t most = 0;
  std::uint32_t alive = 0;
  std::size_t oldest = 0;
  for (const Window& window : plan.windows) {
    const Duration begins = window.start - plan.settings.time_buffer;
    alive += window.chunks;
    while (&plan.windows[oldest] != &window &&
           end_of_life(plan.windows[oldest], plan, options) <= begins)
      alive -= plan.windows[oldest++].chunks;
    most = std::max(most, alive);
  }
  return most;
}

}  // namespace

core::Result<Plan> make_plan(const script::Script& script, const Schedule& schedule,
                             const PlanOptions& options) {
  Plan plan;
  plan.mode = script.mode;
  plan.settings = script.split;
  plan.duration = schedule.duration();
  plan.arrivals = schedule.count();
  plan.tail = longest_flow(script);
  if (schedule.count() == 0) {
    return error_of(core::ErrorCode::kInvalidInput,
                    "the phases start no users: rate and duration make less than one",
                    "a rate of 0.1 needs ten seconds for its first user");
  }
  if (auto within = check_limits(script, schedule, options); !within)
    return std::move(within).error();
  if (is_sampling(script.mode)) {
    plan.windows = {sampling_window(script, schedule)};
  } else {
    const core::Result<Duration> longest = longest_window(plan, options);
    if (!longest) return longest.error();
    plan.windows = Cutter(script, schedule, *longest).run();
  }
  const Window& last = plan.windows.back();
  plan.chunk_count = last.first_chunk + last.chunks;
  if (plan.chunk_count > kMostChunks) {
    return error_of(core::ErrorCode::kLimit,
                    "this run would need more than " + std::to_string(kMostChunks) + " functions",
                    "raise _split.maxChunkRequestsPerSecond or _split.maxChunkDurationInSeconds");
  }
  for (const Window& window : plan.windows) plan.peak = std::max(plan.peak, window.peak);
  plan.most_at_once = count_at_once(plan, options);
  return plan;
}

std::int64_t share_of(std::int64_t max_vusers, const Stripe& stripe) {
  return max_vusers / stripe.n + (stripe.k < max_vusers % stripe.n ? 1 : 0);
}

}  // namespace slsart::plan
