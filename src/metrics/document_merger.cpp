#include "metrics/document_merger.h"

#include <algorithm>

#include "core/check.h"
#include "metrics/detail/document_layout.h"

namespace slsart::metrics {
namespace {

using core::Error;
using core::ErrorCode;
using core::Result;

constexpr std::string_view kOverflowName = "slsart.other";

bool is_same(const PhaseInfo& a, const PhaseInfo& b) {
  return a.name == b.name && a.index == b.index && a.start == b.start && a.duration == b.duration &&
         a.written == b.written;
}

bool have_same_phases(const RunDocument& a, const RunDocument& b) {
  return std::equal(a.phases.begin(), a.phases.end(), b.phases.begin(), b.phases.end(), is_same);
}

// What two documents of one run disagree in; empty: nothing.
std::string_view disagreement(const RunDocument& a, const RunDocument& b) {
  if (a.script_name != b.script_name) return "script";
  if (a.target != b.target) return "target";
  if (a.seed != b.seed) return "seed";
  if (a.dialect != b.dialect) return "dialect";
  if (a.version != b.version) return "version of slsart";
  return have_same_phases(a, b) ? std::string_view() : "phases";
}

RunDocument identity_of(const RunDocument& head) {
  RunDocument identity;
  identity.run_id = head.run_id;
  identity.script_name = head.script_name;
  identity.target = head.target;
  identity.seed = head.seed;
  identity.dialect = head.dialect;
  identity.version = head.version;
  identity.phases = head.phases;
  return identity;
}

std::int64_t wall_second(core::WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

template <typename Element>
Element& element(std::vector<Element>& list, std::size_t index) {
  if (index >= list.size()) list.resize(index + 1);
  return list[index];
}

}  // namespace

void DocumentMerger::Cell::merge(const Cell& other) {
  const auto merge_counts = [](std::vector<Count>& to, const std::vector<Count>& from) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (!from[i].is_set) continue;
      Count& count = element(to, i);
      count = {.value = count.value + from[i].value, .is_set = true};
    }
  };
  merge_counts(counters, other.counters);
  merge_counts(rates, other.rates);
  for (std::size_t i = 0; i < other.histograms.size(); ++i) {
    if (!other.histograms[i]) continue;
    std::optional<Histogram>& histogram = element(histograms, i);
    if (!histogram) histogram.emplace();
    histogram->merge(*other.histograms[i]);
  }
  first = std::min(first, other.first);
  last = std::max(last, other.last);
}

std::vector<std::size_t> DocumentMerger::Names::intern(const std::vector<std::string_view>& names) {
  std::vector<std::size_t> indices;
  indices.reserve(names.size());
  for (const std::string_view name : names) indices.push_back(intern(std::string(name)));
  return indices;
}

std::size_t DocumentMerger::Names::intern(const std::string& name) {
  const auto found = indices_.find(name);
  if (found != indices_.end()) return found->second;
  if (names_.size() >= limit_ && name != kOverflowName) return intern(std::string(kOverflowName));
  names_.push_back(name);
  return indices_.emplace(name, names_.size() - 1).first->second;
}

class DocumentMerger::Windows {
 public:
  Windows(DocumentMerger& merger, const StoredDocument& stored)
      : counters_(merger.counters_.intern(stored.counters_)),
        rates_(merger.rates_.intern(stored.rates_)),
        histograms_(merger.histograms_.intern(stored.histograms_)),
        timeline_(merger.timeline_),
        started_(stored.head_.started.time_since_epoch().count()),
        origin_(wall_second(stored.head_.started)) {}

  void window(std::int64_t from, std::int64_t to) {
    cell_ = &timeline_.at(origin_ + from, origin_ + to);
  }
  void events(std::int64_t first, std::int64_t last) {
    cell_->first = std::min(cell_->first, started_ + first);
    cell_->last = std::max(cell_->last, started_ + last);
  }
  void counter(std::size_t index, std::uint64_t value) {
    add(element(cell_->counters, counters_[index]), value);
  }
  void rate(std::size_t index, std::uint64_t value) {
    add(element(cell_->rates, rates_[index]), value);
  }
  bool histogram(std::size_t index, const unsigned char*& at, const unsigned char*) {
    std::optional<Histogram>& histogram = element(cell_->histograms, histograms_[index]);
    if (!histogram) histogram.emplace();
    histogram->merge_sparse(at);
    return true;
  }

