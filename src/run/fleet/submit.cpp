#include <algorithm>
#include <set>

#include "core/digest.h"
#include "core/text.h"
#include "run/fleet/envelope.h"
#include "run/fleet/fleet.h"
#include "run/fleet/keys.h"
#include "run/fleet/run_folder.h"
#include "run/fleet/store_clock.h"
#include "run/fleet/stored_plan.h"

namespace slsart::run::fleet {
namespace {

// One chunk of a large run is a delta every few seconds from each executor; the wider the run, the
// longer the pause between them, so that whoever merges keeps up.
core::Duration part_interval(std::size_t chunks) {
  if (chunks <= 20) return std::chrono::seconds(2);
  return std::chrono::seconds(chunks <= 1000 ? 5 : 10);
}

// Long enough for executors to start; the reference's 15 s are for the largest runs. What a script
// asks for itself holds.
core::Duration start_buffer(core::Duration written, std::size_t chunks) {
  if (written != script::SplitSettings{}.time_buffer) return written;
  const core::Duration by_count = std::chrono::milliseconds(5) * static_cast<std::int64_t>(chunks);
  return std::min<core::Duration>(written, std::chrono::seconds(3) + by_count);
}

core::Error wrong(const std::string& what) {
  return core::Error{core::ErrorCode::kInvalidInput, what, {}, {}};
}

StoredPlan describe(const Order& order, core::WallTime now) {
  StoredPlan plan;
  plan.run = order.load.test_id;
  plan.token = order.token;
  plan.version = order.version;
  plan.mode = order.plan.mode;
  plan.error_budget = static_cast<double>(order.script.sampling.error_budget);
  plan.submitted = now;
  plan.script_name = order.script.name;
  plan.target = core::without_credentials(order.script.config.target);
  plan.dialect = order.script.dialect.name;
  plan.seed = order.load.seed;
  plan.chunk_count = order.plan.chunk_count;
  plan.duration = order.plan.duration;
  plan.arrivals = static_cast<std::uint64_t>(order.plan.arrivals);
  plan.start_buffer = start_buffer(order.plan.settings.time_buffer, order.plan.chunk_count);
  plan.part_interval = part_interval(order.plan.chunk_count);
  plan.has_before = !order.script.before.empty();
  plan.has_after = !order.script.after.empty();
  for (std::size_t i = 0; i < order.script.scenarios.size(); ++i) {
    const std::string& name = order.script.scenarios[i].name;
    plan.scenarios.push_back(name.empty() ? std::to_string(i) : name);
  }
  plan.ensure = order.script.config.ensure;
  return plan;
}

core::Result<void> put_files(const Order& order, StoredPlan& plan, Store& store) {
  auto packed = pack_files(order.script);
  if (!packed) return std::move(packed).error();
  std::set<std::string> there;
  for (const PackedFile& file : *packed) {
    plan.files.push_back(file.stored);
    if (!there.insert(file.stored.digest).second) continue;
    const auto content = core::read_file(file.source);
    if (!content) return content.error();
    if (core::sha256(*content) != file.stored.digest)
      return wrong(file.source + " was changed while it was read");
    if (auto put = store.put(keys::file(plan.run, file.stored.digest), *content); !put) return put;
  }
  return {};
}

}  // namespace

// The plan comes last: a run whose plan is there is there as a whole.
core::Result<void> submit(const Order& order, Store& store, const core::Clock& clock) {
  if (order.plan.chunk_count == 0) return wrong("there is nothing to run: no chunks");
  if (!keys::is_run_id(order.load.test_id)) return wrong("the run's id cannot be a key");
  const auto existing = store.get(keys::plan(order.load.test_id));
  if (!existing) return existing.error();
  if (*existing) return wrong("there is a run of that id already");
  StoreClock store_clock(clock);
  store_clock.compare(store);
  StoredPlan plan = describe(order, store_clock.now());
  if (auto put = put_files(order, plan, store); !put) return put;
  const std::string script = script_to_json(order.load);
  plan.script_digest = core::sha256(script);
  if (auto put = store.put(keys::file(plan.run, plan.script_digest), script); !put) return put;
  std::vector<plan::Chunk> list;
  for (std::uint32_t i = 0; i < order.plan.chunk_count; ++i) list.push_back(order.plan.chunk(i));
  const std::string chunks = chunks_to_json(list);
  plan.chunks_digest = core::sha256(chunks);
  if (auto put = store.put(keys::chunks(plan.run), chunks); !put) return put;
  const auto submitted =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_milliseconds(plan.submitted)));
  if (auto put = store.put(keys::index_entry(submitted, plan.run), ""); !put) return put;
  const std::string bytes = to_json(plan);
  const auto put = store.put_if_absent(keys::plan(plan.run), bytes);
  if (!put) return put.error();
  if (*put == Store::Put::kStored) return {};
  const auto kept = store.get(keys::plan(plan.run));  // ours, when an answer was lost
  if (!kept) return kept.error();
  return kept->value_or("") == bytes ? core::Result<void>()
                                     : wrong("there is a run of that id already");
}

}  // namespace slsart::run::fleet
