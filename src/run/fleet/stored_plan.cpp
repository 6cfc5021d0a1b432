#include "run/fleet/stored_plan.h"

#include <algorithm>
#include <memory>
#include <set>

#include "plan/chunk_json.h"
#include "run/fleet/detail/object_reader.h"
#include "run/fleet/envelope.h"
#include "run/fleet/keys.h"

namespace slsart::run::fleet {
namespace {

using core::Value;
using detail::ObjectReader;

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kLongText = 65'536;
constexpr std::size_t kMostFiles = 10'000;
constexpr std::size_t kMostChunks = 1'000'000;
constexpr std::int64_t kLatest = 253'402'300'799'000;
constexpr std::int64_t kLongestNs = 3660LL * 24 * 3600 * 1'000'000'000;
constexpr std::int64_t kMost = std::int64_t{1} << 62;

Value to_value(const StoredFile& file) {
  return Value::make_object({{"name", file.name},
                             {"path", file.path},
                             {"digest", file.digest},
                             {"bytes", file.size_bytes}});
}

// Nothing may be put outside the run's folder.
bool stays_inside(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos)
    return false;
  for (;;) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

core::Result<StoredFile> parse_file(const Value& value) {
  ObjectReader reader(value, "a file of the plan");
  StoredFile file;
  file.name = reader.text("name", kLongText);
  file.path = reader.text("path", kLongText);
  file.digest = reader.digest("digest");
  file.size_bytes = static_cast<std::uint64_t>(reader.integer("bytes", 0, kMost));
  if (!stays_inside(file.path)) reader.fail("has a wrong \"path\"");
  if (auto done = reader.finish(); !done) return std::move(done).error();
  return file;
}

Value to_value(const script::Ensure& ensure) {
  Value conditions(Value::List{});
  for (const script::EnsureCondition& condition : ensure.conditions) {
    if (!condition.abort) continue;
    conditions.push(Value::make_object({{"text", condition.text},
                                        {"expression", condition.expression},
                                        {"strict", condition.strict}}));
  }
  return Value::make_object({{"conditions", std::move(conditions)},
                             {"afterNs", std::int64_t{ensure.abort_after.count()}}});
}

core::Result<script::Ensure> parse_ensure(const Value& value) {
  ObjectReader reader(value, "\"ensure\" of the plan");
  script::Ensure ensure;
  ensure.abort_after = core::Duration(reader.integer("afterNs", 0, kLongestNs));
  for (const Value& one : reader.list("conditions", kMostFiles)) {
    ObjectReader inner(one, "a condition of the plan");
    ensure.conditions.push_back({.text = inner.text("text", kLongText),
                                 .expression = inner.text("expression", kLongText),
                                 .strict = inner.boolean("strict"),
                                 .abort = true});
    if (auto done = inner.finish(); !done) return std::move(done).error();
  }
  if (auto done = reader.finish(); !done) return std::move(done).error();
  return ensure;
}

core::Result<void> read_lists(ObjectReader& reader, StoredPlan& plan) {
  for (const Value& one : reader.list("files", kMostFiles)) {
    auto file = parse_file(one);
    if (!file) return std::move(file).error();
    plan.files.push_back(*std::move(file));
  }
  for (const Value& name : reader.list("scenarios", kLongText)) {
    if (!name.is_string()) reader.fail("has wrong \"scenarios\"");
    plan.scenarios.push_back(name.is_string() ? name.as_string() : "");
  }
  auto ensure = parse_ensure(reader.any("ensure"));
  if (!ensure) return std::move(ensure).error();
  plan.ensure = *std::move(ensure);
  return {};
}

void add_names_after(std::string_view word, std::string_view text, std::set<std::string>& names) {
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at)) {
    at += word.size();
    std::size_t begin = at;
    while (begin < text.size() &&
           std::string_view(".[\"'\\ ").find(text[begin]) != std::string_view::npos)
      ++begin;
    std::size_t end = begin;
    while (end < text.size() && is_name(text[end])) ++end;
    if (begin > at && end > begin) names.emplace(text.substr(begin, end - begin));
  }
}

