#include "run/fleet/driver.h"

#include <algorithm>

#include "core/digest.h"
#include "core/text.h"
#include "report/ensure.h"
#include "run/fleet/keys.h"

namespace slsart::run::fleet {
namespace {

using core::Value;

// A store that stays away longer than this ends the driving; others may go on.
constexpr core::Duration kStorePatience = std::chrono::minutes(2);
constexpr core::Duration kStoreGap = std::chrono::seconds(5);
constexpr core::Duration kLookAtClaims = std::chrono::seconds(3);
constexpr core::Duration kLookAtFinals = std::chrono::seconds(1);
constexpr core::Duration kLookAtLease = std::chrono::seconds(2);
// After not-after, or a stop, nobody claims any more; but the store's clock and ours differ.
constexpr core::Duration kClaimSlack = std::chrono::seconds(8);
constexpr core::Duration kStopSlack = std::chrono::seconds(5);
// An executor that stores nothing for so long is gone.
constexpr core::Duration kSilence = std::chrono::seconds(30);
constexpr core::Duration kSilenceAfterStop = std::chrono::seconds(15);
// A chunk that begins when its executor is ready must do so within this time.
constexpr core::Duration kReadyLimit = std::chrono::minutes(2);

core::Error not_there(const std::string& run) {
  return core::Error{core::ErrorCode::kNotFound,
                     "there is no run " + run + " in the store",
                     "slsart status lists the runs",
                     {}};
}

}  // namespace

core::Result<std::unique_ptr<Driver>> Driver::open(const std::string& run, const Seams& seams,
                                                   const core::Clock& clock,
                                                   const DriveOptions& options,
                                                   const DriveEvents& events) {
  if (!keys::is_run_id(run)) return not_there(run);
  const auto bytes = seams.store.get(keys::plan(run));
  if (!bytes) return bytes.error();
  if (!*bytes) return not_there(run);
  auto plan = parse_plan(**bytes);
  if (!plan) return std::move(plan).error();
  const auto listed = seams.store.get(keys::chunks(run));
  if (!listed) return listed.error();
  if (!*listed || core::sha256(**listed) != plan->chunks_digest) {
    return core::Error{
        core::ErrorCode::kInvalidInput, "the run's list of chunks is damaged", {}, {}};
  }
  auto chunks = parse_chunks(**listed);
  if (!chunks) return std::move(chunks).error();
  return std::unique_ptr<Driver>(new Driver(run, seams, clock, options, events, *std::move(plan),
                                            core::sha256(**bytes), *std::move(chunks)));
}

Driver::Driver(const std::string& run, const Seams& seams, const core::Clock& clock,
               const DriveOptions& options, const DriveEvents& events, StoredPlan plan,
               std::string plan_digest, std::vector<plan::Chunk> chunks)
    : run_(run),
      seams_(seams),
      store_(seams.store),
      own_(clock),
      clock_(clock),
      options_(options),
      events_(events),
      plan_(std::move(plan)),
      plan_digest_(std::move(plan_digest)),
      chunks_(std::move(chunks)),
      lease_(seams.store, run, core::random_name(20)),
      collector_(seams.store, run, static_cast<std::uint32_t>(chunks_.size()),
                 plan_.mode == Mode::kPerformance ? PartCollector::Apart::kNo
                                                  : PartCollector::Apart::kByChunk),
      states_(chunks_.size()) {}

void Driver::tell(const std::string& line) const {
  if (events_.on_line) events_.on_line(line);
}

void Driver::ask_stop() {
  stop_wanted_ = true;
  stop_requested_ = true;
}

void Driver::let_go() {
  if (holds_) (void)lease_.release(clock_.now());
  holds_ = false;
}

core::Result<void> Driver::step() {
  const auto look = [this]() -> core::Result<void> {
    if (auto done = look_at_marks(); !done) return done;
    if (auto done = read_start(); !done) return done;
    if (auto done = look_at_claims(); !done) return done;
    if (auto done = look_at_finals(); !done) return done;
    if (auto done = look_at_deltas(); !done) return done;
    return hold_lease();
  };
  auto done = look();
  if (done) {
    settle();
    stop_at_breach();
    if (holds_) {
      done = act();
    } else if (ended_elsewhere_) {
      if (done = look_for_missing(); done) over_ = true;
    }
  }
  if (!failure_.empty())
    return core::Error{core::ErrorCode::kInvalidInput, failure_, "no load was started", {}};
  const core::WallTime now = clock_.now();
  if (done) {
    last_heard_store_ = now;
    return {};
  }
  if (last_heard_store_ == core::WallTime{}) last_heard_store_ = now;
  if (now - last_heard_store_ < kStorePatience) return {};
  return done;
}

// --- what is in the store -----------------------------------------------------------------------

core::Result<void> Driver::look_at_marks() {
  const auto mark = store_.get(keys::stop(run_));
  if (!mark) return mark.error();
  clock_.compare(store_);
  if (now_ == core::WallTime{} && clock_.offset() != core::Duration::zero()) {
    tell("This machine's clock is " + std::to_string(-clock_.offset() / core::kSecond) +
         " s off; the store's is used.");
  }
  now_ = clock_.now();
  // While the store was away nothing could be heard of anybody.
  if (last_heard_store_ != core::WallTime{} && now_ - last_heard_store_ > kStoreGap) {
    for (ChunkState& state : states_) state.heard = std::max(state.heard, now_);
  }
  if (*mark && !stopped_at_) stopped_at_ = now_;
  if (stop_requested_ && !*mark) {
    const std::string why = stop_wanted_ ? "by the driver" : "a condition of ensure";
    const std::string text =
        core::to_json(Value::make_object({{"at", to_milliseconds(now_)}, {"why", why}}));
    if (auto put = store_.put(keys::stop(run_), text); !put) return put;
    stopped_at_ = now_;
  }
  const auto end = store_.get(keys::end(run_));
  if (!end) return end.error();
  ended_elsewhere_ = end->has_value();
  return {};
}

core::Result<void> Driver::read_start() {
  if (start_) return {};
  const auto bytes = store_.get(keys::start(run_));
  if (!bytes) return bytes.error();
  if (!*bytes) return {};
  const auto value = core::parse_json(**bytes);
  const Value* const at = value ? value->find("at") : nullptr;
  if (at == nullptr || at->kind() != Value::Kind::kInteger)
    return core::Error{core::ErrorCode::kInvalidInput, "the run's start is damaged", {}, {}};
  start_ = from_milliseconds(at->as_integer());
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    states_[i].not_after =
        window_start(chunks_[i]) + (begins_when_ready() ? kReadyLimit : chunks_[i].duration);
  }
  return {};
}

