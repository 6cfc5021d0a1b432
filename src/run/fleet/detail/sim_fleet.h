#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/digest.h"
#include "metrics/stored_document.h"
#include "plan/schedule.h"
#include "run/deployment.h"
#include "run/dispatcher.h"
#include "run/fleet/claim.h"
#include "run/fleet/detail/memory_store.h"
#include "run/fleet/envelope.h"
#include "run/fleet/final_state.h"
#include "run/fleet/keys.h"
#include "run/fleet/part_uploader.h"
#include "run/fleet/store_clock.h"
#include "run/fleet/worker.h"

// For tests: executors that follow the rules of worker.h by a clock that stands still until told
// otherwise, and fire into counters instead of a network.
namespace slsart::run::fleet::detail {

// Somebody's own clock: another one, moved.
class ShiftedClock final : public core::Clock {
 public:
  ShiftedClock(const core::Clock& base, core::Duration by) : base_(base), by_(by) {}
  core::TimePoint now() const override { return base_.now(); }
  core::WallTime wall_now() const override { return base_.wall_now() + by_; }

 private:
  const core::Clock& base_;
  core::Duration by_;
};

// What was fired in each second of the world's time.
struct Fired {
  std::map<std::int64_t, std::int64_t> by_second;
  std::int64_t total = 0;
};

class SimWorker {
 public:
  SimWorker(Envelope envelope, const core::Clock& world, core::Duration clock_offset,
            core::WallTime begins, Store& store, const plan::Schedule& schedule, Fired& fired)
      : envelope_(std::move(envelope)),
        world_(world),
        own_(world, clock_offset),
        clock_(own_),
        begins_(begins),
        store_(store),
        fired_(fired),
        nonce_(core::random_name(12)) {
    if (envelope_.chunk) find_arrivals(schedule);
  }

  void kill() { state_ = State::kOver; }
  bool is_over() const { return state_ == State::kOver; }
  bool is_firing() const { return state_ == State::kFiring; }

  void tick() {
    if (state_ == State::kOver || world_.wall_now() < std::max(begins_, again_)) return;
    if (state_ == State::kAsking) ask();
    if (state_ == State::kFiring) fire();
    if (state_ == State::kStoring) store_rest();
  }

 private:
  enum class State { kAsking, kFiring, kStoring, kOver };

  void find_arrivals(const plan::Schedule& schedule) {
    const plan::Chunk& chunk = *envelope_.chunk;
    for (const plan::ArrivalRange& range : chunk.ranges) {
      const plan::Schedule::Phase& phase = schedule.phases()[range.phase];
      for (std::int64_t i = range.first; i < range.last; ++i) {
        if (i % chunk.stripe.n == chunk.stripe.k)
          due_.push_back(phase.start + phase.arrivals.due(i - phase.first_arrival));
      }
    }
  }

  void try_again() {
    again_ = world_.wall_now() + core::kSecond;
    if (++attempts_ >= 8) state_ = State::kOver;
  }

  void ask() {
    const auto reason = reason_to_refuse(envelope_, store_, clock_);
    if (!reason) return try_again();
    if (!reason->empty()) return refuse();
    const Claim claim{.nonce = nonce_, .request_id = "r", .at = clock_.now(), .deadline = {}};
    const auto claimed =
        claim_part(store_, keys::claim(envelope_.run, envelope_.part()), claim, 1, [] {});
    if (!claimed) return try_again();
    if (*claimed == Claimed::kTaken) return refuse();
    clock_.compare(store_);
    start_ = envelope_.start.value_or(clock_.now());
    next_part_ = next_look_ = clock_.now();
    state_ = envelope_.chunk ? State::kFiring : State::kStoring;
  }

  void refuse() {
    (void)store_.put(keys::refusal(envelope_.run, envelope_.part(), nonce_), "{}");
    state_ = State::kOver;
  }

  void fire() {
    const core::WallTime now = clock_.now();
    for (; next_ < due_.size() && start_ + due_[next_] <= now; ++next_) {
      if (now - (start_ + due_[next_]) > core::kSecond) continue;  // missed
      ++fired_.total;
      ++fired_.by_second[world_second()];
      ++created_[std::chrono::floor<std::chrono::seconds>(due_[next_]).count()];
    }
    if (now >= next_look_) {
      next_look_ = now + std::chrono::seconds(2);
      const auto mark = store_.get(keys::stop(envelope_.run));
      if (mark && *mark) ending_ = "stopped";
    }
    const bool is_last = next_ == due_.size() || ending_ == "stopped";
    if (is_last || now >= next_part_) {
      make_part(is_last, now);
      next_part_ = now + std::chrono::seconds(2);
    }
    if (is_last) state_ = State::kStoring;
    store_one();
  }

  std::int64_t world_second() const {
    return std::chrono::floor<std::chrono::seconds>(world_.wall_now()).time_since_epoch().count();
  }