std::set<std::string> environment_names(const script::LoadOptions& options) {
  std::set<std::string> names;
  const auto look = [&](std::string_view text) {
    add_names_after("$processEnvironment", text, names);
    add_names_after("$env", text, names);
  };
  for (const core::SourcePtr& source : options.sources) look(source->text);
  if (options.overrides) look(*options.overrides);
  if (options.variables) look(*options.variables);
  return names;
}

void set_if(Value& object, std::string_view name, const std::optional<std::string>& text) {
  if (text) object.set(name, *text);
}

void read_if(ObjectReader& reader, std::string_view name, std::optional<std::string>& text) {
  constexpr std::size_t kLongest = std::size_t{64} << 20;
  if (reader.has(name)) text = reader.text(name, kLongest);
}

}  // namespace

std::string to_json(const StoredPlan& plan) {
  Value files(Value::List{});
  for (const StoredFile& file : plan.files) files.push(to_value(file));
  Value scenarios(Value::List{});
  for (const std::string& name : plan.scenarios) scenarios.push(name);
  Value value;
  value.set("version", kVersion);
  value.set("run", plan.run);
  value.set("token", plan.token);
  value.set("slsart", plan.version);
  value.set("mode", script::name_of(plan.mode));
  value.set("errorBudget", plan.error_budget);
  value.set("submitted", to_milliseconds(plan.submitted));
  value.set("scriptName", plan.script_name);
  value.set("script", plan.script_digest);
  value.set("target", plan.target);
  value.set("dialect", plan.dialect);
  value.set("seed", std::to_string(plan.seed));
  value.set("files", std::move(files));
  value.set("chunks", plan.chunks_digest);
  value.set("chunkCount", std::int64_t{plan.chunk_count});
  value.set("durationNs", std::int64_t{plan.duration.count()});
  value.set("arrivals", plan.arrivals);
  value.set("startBufferNs", std::int64_t{plan.start_buffer.count()});
  value.set("partIntervalNs", std::int64_t{plan.part_interval.count()});
  value.set("hasBefore", plan.has_before);
  value.set("hasAfter", plan.has_after);
  value.set("scenarios", std::move(scenarios));
  value.set("ensure", to_value(plan.ensure));
  return core::to_json(value);
}

core::Result<StoredPlan> parse_plan(std::string_view bytes) {
  const auto value = core::parse_json(bytes);
  if (!value) return value.error();
  ObjectReader reader(*value, "the plan");
  const std::int64_t version = reader.integer("version", 0, kMost);
  if (!reader.failed() && version != kVersion) {
    return core::Error{core::ErrorCode::kUnsupported,
                       "the run was planned by another version of slsart",
                       "command line and function must be of the same version: deploy again",
                       {}};
  }
  StoredPlan plan;
  plan.run = reader.text("run", 64);
  if (!keys::is_run_id(plan.run)) reader.fail("has a wrong \"run\"");
  plan.token = reader.text("token", 128);
  plan.version = reader.text("slsart", 64);
  const auto mode = script::find_mode(reader.text("mode", 16));
  if (mode)
    plan.mode = *mode;
  else
    reader.fail("has a wrong \"mode\"");
  plan.error_budget = reader.number("errorBudget", 0, 1e18);
  plan.submitted = from_milliseconds(reader.integer("submitted", 0, kLatest));
  plan.script_name = reader.text("scriptName", kLongText);
  plan.script_digest = reader.digest("script");
  plan.target = reader.text("target", kLongText);
  plan.dialect = reader.text("dialect", 64);
  plan.seed = reader.seed("seed");
  plan.chunks_digest = reader.digest("chunks");
  plan.chunk_count = static_cast<std::uint32_t>(
      reader.integer("chunkCount", 1, static_cast<std::int64_t>(kMostChunks)));
  plan.duration = core::Duration(reader.integer("durationNs", 0, kLongestNs));
  plan.arrivals = static_cast<std::uint64_t>(reader.integer("arrivals", 0, kMost));
  plan.start_buffer = core::Duration(reader.integer("startBufferNs", 0, kLongestNs));
  plan.part_interval = core::Duration(reader.integer("partIntervalNs", 1, kLongestNs));
  plan.has_before = reader.boolean("hasBefore");
  plan.has_after = reader.boolean("hasAfter");
  if (auto lists = read_lists(reader, plan); !lists) return std::move(lists).error();
  if (auto done = reader.finish(); !done) return std::move(done).error();
  return plan;
}

