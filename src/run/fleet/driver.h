#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "run/fleet/envelope.h"
#include "run/fleet/executor.h"
#include "run/fleet/final_state.h"
#include "run/fleet/fleet.h"
#include "run/fleet/lease.h"
#include "run/fleet/part_collector.h"
#include "run/fleet/store_clock.h"
#include "run/fleet/stored_plan.h"

namespace slsart::run::fleet {

// One run, driven or watched in single steps; each looks at the store, does what is due by the
// clock and returns. It keeps nothing that is not in the store as well, so another may go on where
// it was. One thread.
class Driver {
 public:
  // Reads the run. Errors: kNotFound, no such run; kIo.
  static core::Result<std::unique_ptr<Driver>> open(const std::string& run, const Seams& seams,
                                                    const core::Clock& clock,
                                                    const DriveOptions& options,
                                                    const DriveEvents& events);

  // Errors are for good: the store stayed away for a minute, the prologue failed. Otherwise what
  // could not be done is done in a later step.
  core::Result<void> step();
  // The run has ended, and everything that came of it was read.
  bool is_over() const { return over_; }
  // Drives it, rather than watching somebody else do so.
  bool is_driving() const { return holds_; }
  // Whoever runs this wants it to end: sets the stop mark.
  void ask_stop();
  // Lets another drive: gives the lease back. The run goes on.
  void let_go();

  // What came of the run so far. In the sampling modes with its judgement.
  Outcome outcome() const;
  // Reads all that is in the store, changes nothing, and says what came of the run so far.
  core::Result<Outcome> read_all();
  report::LiveFrame frame() const;
  const StoredPlan& plan() const { return plan_; }

 private:
  struct ChunkState {
    enum class Sent { kNo, kAccepted, kUnknown, kRefused };
    Sent sent = Sent::kNo;
    bool is_claimed = false;
    bool is_lost = false;    // nothing more is expected of it
    core::WallTime heard{};  // when anything came of it last
    core::WallTime not_after{};
    std::optional<FinalState> final;
    std::string trouble;  // why it is not whole, for people; empty: nothing known
  };

  Driver(const std::string& run, const Seams& seams, const core::Clock& clock,
         const DriveOptions& options, const DriveEvents& events, StoredPlan plan,
         std::string plan_digest, std::vector<plan::Chunk> chunks);

  // -- what is in the store
  core::Result<void> look_at_marks();
  core::Result<void> look_at_claims();
  core::Result<void> look_at_finals();
  core::Result<void> look_at_deltas();
  core::Result<void> read_start();
  core::Result<void> read_journal();
  core::Result<void> hold_lease();

  // -- what the holder does
  core::Result<void> act();
  core::Result<bool> pass_prologue();  // true: it is over
  core::Result<void> decide_start();
  core::Result<void> dispatch_due();
  core::Result<void> dispatch(const std::vector<std::uint32_t>& chunks);
  core::Result<void> keep_journal(const std::string& key, const std::vector<std::uint32_t>& chunks,
                                  const std::vector<Dispatched>& outcomes);
  core::Result<Dispatched> dispatch_part(Envelope::Kind kind, core::WallTime not_after);
  core::Result<bool> pass_epilogue();
  core::Result<void> finish();
  void note(const Dispatched& outcome, std::uint32_t chunk);
  void back_off(core::Duration at_least);
  void alert(const Outcome& outcome);

  // -- judging what is there
  bool begins_when_ready() const;  // without a planned start
  core::WallTime window_start(const plan::Chunk& chunk) const;
  void settle();
  void settle(ChunkState& state, const plan::Chunk& chunk);
  bool is_settled(const ChunkState& state) const;
  bool all_settled() const;
  bool is_whole(std::uint32_t chunk) const;
  Analysis analyse_samples() const;
  core::Result<void> look_for_missing();
  void stop_at_breach();
  void tell(const std::string& line) const;

  const std::string run_;
  const Seams seams_;
  Store& store_;
  const core::Clock& own_;
  StoreClock clock_;
  const DriveOptions options_;
  const DriveEvents events_;
  const StoredPlan plan_;
  const std::string plan_digest_;
  const std::vector<plan::Chunk> chunks_;
  Lease lease_;
  PartCollector collector_;

  std::vector<ChunkState> states_;
  core::WallTime now_{};  // of this step
  std::optional<core::WallTime> start_;
  bool holds_ = false;
  bool over_ = false;
  bool stop_wanted_ = false;                  // by whoever runs this
  bool stop_requested_ = false;               // wanted or not: this driver sets the mark
  std::optional<core::WallTime> stopped_at_;  // when the mark was first seen
  bool ended_elsewhere_ = false;
  std::string failure_;  // of the prologue

  bool prologue_sent_ = false, prologue_over_ = false;
  bool epilogue_sent_ = false, epilogue_over_ = false;
  core::WallTime prologue_limit_{}, epilogue_limit_{};
  std::vector<std::string> notes_;

  std::uint64_t next_journal_ = 0;
  core::Duration back_off_{};
  core::WallTime dispatch_after_{};
  core::WallTime claims_after_{}, deltas_after_{}, lease_after_{}, finals_after_{};
  core::WallTime last_heard_store_{};  // when a whole step worked last
  std::uint32_t refused_ = 0;
};

// What an executor does with an envelope of the kind drive: drives the run until it is over or the
// executor's time nearly is; then its successor is started. Errors: as drive().
core::Result<std::string> drive_in_executor(const Envelope& envelope, const Invocation& invocation,
                                            const Surroundings& surroundings);

}  // namespace slsart::run::fleet
