#include <algorithm>

#include "core/text.h"
#include "metrics/stored_document.h"
#include "run/fleet/driver.h"
#include "run/fleet/keys.h"
#include "run/fleet/outcome.h"

// What only the holder of the lease does.
namespace slsart::run::fleet {
namespace {

using core::Value;

constexpr std::size_t kBatch = 50;  // events between two looks at lease and stop mark
constexpr core::Duration kFirstBackOff = std::chrono::milliseconds(500);
constexpr core::Duration kLongestBackOff = std::chrono::seconds(10);
// A prologue must begin within this time, and end within that of the longest-lived function.
constexpr core::Duration kPrologueBegins = std::chrono::seconds(75);
constexpr core::Duration kPrologueEnds = std::chrono::seconds(920);
constexpr core::Duration kEpilogueEnds = std::chrono::seconds(60);

std::string_view name_of(Dispatched::Outcome outcome) {
  switch (outcome) {
    case Dispatched::Outcome::kAccepted:
      return "accepted";
    case Dispatched::Outcome::kThrottled:
      return "throttled";
    case Dispatched::Outcome::kUnknown:
      return "unknown";
    case Dispatched::Outcome::kRefused:
      break;
  }
  return "refused";
}

Dispatched from_name(std::string_view name) {
  for (const auto outcome : {Dispatched::Outcome::kAccepted, Dispatched::Outcome::kThrottled,
                             Dispatched::Outcome::kRefused}) {
    if (name_of(outcome) == name) return {.outcome = outcome, .reason = {}, .retry_after = {}};
  }
  return {.outcome = Dispatched::Outcome::kUnknown, .reason = {}, .retry_after = {}};
}

}  // namespace

core::Result<void> Driver::act() {
  const auto prologue = pass_prologue();
  if (!prologue) return prologue.error();
  if (!*prologue) return {};
  if (!stopped_at_) {
    if (!start_) {
      if (auto decided = decide_start(); !decided) return decided;
    }
    if (auto done = dispatch_due(); !done) return done;
  }
  settle();
  if (!all_settled()) return {};
  const auto epilogue = pass_epilogue();
  if (!epilogue) return epilogue.error();
  return *epilogue ? finish() : core::Result<void>();
}

core::Result<Dispatched> Driver::dispatch_part(Envelope::Kind kind, core::WallTime not_after) {
  const auto held = lease_.confirm(now_);
  if (!held) return held.error();
  if (*held != Lease::State::kHeld) {
    holds_ = false;
    return Dispatched{.outcome = Dispatched::Outcome::kThrottled, .reason = {}, .retry_after = {}};
  }
  const Envelope envelope{.kind = kind,
                          .run = run_,
                          .token = plan_.token,
                          .plan_digest = plan_digest_,
                          .not_after = not_after,
                          .start = {},
                          .chunk = {}};
  const std::string key = keys::dispatches(run_) + envelope.part();
  const auto sent_before = store_.get(key);
  if (!sent_before) return sent_before.error();
  if (*sent_before) return Dispatched{};  // by whoever drove before
  if (auto put = store_.put(key, "{}"); !put) return put.error();
  const std::string event = to_json(envelope);
  Dispatched outcome = seams_.dispatcher.start(std::span(&event, 1)).front();
  // Certainly not started, so it may be asked again.
  if (outcome.outcome == Dispatched::Outcome::kThrottled) {
    if (auto removed = store_.remove(key); !removed) return removed.error();
  }
  return outcome;
}

core::Result<bool> Driver::pass_prologue() {
  if (prologue_over_ || !plan_.has_before || start_) return true;
  const auto bytes = store_.get(keys::final_state(run_, "before"));
  if (!bytes) return bytes.error();
  if (*bytes) {
    const auto state = parse_final_state(**bytes);
    if (!state) return state.error();
    prologue_over_ = true;
    if (state->ending != "failed") return true;
    failure_ = state->failure;
  } else if (!prologue_sent_) {
    if (stopped_at_) return prologue_over_ = true;
    if (now_ < dispatch_after_) return false;
    if (prologue_limit_ == core::WallTime{}) prologue_limit_ = now_ + kPrologueBegins;
    const auto outcome = dispatch_part(Envelope::Kind::kBefore, prologue_limit_);
    if (!outcome) return outcome.error();
    prologue_sent_ = outcome->outcome != Dispatched::Outcome::kThrottled;
    if (!prologue_sent_) back_off(outcome->retry_after);
    if (outcome->outcome == Dispatched::Outcome::kRefused) failure_ = outcome->reason;
  } else if (now_ > prologue_limit_) {
    const auto claim = store_.get(keys::claim(run_, "before"));
    if (!claim) return claim.error();
    const bool may_go_on = claim->has_value() && now_ < prologue_limit_ + kPrologueEnds;
    if (stopped_at_ || !may_go_on) failure_ = "the `before` flow did not come to its end in time";
  }
  if (stopped_at_ && prologue_sent_ && now_ > *stopped_at_ + std::chrono::seconds(10))
    return prologue_over_ = true;
  if (failure_.empty()) return false;
  const Value end = Value::make_object(
      {{"ending", "failed"}, {"at", to_milliseconds(now_)}, {"failure", failure_}});
  if (auto put = store_.put(keys::end(run_), core::to_json(end)); !put) return put.error();
  if (plan_.mode == Mode::kMonitoring && seams_.notifier != nullptr) {
    const Alert text = make_failure_alert(failure_);
    (void)seams_.notifier->notify(text.subject, text.message);
  }
  return false;
}

core::Result<void> Driver::decide_start() {
  const core::Duration buffer = begins_when_ready() ? core::Duration::zero() : plan_.start_buffer;
  const Value start = Value::make_object({{"at", to_milliseconds(now_ + buffer)}});
  if (auto put = store_.put_if_absent(keys::start(run_), core::to_json(start)); !put)
    return put.error();
  return read_start();  // ours, or that of whoever drove before
}

void Driver::back_off(core::Duration at_least) {
  back_off_ = std::clamp(2 * back_off_, kFirstBackOff, kLongestBackOff);
  dispatch_after_ = now_ + std::max(back_off_, at_least);
}

core::Result<void> Driver::dispatch_due() {
  if (now_ < dispatch_after_) return {};
  std::vector<std::uint32_t> due;
  const core::Duration buffer = begins_when_ready() ? core::Duration::zero() : plan_.start_buffer;
  for (std::uint32_t i = 0; i < chunks_.size() && due.size() < kBatch; ++i) {
    if (window_start(chunks_[i]) - buffer > now_) break;  // windows ascend
    const ChunkState& state = states_[i];
    const bool is_open =
        state.sent == ChunkState::Sent::kNo && !state.is_lost && !state.final && !state.is_claimed;
    if (is_open && now_ <= state.not_after) due.push_back(i);
  }
  if (due.empty()) return {};
  const auto held = lease_.confirm(now_);
  if (!held) return held.error();
  holds_ = *held == Lease::State::kHeld;
  return holds_ ? dispatch(due) : core::Result<void>();
}

core::Result<void> Driver::keep_journal(const std::string& key,
                                        const std::vector<std::uint32_t>& chunks,
                                        const std::vector<Dispatched>& outcomes) {
  Value value;
  Value list(Value::List{});
  for (const std::uint32_t chunk : chunks) list.push(std::int64_t{chunk});
  value.set("chunks", std::move(list));
  if (!outcomes.empty()) {
    Value names(Value::List{});
    for (const Dispatched& outcome : outcomes) names.push(name_of(outcome.outcome));
    value.set("outcomes", std::move(names));
  }
  return store_.put(key, core::to_json(value));
}

// The journal says first what is going to be asked for: whoever takes over must not ask again.
core::Result<void> Driver::dispatch(const std::vector<std::uint32_t>& chunks) {
  const std::string key = keys::dispatch(run_, next_journal_);
  if (auto kept = keep_journal(key, chunks, {}); !kept) return kept;
  ++next_journal_;
  std::vector<std::string> events;
  for (const std::uint32_t i : chunks) {
    Envelope envelope{.kind = Envelope::Kind::kChunk,
                      .run = run_,
                      .token = plan_.token,
                      .plan_digest = plan_digest_,
                      .not_after = states_[i].not_after,
                      .start = {},
                      .chunk = chunks_[i]};
    if (!begins_when_ready()) envelope.start = start_;
    events.push_back(to_json(envelope));
  }
  const std::vector<Dispatched> outcomes = seams_.dispatcher.start(events);
  for (std::size_t i = 0; i < chunks.size() && i < outcomes.size(); ++i)
    note(outcomes[i], chunks[i]);
  const bool any_throttled = std::ranges::any_of(outcomes, [](const Dispatched& one) {
    return one.outcome == Dispatched::Outcome::kThrottled;
  });
  if (!any_throttled) back_off_ = {};
  // Without it a successor takes them for unknown, and waits for their claims.
  (void)keep_journal(key, chunks, outcomes);
  return {};
}

void Driver::note(const Dispatched& outcome, std::uint32_t chunk) {
  ChunkState& state = states_[chunk];
  switch (outcome.outcome) {
    case Dispatched::Outcome::kAccepted:
      state.sent = ChunkState::Sent::kAccepted;
      break;
    case Dispatched::Outcome::kUnknown:
      state.sent = ChunkState::Sent::kUnknown;
      break;
    case Dispatched::Outcome::kThrottled:
      state.trouble =
          "there was no room for it" + (outcome.reason.empty() ? "" : " (" + outcome.reason + ")");
      if (now_ >= dispatch_after_) back_off(outcome.retry_after);
      break;
    case Dispatched::Outcome::kRefused:
      state.sent = ChunkState::Sent::kRefused;
      state.is_lost = true;
      state.trouble = "was refused: " + outcome.reason;
      break;
  }
}

core::Result<void> Driver::read_journal() {
  const std::string prefix = keys::dispatches(run_);
  const auto listed = list_all(store_, prefix);
  if (!listed) return listed.error();
  for (const std::string& key : *listed) {
    const std::string_view name = std::string_view(key).substr(prefix.size());
    if (name == "before") {
      prologue_sent_ = true;
      if (prologue_limit_ == core::WallTime{}) prologue_limit_ = now_ + kPrologueBegins;
    }
    const auto number = core::parse_integer(name);
    if (!number || *number < 0) continue;
    next_journal_ = static_cast<std::uint64_t>(*number) + 1;
    const auto bytes = store_.get(key);
    if (!bytes) return bytes.error();
    const auto value = core::parse_json(bytes->value_or("{}"));
    const Value* const chunks = value ? value->find("chunks") : nullptr;
    const Value* const outcomes = value ? value->find("outcomes") : nullptr;
    if (chunks == nullptr || !chunks->is_list()) continue;
    for (std::size_t i = 0; i < chunks->as_list().size(); ++i) {
      const Value& chunk = chunks->as_list()[i];
      if (chunk.kind() != Value::Kind::kInteger || chunk.as_integer() < 0 ||
          static_cast<std::size_t>(chunk.as_integer()) >= states_.size())
        continue;
      const bool has_outcome = outcomes != nullptr && outcomes->is_list() &&
                               i < outcomes->as_list().size() && outcomes->as_list()[i].is_string();
      note(from_name(has_outcome ? outcomes->as_list()[i].as_string() : ""),
           static_cast<std::uint32_t>(chunk.as_integer()));
    }
  }
  return {};
}

// Cleans up what the prologue made, on a stop too; if it fails the report says so.
core::Result<bool> Driver::pass_epilogue() {
  if (epilogue_over_ || !plan_.has_after || !start_) return true;
  const auto bytes = store_.get(keys::final_state(run_, "after"));
  if (!bytes) return bytes.error();
  if (*bytes) {
    const auto state = parse_final_state(**bytes);
    if (!state) return state.error();
    if (!state->failure.empty()) notes_.push_back(state->failure);
    return epilogue_over_ = true;
  }
  if (epilogue_limit_ == core::WallTime{}) epilogue_limit_ = now_ + kEpilogueEnds;
  if (now_ > epilogue_limit_) {
    notes_.push_back("The `after` flow did not come to its end in time.");
    return epilogue_over_ = true;
  }
  if (epilogue_sent_ || now_ < dispatch_after_) return false;
  const auto outcome = dispatch_part(Envelope::Kind::kAfter, epilogue_limit_);
  if (!outcome) return outcome.error();
  epilogue_sent_ = outcome->outcome != Dispatched::Outcome::kThrottled;
  if (!epilogue_sent_) back_off(outcome->retry_after);
  if (outcome->outcome == Dispatched::Outcome::kRefused) {
    notes_.push_back("The `after` flow could not run: " + outcome->reason + ".");
    return epilogue_over_ = true;
  }
  return false;
}

void Driver::alert(const Outcome& result) {
  if (plan_.mode != Mode::kMonitoring || !result.analysis || result.analysis->passed()) return;
  if (seams_.notifier == nullptr) {
    tell("An alert is due, but nobody is there to be told: no topic.");
    return;
  }
  const Alert text = make_alert(*result.analysis);
  if (const auto told = seams_.notifier->notify(text.subject, text.message); !told)
    tell("The alert could not be sent: " + told.error().message);
}

core::Result<void> Driver::finish() {
  claims_after_ = {};
  if (auto done = look_at_claims(); !done) return done;
  if (auto done = look_for_missing(); !done) return done;
  settle();
  over_ = true;
  const Outcome result = outcome();
  over_ = false;
  const auto bytes = metrics::encode_document(result.document, {});
  if (bytes) {
    if (auto put = store_.put(keys::result(run_), *bytes); !put) return put;
  }
  alert(result);
  if (auto put = store_.put(keys::end(run_), end_of(result, now_)); !put) return put;
  over_ = true;
  (void)lease_.release(now_);
  return {};
}

}  // namespace slsart::run::fleet