  void make_part(bool is_last, core::WallTime now) {
    metrics::RunDocument document;
    document.run_id = envelope_.run;
    document.script_name = "sim.yml";
    document.version = "test";
    document.started = start_;
    document.elapsed = std::max<core::Duration>(core::Duration::zero(), now - start_);
    const auto open = std::chrono::floor<std::chrono::seconds>(document.elapsed).count();
    for (auto at = created_.begin(); at != created_.end();) {
      if (!is_last && at->first >= open - 1) break;
      metrics::Window window{.from_second = at->first, .to_second = at->first + 1, .snapshot = {}};
      window.snapshot.counters["vusers.created"] = at->second;
      window.snapshot.first_event = window.snapshot.last_event = std::chrono::seconds(at->first);
      document.series.push_back(std::move(window));
      at = created_.erase(at);
    }
    const plan::Chunk& chunk = *envelope_.chunk;
    const auto bytes = metrics::encode_document(
        document,
        {.worker = chunk.index, .workers = chunk.count, .number = parts_, .is_last = is_last});
    SLSART_CHECK(bytes.has_value());
    waiting_.emplace_back(parts_++, *bytes);
  }

  void store_one() {
    if (waiting_.empty()) return;
    const auto& [number, bytes] = waiting_.front();
    const std::string key =
        keys::delta(envelope_.run, slot_of(clock_.now()), envelope_.chunk->index, number);
    if (store_.put(key, bytes)) waiting_.pop_front();
  }

  void store_rest() {
    store_one();
    if (!waiting_.empty()) return;
    const FinalState state{.parts = parts_, .ending = ending_, .failure = {}, .at = clock_.now()};
    if (store_.put(keys::final_state(envelope_.run, envelope_.part()), to_json(state)))
      state_ = State::kOver;
  }

  const Envelope envelope_;
  const core::Clock& world_;
  const ShiftedClock own_;
  StoreClock clock_;
  const core::WallTime begins_;
  core::WallTime again_{}, start_{}, next_part_{}, next_look_{};
  Store& store_;
  Fired& fired_;
  const std::string nonce_;
  State state_ = State::kAsking;
  int attempts_ = 0;
  std::vector<core::Duration> due_;
  std::size_t next_ = 0;
  std::map<std::int64_t, std::uint64_t> created_;
  std::deque<std::pair<std::uint32_t, std::string>> waiting_;
  std::uint32_t parts_ = 0;
  std::string ending_ = "completed";
};

// A provider with a limit on executors and events that come late, twice or never.
class SimFleet final : public Dispatcher {
 public:
  SimFleet(const core::Clock& world, Store& store, const plan::Schedule& schedule)
      : world_(world), store_(store), schedule_(schedule) {}

  std::size_t most_at_once = 10'000;
  std::function<core::Duration(std::size_t number)> delay = [](std::size_t) {
    return core::kMillisecond * 200;
  };
  std::function<int(std::size_t number)> copies = [](std::size_t) { return 1; };
  std::function<core::Duration(std::size_t number)> clock_offset = [](std::size_t) {
    return core::Duration::zero();
  };
  std::function<bool(std::size_t number)> loses_answer = [](std::size_t) { return false; };
  Fired fired;

  std::vector<Dispatched> start(std::span<const std::string> events) override {
    std::vector<Dispatched> outcomes;
    for (const std::string& event : events) outcomes.push_back(start_one(event));
    return outcomes;
  }
  core::Result<std::string> call(const std::string&, core::Duration) override {
    return core::Error{core::ErrorCode::kUnsupported, "not in tests", {}, {}};
  }
  core::Result<Capacity> capacity() override { return Capacity{}; }

  void tick() {
    for (const auto& worker : workers_) worker->tick();
  }
  std::size_t active() const {
    std::size_t count = 0;
    for (const auto& worker : workers_) count += worker->is_over() ? 0 : 1;
    return count;
  }
  std::vector<std::unique_ptr<SimWorker>>& workers() { return workers_; }
  std::size_t accepted() const { return accepted_; }

 private:
  Dispatched start_one(const std::string& event) {
    if (active() >= most_at_once)
      return {.outcome = Dispatched::Outcome::kThrottled, .reason = "limit", .retry_after = {}};
    const auto value = core::parse_json(event);
    SLSART_CHECK(value.has_value());
    const auto envelope = parse_envelope(*value);
    SLSART_CHECK(envelope.has_value());
    const std::size_t number = accepted_++;
    for (int copy = 0; copy < copies(number); ++copy) {
      workers_.push_back(std::make_unique<SimWorker>(
          *envelope, world_, clock_offset(number),
          world_.wall_now() + delay(number) + copy * std::chrono::milliseconds(700), store_,
          schedule_, fired));
    }
    Dispatched outcome;
    if (loses_answer(number)) outcome.outcome = Dispatched::Outcome::kUnknown;
    return outcome;
  }

  const core::Clock& world_;
  Store& store_;
  const plan::Schedule& schedule_;
  std::vector<std::unique_ptr<SimWorker>> workers_;
  std::size_t accepted_ = 0;
};

}  // namespace slsart::run::fleet::detail
