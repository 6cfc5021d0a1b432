#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "core/value.h"
#include "plan/chunk.h"
#include "run/modes/mode.h"
#include "script/load.h"
#include "script/plugins.h"

namespace slsart::run::fleet {

// A file that travels with the run.
struct StoredFile {
  std::string name;    // as the script names it; empty: something the processor requires
  std::string path;    // where executors put it, relative to the run's folder
  std::string digest;  // SHA-256 of its content, its name in the store
  std::uint64_t size_bytes = 0;
};

// What a run is, as far as every executor must know: the object runs/<run>/plan, written once and
// never changed; events name it by its digest. docs/run-store.md has the layout.
struct StoredPlan {
  std::string run;
  std::string token;    // of the deployment
  std::string version;  // of slsart
  Mode mode = Mode::kPerformance;
  double error_budget = 0;
  core::WallTime submitted{};
  std::string script_name;
  std::string script_digest;  // of the stored script, see below
  std::string target;
  std::string dialect;
  std::uint64_t seed = 0;
  std::vector<StoredFile> files;
  std::string chunks_digest;  // of the object runs/<run>/chunks
  std::uint32_t chunk_count = 0;
  core::Duration duration{};  // of the schedule
  std::uint64_t arrivals = 0;
  core::Duration start_buffer{};
  core::Duration part_interval{};  // between two deltas of an executor
  bool has_before = false;
  bool has_after = false;
  std::vector<std::string> scenarios;  // names or numbers, for messages
  script::Ensure ensure;               // only conditions that may end the run
};

std::string to_json(const StoredPlan& plan);
core::Result<StoredPlan> parse_plan(std::string_view bytes);

std::string chunks_to_json(const std::vector<plan::Chunk>& chunks);
core::Result<std::vector<plan::Chunk>> parse_chunks(std::string_view bytes);

// The script as it was loaded: its texts and what the command line added, so that an executor loads
// the very same. Of the environment only what the texts name travels
// ($processEnvironment.NAME, $env.NAME): the rest is the executor's own.
std::string script_to_json(const script::LoadOptions& options);
// `files` and `directory` are left for the reader to fill.
core::Result<script::LoadOptions> parse_script(std::string_view bytes);

}  // namespace slsart::run::fleet
