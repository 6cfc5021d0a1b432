// Hot path: see architecture §9
#include "metrics/recorder.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <unordered_map>

#include "core/check.h"

namespace slsart::metrics {
namespace {

constexpr std::size_t kRingSlots = 4;
constexpr std::string_view kOverflowName = "slsart.other";

bool is_own(std::string_view name) {
  return name.starts_with("slsart.");
}

// Cuts a name without leaving half a UTF-8 character.
std::string_view cut(std::string_view name) {
  if (name.size() <= Recorder::kMaxNameBytes) return name;
  std::size_t size = Recorder::kMaxNameBytes;
  while (size > 0 && (static_cast<unsigned char>(name[size]) & 0xc0) == 0x80) --size;
  return name.substr(0, size);
}

// The late names of one worker. `infos` never moves its elements (capacity reserved) and elements
// never change, so the collector may read those before a count it was given while more are added.
template <typename Info>
struct LateNames {
  std::size_t known = 0;  // ids given out by the registry
  std::vector<Info> infos;
  std::unordered_map<std::string, std::uint32_t> ids;

  explicit LateNames(std::size_t registry_size) : known(registry_size) {
    infos.reserve(Recorder::kMaxLateNames + 1);
  }
  std::size_t total() const { return known + infos.size(); }

  // `make` turns a name into the Info of a new entry.
  template <typename Make>
  std::uint32_t intern(std::string_view name, const Make& make) {
    name = cut(name);
    auto found = ids.find(std::string(name));
    if (found != ids.end()) return found->second;
    if (infos.size() >= Recorder::kMaxLateNames) {
      found = ids.find(std::string(kOverflowName));
      if (found != ids.end()) return found->second;
      name = kOverflowName;
    }
    const auto id = static_cast<std::uint32_t>(total());
    infos.push_back(make(std::string(name)));
    ids.emplace(name, id);
    return id;
  }
};

}  // namespace

struct Recorder::State {
  struct Slot {
    Interval interval;
    std::size_t late_counters = 0;  // how many names were known when it was sealed
    std::size_t late_histograms = 0;
  };

  State(const Registry& registry, core::TimePoint run_start);
  void roll();
  void start(std::int64_t second);
  void seal(std::int64_t until_second);
  void touch();

  core::TimePoint run_start;
  core::Duration now{};  // since run_start, not negative
  core::Duration seal_at = core::kSecond;
  Interval* current = nullptr;
  bool finished = false;
  std::vector<std::uint8_t> histogram_is_own;  // by HistogramId
  LateNames<Registry::CounterInfo> counters;
  LateNames<std::string> histograms;