core::Result<void> Driver::look_at_claims() {
  if (now_ < claims_after_) return {};
  claims_after_ = now_ + kLookAtClaims;
  const std::string prefix = keys::claims(run_);
  const auto listed = list_all(store_, prefix);
  if (!listed) return listed.error();
  for (const std::string& key : *listed) {
    const auto number = core::parse_integer(std::string_view(key).substr(prefix.size()));
    if (!number || *number < 0 || static_cast<std::size_t>(*number) >= states_.size()) continue;
    ChunkState& state = states_[static_cast<std::size_t>(*number)];
    if (!state.is_claimed) state.heard = now_;
    state.is_claimed = true;
  }
  const auto refusals = list_all(store_, keys::refusals(run_));
  if (!refusals) return refusals.error();
  refused_ = static_cast<std::uint32_t>(refusals->size());
  return {};
}

core::Result<void> Driver::look_at_finals() {
  if (now_ < finals_after_) return {};
  finals_after_ = now_ + kLookAtFinals;
  const std::string prefix = keys::finals(run_);
  auto listed = list_all(store_, prefix);
  if (!listed) return std::move(listed).error();
  const auto index_of = [&](const std::string& key) -> std::size_t {
    const auto number = core::parse_integer(std::string_view(key).substr(prefix.size()));
    return number && *number >= 0 ? static_cast<std::size_t>(*number) : states_.size();
  };
  std::erase_if(*listed, [&](const std::string& key) {
    const std::size_t index = index_of(key);
    return index >= states_.size() || states_[index].final.has_value();
  });
  const auto answers = get_all(store_, *listed);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) return answers[i].error();
    if (!*answers[i]) continue;
    auto state = parse_final_state(**answers[i]);
    if (!state) return std::move(state).error();
    states_[index_of((*listed)[i])].final = *std::move(state);
  }
  return {};
}

core::Result<void> Driver::look_at_deltas() {
  if (now_ < deltas_after_) return {};
  deltas_after_ = now_ + (chunks_.size() < 50 ? options_.poll : 4 * options_.poll);
  return collector_.collect(now_, [this](std::uint32_t chunk) { states_[chunk].heard = now_; });
}

core::Result<void> Driver::hold_lease() {
  if (ended_elsewhere_) holds_ = false;
  if (over_ || ended_elsewhere_ || !options_.takes_over) return {};
  if (holds_) {
    const auto renewed = lease_.renew(now_);
    if (!renewed) {
      holds_ = lease_.is_held(now_);
      return renewed.error();
    }
    holds_ = *renewed == Lease::State::kHeld;
    if (!holds_) tell("Another driver has taken the run over; watching it.");
    return {};
  }
  if (now_ < lease_after_) return {};
  lease_after_ = now_ + kLookAtLease;
  const auto acquired = lease_.acquire(now_);
  if (!acquired) return acquired.error();
  if (*acquired == Lease::State::kOthers) return {};
  if (auto read = read_journal(); !read) return read;
  holds_ = true;
  return {};
}

