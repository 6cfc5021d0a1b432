#include "run/fleet/run_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <set>

#include "core/digest.h"
#include "core/text.h"
#include "run/fleet/keys.h"

namespace slsart::run::fleet {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostModules = 2'000;

core::Error cannot(const std::string& what) {
  return core::Error{core::ErrorCode::kIo, what, {}, {}};
}

core::Result<PackedFile> pack(const std::string& source, const std::string& name,
                              const std::string& path) {
  auto content = core::read_file(source);
  if (!content) return std::move(content).error();
  return PackedFile{.stored = {.name = name,
                               .path = path,
                               .digest = core::sha256(*content),
                               .size_bytes = content->size()},
                    .source = source};
}

// The texts in quotes after `word`: require('./x'), from "./x", import './x'. Comments are not told
// from code; a file too many does no harm.
void add_relative_names(std::string_view text, std::string_view word,
                        std::set<std::string>& names) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at)) {
    at += word.size();
    while (at < text.size() && std::string_view(" \t\n(").find(text[at]) != std::string_view::npos)
      ++at;
    if (at >= text.size() || (text[at] != '\'' && text[at] != '"' && text[at] != '`')) continue;
    const std::size_t end = text.find(text[at], at + 1);
    if (end == std::string_view::npos) return;
    const std::string_view name = text.substr(at + 1, end - at - 1);
    if (name.starts_with("./") || name.starts_with("../")) names.emplace(name);
  }
}

// As Node looks for what is required: as it is, with an extension, as a folder's index.
std::optional<fs::path> find_module(const fs::path& base) {
  std::error_code ignored;
  for (const char* end : {"", ".js", ".json", ".cjs", ".mjs", ".ts", "/index.js"}) {
    const fs::path path = base.string() + end;
    if (fs::is_regular_file(path, ignored)) return path.lexically_normal();
  }
  return std::nullopt;
}

std::optional<fs::path> nearest_package(const fs::path& file) {
  std::error_code ignored;
  for (fs::path folder = file.parent_path();; folder = folder.parent_path()) {
    if (fs::is_regular_file(folder / "package.json", ignored)) return folder / "package.json";
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

// The processor and all that it requires by a relative path, absolute paths.
core::Result<std::vector<fs::path>> modules_of(const fs::path& processor) {
  std::set<fs::path> seen = {processor};
  std::deque<fs::path> open = {processor};
  while (!open.empty()) {
    const fs::path file = open.front();
    open.pop_front();
    if (file.extension() == ".json") continue;
    const auto text = core::read_file(file.string());
    if (!text) return text.error();
    std::set<std::string> names;
    for (const char* word : {"require", "from", "import", "readFileSync", "createReadStream"})
      add_relative_names(*text, word, names);
    for (const std::string& name : names) {
      const auto found = find_module((file.parent_path() / name).lexically_normal());
      if (found && seen.insert(*found).second) open.push_back(*found);
    }
    if (seen.size() > kMostModules) {
      return core::Error{core::ErrorCode::kLimit,
                         "the processor requires more than 2,000 files",
                         "put packages into node_modules: they travel with the deployment",
                         {}};
    }
  }
  if (const auto package = nearest_package(processor)) seen.insert(*package);
  return std::vector<fs::path>(seen.begin(), seen.end());
}

fs::path common_folder(const std::vector<fs::path>& files) {
  fs::path common = files.front().parent_path();
  for (const fs::path& file : files) {
    while (!common.empty() && common != common.root_path()) {
      const auto [end, ignored] =
          std::mismatch(common.begin(), common.end(), file.begin(), file.end());
      if (end == common.end()) break;
      common = common.parent_path();
    }
  }
  return common;
}

core::Result<void> pack_processor(const script::Script& script, std::vector<PackedFile>& out) {
  const fs::path processor = script.config.processor->path;
  std::string name;
  for (const script::NamedFile& file : script.files) {
    std::error_code ignored;
    if (fs::equivalent(file.path, processor, ignored)) name = file.name;
  }
  const auto modules = modules_of(processor);
  if (!modules) return modules.error();
  const fs::path root = common_folder(*modules);
  for (const fs::path& module : *modules) {
    const std::string path = "processor/" + module.lexically_relative(root).string();
    auto packed = pack(module.string(), module == processor ? name : "", path);
    if (!packed) return std::move(packed).error();
    out.push_back(*std::move(packed));
  }
  return {};
}

std::string folder_name(const StoredPlan& plan) {
  std::string all;
  for (const StoredFile& file : plan.files) all += file.path + "\n" + file.digest + "\n";
  return "slsart-" + core::sha256(all).substr(0, 24);
}

core::Result<void> bring(const StoredFile& file, const StoredPlan& plan, Store& store,
                         const fs::path& to) {
  std::error_code failed;
  if (fs::is_regular_file(to, failed) && fs::file_size(to, failed) == file.size_bytes) return {};
  const auto content = store.get(keys::file(plan.run, file.digest));
  if (!content) return content.error();
  if (!*content) return cannot("a file of the run is not in the store: " + file.path);
  if (core::sha256(**content) != file.digest) {
    return core::Error{
        core::ErrorCode::kInvalidInput, "a file of the run is damaged: " + file.path, {}, {}};
  }
  fs::create_directories(to.parent_path(), failed);
  return core::write_file(to.string(), **content);
}

}  // namespace

core::Result<std::vector<PackedFile>> pack_files(const script::Script& script) {
  std::vector<PackedFile> packed;
  std::set<std::string> done;
  std::error_code ignored;
  for (const script::NamedFile& file : script.files) {
    const bool is_processor = script.config.processor &&
                              fs::equivalent(file.path, script.config.processor->path, ignored);
    if (is_processor || !done.insert(file.name).second) continue;
    const std::string path =
        "files/" + std::to_string(packed.size()) + "/" + fs::path(file.path).filename().string();
    auto one = pack(file.path, file.name, path);
    if (!one) return std::move(one).error();
    packed.push_back(*std::move(one));
  }
  if (script.config.processor) {
    if (auto with = pack_processor(script, packed); !with) return std::move(with).error();
  }
  return packed;
}

core::Result<RunFolder> unpack_files(const StoredPlan& plan, Store& store,
                                     const std::string& scratch, const std::string& deployed) {
  RunFolder folder{.directory = deployed, .files = {}};
  if (plan.files.empty()) return folder;
  const fs::path root = fs::path(scratch) / folder_name(plan);
  std::error_code failed;
  fs::create_directories(root, failed);
  if (failed) return cannot("cannot make " + root.string() + ": " + failed.message());
  folder.directory = root.string();
  for (const StoredFile& file : plan.files) {
    const fs::path to = root / file.path;
    if (auto done = bring(file, plan, store, to); !done) return std::move(done).error();
    if (!file.name.empty()) folder.files[file.name] = to.string();
  }
  const fs::path packages = fs::absolute(fs::path(deployed) / "node_modules", failed);
  if (fs::is_directory(packages, failed))
    fs::create_directory_symlink(packages, root / "node_modules", failed);  // there: fine
  return folder;
}

}  // namespace slsart::run::fleet
