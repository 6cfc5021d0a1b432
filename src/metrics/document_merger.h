#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "metrics/document.h"
#include "metrics/stored_document.h"
#include "metrics/timeline.h"

namespace slsart::metrics {

// Puts stored documents together, one after the other, into the document of the whole run: workers
// of a run, the parts of each, and if asked for different runs. One thread.
//
// What comes out does not depend on the order, and a part that comes twice counts once. Windows are
// added by the wall clock, whole seconds at a time. One document of its own is what it was.
//
// Memory does not grow with the number of documents but for a few hundred bytes a worker: the
// series is kept as metrics/timeline.h does. There may be kMaxNames counters and rates and
// kMaxHistograms histograms; what comes under further names counts as "slsart.other" (which names
// those are does depend on the order).
class DocumentMerger {
 public:
  static constexpr std::size_t kMaxNames = 20'000;
  static constexpr std::size_t kMaxHistograms = 2'000;

  enum class Runs { kOne, kSeveral };
  explicit DocumentMerger(Runs runs = Runs::kOne) : allowed_(runs) {}

  enum class Added { kNew, kDuplicate };
  // Errors, all kInvalidInput, leave the merger as it was: another run (unless several are
  // allowed), the same run of another script, target, seed or number of workers, a part that is
  // there already with other content.
  core::Result<Added> add(const StoredDocument& stored);

  // Requires: something was added. When workers or parts are missing it ends `kIncomplete`, and a
  // note names them; kIgnored: the caller knows better. A check is that of the first worker that
  // failed it, until report/ensure.h judges it again.
  enum class Gaps { kNamed, kIgnored };
  RunDocument document(Gaps gaps = Gaps::kNamed) const;

  // For looks while parts still come. The counters of all that was added, nothing else:
  Snapshot counters() const;
  // and everything of the seconds of the wall clock in [from, to) that are still single.
  Snapshot between(std::int64_t from, std::int64_t to) const;

  std::size_t runs() const { return runs_.size(); }
  std::size_t workers() const;  // that added anything

 private:
  // What was measured in a cell of the timeline, by index of the names below.
  struct Cell {
    struct Count {
      std::uint64_t value = 0;
      bool is_set = false;
    };
    std::vector<Count> counters, rates;
    std::vector<std::optional<Histogram>> histograms;
    std::int64_t first = std::numeric_limits<std::int64_t>::max();  // nanoseconds since 1970
    std::int64_t last = -1;                                         // -1: no event

    void merge(const Cell& other);
  };
  class Names {
   public:
    explicit Names(std::size_t limit) : limit_(limit) {}
    std::vector<std::size_t> intern(const std::vector<std::string_view>& names);
    const std::string& operator[](std::size_t index) const { return names_[index]; }
    std::size_t size() const { return names_.size(); }

   private:
    std::size_t intern(const std::string& name);
    std::size_t limit_;
    std::vector<std::string> names_;
    std::unordered_map<std::string, std::size_t> indices_;
  };
  // What one worker told besides measurements, in the latest of its parts.
  struct Worker {
    std::map<std::uint32_t, std::uint64_t> parts;  // digests by number
    std::optional<std::uint32_t> last;             // number of the last part
    core::WallTime started;
    core::Duration elapsed{};
    Ending ending = Ending::kCompleted;
    bool interrupted = false;
    std::uint64_t arrivals_planned = 0;
    std::vector<WorkerInfo> threads;
    std::vector<Check> checks;
    std::vector<std::string> notes;
  };
  struct Run {
    RunDocument identity;
    std::uint32_t count = 1;  // workers
    std::map<std::uint32_t, Worker> workers;
  };
  class Windows;  // takes the windows of one document

  core::Result<Added> look_up(const StoredDocument& stored) const;
  Snapshot to_snapshot(const Cell& cell, core::WallTime started) const;
  std::vector<const Run*> ordered_runs() const;
  static void describe(const std::vector<const Run*>& runs, RunDocument& out);
  static void add_workers(const std::vector<const Run*>& runs, Gaps gaps, RunDocument& out);
  void add_measurements(RunDocument& out) const;

  Runs allowed_;
  std::map<std::string, Run> runs_;  // by id
  Names counters_{kMaxNames};
  Names rates_{kMaxNames};
  Names histograms_{kMaxHistograms};
  Timeline<Cell> timeline_;
};

}  // namespace slsart::metrics