std::string chunks_to_json(const std::vector<plan::Chunk>& chunks) {
  Value list(Value::List{});
  for (const plan::Chunk& chunk : chunks) list.push(plan::to_value(chunk));
  return core::to_json(list);
}

core::Result<std::vector<plan::Chunk>> parse_chunks(std::string_view bytes) {
  const auto value = core::parse_json(bytes);
  if (!value) return value.error();
  const auto wrong = [](const char* what) {
    return core::Error{core::ErrorCode::kInvalidInput, what, {}, {}};
  };
  if (!value->is_list() || value->as_list().empty() || value->as_list().size() > kMostChunks)
    return wrong("the chunks are no list");
  std::vector<plan::Chunk> chunks;
  for (const Value& one : value->as_list()) {
    auto chunk = plan::parse_chunk(one);
    if (!chunk) return std::move(chunk).error();
    if (chunk->index != chunks.size() || chunk->count != value->as_list().size())
      return wrong("the chunks are not numbered through");
    if (!chunks.empty() && chunk->window < chunks.back().window)
      return wrong("the windows of the chunks do not ascend");
    chunks.push_back(*std::move(chunk));
  }
  return chunks;
}

std::string script_to_json(const script::LoadOptions& options) {
  Value sources(Value::List{});
  for (const core::SourcePtr& source : options.sources)
    sources.push(Value::make_object({{"name", source->name}, {"text", source->text}}));
  Value environment(Value::Object{});
  for (const std::string& name : environment_names(options)) {
    const auto found = options.process_environment.find(name);
    if (found != options.process_environment.end()) environment.set(name, found->second);
  }
  Value value;
  value.set("version", kVersion);
  value.set("sources", std::move(sources));
  set_if(value, "environment", options.environment);
  set_if(value, "target", options.target);
  set_if(value, "payload", options.payload);
  set_if(value, "overrides", options.overrides);
  set_if(value, "variables", options.variables);
  set_if(value, "dialect", options.dialect);
  set_if(value, "scenarioName", options.scenario_name);
  if (options.mode) value.set("mode", script::name_of(*options.mode));
  value.set("insecure", options.insecure);
  value.set("solo", options.solo);
  value.set("testId", options.test_id);
  value.set("seed", std::to_string(options.seed));
  value.set("processEnvironment", std::move(environment));
  return core::to_json(value);
}

core::Result<script::LoadOptions> parse_script(std::string_view bytes) {
  constexpr std::size_t kLongest = std::size_t{64} << 20;
  const auto value = core::parse_json(bytes);
  if (!value) return value.error();
  ObjectReader reader(*value, "the stored script");
  if (reader.integer("version", 0, kMost) != kVersion) reader.fail("has an unknown version");
  script::LoadOptions options;
  for (const Value& one : reader.list("sources", 1000)) {
    ObjectReader inner(one, "a source of the stored script");
    core::Source source;
    source.name = inner.text("name", kLongText);
    source.text = inner.text("text", kLongest);
    if (auto done = inner.finish(); !done) return std::move(done).error();
    options.sources.push_back(std::make_shared<const core::Source>(std::move(source)));
  }
  if (options.sources.empty()) reader.fail("has no sources");
  read_if(reader, "environment", options.environment);
  read_if(reader, "target", options.target);
  read_if(reader, "payload", options.payload);
  read_if(reader, "overrides", options.overrides);
  read_if(reader, "variables", options.variables);
  read_if(reader, "dialect", options.dialect);
  read_if(reader, "scenarioName", options.scenario_name);
  if (reader.has("mode")) {
    options.mode = script::find_mode(reader.text("mode", 16));
    if (!options.mode) reader.fail("has a wrong \"mode\"");
  }
  options.insecure = reader.boolean("insecure");
  options.solo = reader.boolean("solo");
  options.test_id = reader.text("testId", 64);
  options.seed = reader.seed("seed");
  const Value& environment = reader.any("processEnvironment");
  if (!environment.is_object()) reader.fail("has a wrong \"processEnvironment\"");
  if (auto done = reader.finish(); !done) return std::move(done).error();
  for (const core::Member& member : environment.as_object()) {
    if (member.value.is_string())
      options.process_environment[member.key] = member.value.as_string();
  }
  return options;
}

}  // namespace slsart::run::fleet