  // Intervals sealed and taken since the start. The slots taken..sealed-1 are the collector's, the
  // slot `sealed` is the one being recorded into; all modulo kRingSlots.
  std::array<Slot, kRingSlots> ring;
  alignas(64) std::atomic<std::uint64_t> sealed{0};
  alignas(64) std::atomic<std::uint64_t> taken{0};
};

Recorder::State::State(const Registry& registry, core::TimePoint start_time)
    : run_start(start_time),
      counters(registry.counters().size()),
      histograms(registry.histograms().size()) {
  for (std::size_t i = 0; i < registry.counters().size(); ++i) {
    counters.ids.emplace(registry.counters()[i].name, static_cast<std::uint32_t>(i));
  }
  for (std::size_t i = 0; i < registry.histograms().size(); ++i) {
    histograms.ids.emplace(registry.histograms()[i], static_cast<std::uint32_t>(i));
    histogram_is_own.push_back(is_own(registry.histograms()[i]));
  }
  start(0);
}

// Opens the slot behind the sealed ones. Requires: it is free.
void Recorder::State::start(std::int64_t second) {
  Interval& interval = ring[sealed.load(std::memory_order_relaxed) % kRingSlots].interval;
  interval.second = second;
  interval.empty = true;
  std::fill(interval.counters.begin(), interval.counters.end(), 0);
  interval.counters.resize(counters.total());
  for (const auto& histogram : interval.histograms) {
    if (histogram) histogram->clear();
  }
  interval.histograms.resize(histograms.total());
  current = &interval;
}

void Recorder::State::seal(std::int64_t until_second) {
  const std::uint64_t index = sealed.load(std::memory_order_relaxed);
  Slot& slot = ring[index % kRingSlots];
  slot.interval.until_second = until_second;
  slot.late_counters = counters.infos.size();
  slot.late_histograms = histograms.infos.size();
  sealed.store(index + 1, std::memory_order_release);
}

// The present second is over.
void Recorder::State::roll() {
  const std::int64_t second = now / core::kSecond;
  seal_at = (second + 1) * core::kSecond;
  const std::uint64_t in_use =
      sealed.load(std::memory_order_relaxed) + 1 - taken.load(std::memory_order_acquire);
  if (in_use >= kRingSlots) return;  // the collector is late: go on in the newest interval
  seal(second);
  start(second);
}

void Recorder::State::touch() {
  if (current->empty) {
    current->empty = false;
    current->first_event = now;
  }
  current->last_event = now;
}

Recorder::Recorder(const Registry& registry, core::TimePoint run_start)
    : state_(std::make_unique<State>(registry, run_start)) {}

Recorder::~Recorder() = default;

void Recorder::advance(core::TimePoint now) {
  State& state = *state_;
  SLSART_DCHECK(!state.finished);
  state.now = std::max(now - state.run_start, core::Duration::zero());
  if (state.now >= state.seal_at) state.roll();
}

void Recorder::count(CounterId id, std::uint64_t by) {
  State& state = *state_;
  SLSART_DCHECK(!state.finished && id.index < state.current->counters.size());
  state.current->counters[id.index] += by;
  state.touch();
}

void Recorder::record_value(HistogramId id, std::int64_t value) {
  State& state = *state_;
  SLSART_DCHECK(!state.finished && id.index < state.current->histograms.size());
  std::unique_ptr<Histogram>& histogram = state.current->histograms[id.index];
  if (!histogram) histogram = std::make_unique<Histogram>(Histogram::make_full_range());
  histogram->record(value);
  if (!state.histogram_is_own[id.index]) state.touch();
}

CounterId Recorder::late_counter(std::string_view name, Kind kind) {
  State& state = *state_;
  const auto make = [kind](std::string text) {
    return Registry::CounterInfo{std::move(text), kind};
  };
  const CounterId id{state.counters.intern(name, make)};
  state.current->counters.resize(state.counters.total());
  return id;
}

HistogramId Recorder::late_histogram(std::string_view name) {
  State& state = *state_;
  const HistogramId id{state.histograms.intern(name, [](std::string text) { return text; })};
  state.current->histograms.resize(state.histograms.total());
  while (state.histogram_is_own.size() < state.histograms.total()) {
    state.histogram_is_own.push_back(is_own(state.histograms.infos.back()));
  }
  return id;
}

void Recorder::finish() {
  State& state = *state_;
  if (state.finished) return;
  state.finished = true;
  state.seal(std::numeric_limits<std::int64_t>::max());
}

std::size_t Recorder::take_sealed(const std::function<void(const Sealed&)>& take) {
  State& state = *state_;
  const std::uint64_t sealed = state.sealed.load(std::memory_order_acquire);
  const std::uint64_t first = state.taken.load(std::memory_order_relaxed);
  for (std::uint64_t index = first; index < sealed; ++index) {
    const State::Slot& slot = state.ring[index % kRingSlots];
    take({.interval = slot.interval,
          .late_counters = {state.counters.infos.data(), slot.late_counters},
          .late_histograms = {state.histograms.infos.data(), slot.late_histograms}});
    state.taken.store(index + 1, std::memory_order_release);
  }
  return static_cast<std::size_t>(sealed - first);
}

}  // namespace slsart::metrics
