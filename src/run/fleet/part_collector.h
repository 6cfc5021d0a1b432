#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "metrics/document_merger.h"
#include "run/fleet/final_state.h"
#include "run/fleet/keys.h"
#include "run/store.h"

namespace slsart::run::fleet {

// Reads objects by many keys, several at a time: a store across a network answers one at a time
// much too slowly. In the order of the keys.
std::vector<core::Result<std::optional<std::string>>> get_all(Store& store,
                                                              const std::vector<std::string>& keys);
// All keys that begin with `prefix`, of any number of pages.
core::Result<std::vector<std::string>> list_all(Store& store, std::string_view prefix,
                                                std::string after = {});

// Finds the deltas of a run as they come, and merges them. What a run's executors stored is merged
// once each, whatever comes twice. Memory: metrics/document_merger.h, and the names of the last
// slots. One thread.
class PartCollector {
 public:
  // `by_chunk`: also keeps the measurements of each chunk apart (the sampling modes, few chunks).
  enum class Apart { kNo, kByChunk };
  PartCollector(Store& store, std::string run, std::uint32_t chunks, Apart apart);

  // Takes what was stored since the last call; `now` in the store's time. `heard` is called with
  // the number of the chunk of each delta. Errors: kIo; nothing is lost by them, the next call goes
  // on.
  core::Result<void> collect(core::WallTime now, const std::function<void(std::uint32_t)>& heard);
  // Looks through all deltas there are, however old, of the chunks that are `wanted`.
  core::Result<void> collect_all(const std::function<bool(std::uint32_t)>& wanted);

  bool is_empty() const { return merger_.workers() == 0; }
  const metrics::DocumentMerger& merger() const { return merger_; }
  // Requires: Apart::kByChunk. Null: nothing of that chunk yet.
  const metrics::DocumentMerger* chunk(std::uint32_t index) const;
  // How many deltas of a chunk were merged.
  std::uint32_t parts_of(std::uint32_t index) const { return parts_[index]; }
  // Why a delta could not be merged, the first of them; empty: all could.
  const std::string& fault() const { return fault_; }

 private:
  enum class Memory { kKeepsNames, kForgets };
  core::Result<void> take(const std::vector<std::string>& keys, Memory memory,
                          const std::function<void(std::uint32_t)>& heard);
  void merge(const keys::DeltaName& name, const std::string& bytes);

  Store& store_;
  const std::string run_;
  metrics::DocumentMerger merger_;
  std::map<std::uint32_t, metrics::DocumentMerger> apart_;
  const bool keeps_apart_;
  std::vector<std::uint32_t> parts_;
  std::uint64_t from_slot_ = 0;  // deltas of older slots were all seen
  std::set<std::string> seen_;   // names from that slot on
  std::string fault_;
};

}  // namespace slsart::run::fleet