// --- judging what is there ----------------------------------------------------------------------

// One executor, or samples: nobody has to begin with anybody else.
bool Driver::begins_when_ready() const {
  return plan_.mode != Mode::kPerformance || chunks_.size() == 1;
}

core::WallTime Driver::window_start(const plan::Chunk& chunk) const {
  return start_.value_or(now_) + chunk.start;
}

void Driver::settle() {
  for (std::size_t i = 0; i < states_.size(); ++i) settle(states_[i], chunks_[i]);
}

void Driver::settle(ChunkState& state, const plan::Chunk& chunk) {
  if (state.final) {
    state.is_lost = false;
    state.trouble.clear();
    if (state.final->ending == "failed") state.trouble = "failed: " + state.final->failure;
    if (state.final->ending == "deadline") state.trouble = "ran out of its executor's time";
    return;
  }
  if (state.is_lost || !start_) {
    if (!start_ && stopped_at_) state.is_lost = true;
    return;
  }
  if (!state.is_claimed && state.heard == core::WallTime{}) {
    const bool was_sent =
        state.sent == ChunkState::Sent::kAccepted || state.sent == ChunkState::Sent::kUnknown;
    if (stopped_at_ && (!was_sent || now_ > *stopped_at_ + kStopSlack)) {
      state.is_lost = true;
      state.trouble.clear();
    } else if (now_ > state.not_after + (was_sent ? kClaimSlack : core::Duration::zero())) {
      state.is_lost = true;
      state.trouble = was_sent ? "never began: no executor claimed it in time"
                               : "was not started: " +
                                     (state.trouble.empty() ? "its time was over" : state.trouble);
    }
    return;
  }
  const core::Duration silence =
      stopped_at_ ? kSilenceAfterStop : std::max<core::Duration>(kSilence, 6 * plan_.part_interval);
  core::WallTime since = state.heard;
  if (stopped_at_) since = std::max(since, *stopped_at_);
  if (!begins_when_ready()) since = std::max(since, window_start(chunk));
  if (now_ - since <= silence) return;
  state.is_lost = true;
  state.trouble = "stopped reporting";
}

bool Driver::is_settled(const ChunkState& state) const {
  return state.final.has_value() || state.is_lost;
}

bool Driver::all_settled() const {
  return std::ranges::all_of(states_, [this](const ChunkState& one) { return is_settled(one); });
}

bool Driver::is_whole(std::uint32_t chunk) const {
  const ChunkState& state = states_[chunk];
  return state.final && state.trouble.empty() && collector_.parts_of(chunk) == state.final->parts;
}

// A delta may stand under an old name: a store that was slow for long.
core::Result<void> Driver::look_for_missing() {
  finals_after_ = {};
  deltas_after_ = {};
  if (auto done = look_at_finals(); !done) return done;
  if (auto done = look_at_deltas(); !done) return done;
  const auto wanted = [this](std::uint32_t chunk) {
    if (chunk >= states_.size()) return false;
    const ChunkState& state = states_[chunk];
    return !state.final || collector_.parts_of(chunk) < state.final->parts;
  };
  bool any = false;
  for (std::uint32_t i = 0; i < states_.size(); ++i) any = any || wanted(i);
  if (!any) return {};
  return collector_.collect_all(wanted);
}

core::Result<Outcome> Driver::read_all() {
  if (auto done = look_at_marks(); !done) return std::move(done).error();
  if (auto done = read_start(); !done) return std::move(done).error();
  if (auto done = look_at_claims(); !done) return std::move(done).error();
  if (auto done = look_for_missing(); !done) return std::move(done).error();
  settle();
  return outcome();
}

void Driver::stop_at_breach() {
  if (!holds_ || stopped_at_ || !start_ || plan_.ensure.conditions.empty()) return;
  if (collector_.is_empty()) return;
  const metrics::RunDocument so_far =
      collector_.merger().document(metrics::DocumentMerger::Gaps::kIgnored);
  const auto breach = report::find_breach(plan_.ensure, so_far.total, now_ - *start_);
  if (!breach) return;
  const std::string text = breach->text + " did not hold (measured: " + breach->measured + ")";
  notes_.push_back("The run was ended early, after " +
                   std::to_string((now_ - *start_) / core::kSecond) + " s: " + text + ".");
  tell("Ending the run: " + text + ".");
  stop_requested_ = true;
}

}  // namespace slsart::run::fleet