 private:
  static void add(Cell::Count& count, std::uint64_t value) {
    count.value += value;
    count.is_set = true;
  }

  std::vector<std::size_t> counters_, rates_, histograms_;  // from the document's index to ours
  Timeline<Cell>& timeline_;
  std::int64_t started_;
  std::int64_t origin_;
  Cell* cell_ = nullptr;
};

Result<DocumentMerger::Added> DocumentMerger::look_up(const StoredDocument& stored) const {
  const auto refuse = [](const std::string& what) {
    return Error{ErrorCode::kInvalidInput, what, {}, {}};
  };
  const RunDocument& head = stored.head();
  const Part& part = stored.part();
  const auto run = runs_.find(head.run_id);
  if (run == runs_.end()) {
    if (runs_.empty() || allowed_ == Runs::kSeveral) return Added::kNew;
    return refuse("it is of the run " + head.run_id + ", the others are of " +
                  runs_.begin()->first);
  }
  const std::string_view what = disagreement(run->second.identity, head);
  if (!what.empty() || run->second.count != part.workers) {
    return refuse("it is of the run " + head.run_id + " as the others are, but differs in the " +
                  (what.empty() ? "number of workers" : std::string(what)));
  }
  const auto worker = run->second.workers.find(part.worker);
  if (worker == run->second.workers.end()) return Added::kNew;
  const auto known = worker->second.parts.find(part.number);
  if (known != worker->second.parts.end()) {
    if (known->second == stored.digest()) return Added::kDuplicate;
    return refuse("another document with other content is there already for part " +
                  std::to_string(part.number) + " of worker " + std::to_string(part.worker) +
                  " of the run " + head.run_id);
  }
  const std::optional<std::uint32_t> last = worker->second.last;
  const std::uint32_t highest = worker->second.parts.rbegin()->first;
  if ((last && part.number > *last) || (part.is_last && (last || highest > part.number))) {
    return refuse("worker " + std::to_string(part.worker) + " of the run " + head.run_id +
                  " has parts behind its last one");
  }
  return Added::kNew;
}

Result<DocumentMerger::Added> DocumentMerger::add(const StoredDocument& stored) {
  Result<Added> found = look_up(stored);
  if (!found || *found == Added::kDuplicate) return found;
  const RunDocument& head = stored.head();
  const Part& part = stored.part();
  const auto [place, is_new] = runs_.try_emplace(head.run_id);
  Run& run = place->second;
  if (is_new) {
    run.identity = identity_of(head);
    run.count = part.workers;
  }
  Worker& worker = run.workers[part.worker];
  if (worker.parts.empty() || part.number > worker.parts.rbegin()->first) {
    worker.started = head.started;
    worker.elapsed = head.elapsed;
    worker.ending = head.ending;
    worker.interrupted = head.interrupted;
    worker.arrivals_planned = head.arrivals_planned;
    worker.threads = head.workers;
    worker.checks = head.checks;
    worker.notes = head.notes;
  }
  worker.parts.emplace(part.number, stored.digest());
  if (part.is_last) worker.last = part.number;

  Windows windows(*this, stored);
  ByteReader reader(stored.windows_);
  WindowWalk(reader, stored.counters_.size(), stored.rates_.size(), stored.histograms_.size(),
             windows)
      .run();
  SLSART_CHECK(!reader.failed);
  timeline_.age();
  return Added::kNew;
}

std::size_t DocumentMerger::workers() const {
  std::size_t count = 0;
  for (const auto& [id, run] : runs_) count += run.workers.size();
  return count;
}

}  // namespace slsart::metrics
