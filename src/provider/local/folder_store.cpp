#include "provider/local/folder_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/text.h"

namespace slsart::provider::local {
namespace {

core::Error io_error(const std::string& what, int error) {
  return {core::ErrorCode::kIo, "the store cannot " + what + ": " + std::strerror(error)};
}

core::Error nested_key(std::string_view key) {
  return {core::ErrorCode::kInvalidInput, "the store's key \"" + std::string(key) +
                                              "\" lies within another key, or the other way round"};
}

// Makes the folders above `path`.
bool make_parents(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == 0 || slash == std::string::npos) return true;
  const std::string parent = path.substr(0, slash);
  if (mkdir(parent.c_str(), 0700) == 0 || errno == EEXIST) return true;
  if (errno != ENOENT || !make_parents(parent)) return false;
  return mkdir(parent.c_str(), 0700) == 0 || errno == EEXIST;
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Walks a folder in the order of the keys (bytes), leaves out what cannot be listed.
class Lister {
 public:
  Lister(const std::string& folder, std::string_view prefix, std::string_view after)
      : root_(folder), prefix_(prefix), after_(after) {}

  core::Result<std::vector<run::Store::Entry>> list() {
    if (!walk("")) return io_error("list its folder", error_);
    return std::move(found_);
  }

 private:
  // The names of a folder, those of folders with a "/" at the end, so that they sort as keys do.
  bool names_of(const std::string& path, std::vector<std::string>& names) {
    DIR* const directory = opendir(path.c_str());
    if (directory == nullptr) {
      error_ = errno;
      return errno == ENOENT;  // nothing was put yet, or it was removed meanwhile
    }
    while (const dirent* entry = readdir(directory)) {
      std::string name = entry->d_name;
      if (name.front() == '.' && (name == "." || name == ".." || path == root_)) continue;
      bool is_folder = entry->d_type == DT_DIR;
      if (entry->d_type == DT_UNKNOWN) {
        struct stat status {};
        is_folder = stat((path + "/" + name).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
      }
      if (is_folder) name += '/';
      names.push_back(std::move(name));
    }
    closedir(directory);
    std::sort(names.begin(), names.end());
    return true;
  }

  // `within` is the key's part so far, "" or ending in "/".
  bool walk(const std::string& within) {
    std::vector<std::string> names;
    if (!names_of(within.empty() ? root_ : root_ + "/" + within, names)) return false;
    for (const std::string& name : names) {
      if (found_.size() == run::Store::kMaxListed) return true;
      const std::string key = within + name;
      const bool is_folder = name.back() == '/';
      if (!may_lead_to_prefix(key, is_folder) || is_before_start(key, is_folder)) continue;
      if (is_folder) {
        if (!walk(key)) return false;
        continue;
      }
      struct stat status {};
      if (stat((root_ + "/" + key).c_str(), &status) != 0) continue;  // removed meanwhile
      found_.push_back({.key = key, .size_bytes = static_cast<std::uint64_t>(status.st_size)});
    }
    return true;
  }

  bool may_lead_to_prefix(const std::string& key, bool is_folder) const {
    if (key.starts_with(prefix_)) return true;
    return is_folder && prefix_.starts_with(key);
  }
  bool is_before_start(const std::string& key, bool is_folder) const {
    if (is_folder && after_.starts_with(key)) return false;
    return key <= after_;
  }

  const std::string& root_;
  std::string_view prefix_;
  std::string_view after_;
  std::vector<run::Store::Entry> found_;
  int error_ = 0;
};

}  // namespace

FolderStore::FolderStore(std::string folder) : folder_(std::move(folder)) {}

core::Result<void> FolderStore::begin(std::string_view key) {
  if (auto checked = run::check_store_key(key); !checked) return checked;
  was_used_ = true;
  struct stat status {};
  const std::string faults = folder_ + "/.faults";
  if (stat(faults.c_str(), &status) != 0) return {};
  const core::Result<std::string> text = core::read_file(faults, 4096);
  if (!text) return {};
  for (const std::string_view line : core::split(*text, '\n')) {
    constexpr std::string_view kWord = "fail-until ";
    if (!line.starts_with(kWord)) continue;
    const auto until = core::parse_integer(line.substr(kWord.size()));
    const core::WallTime now = core::SystemClock().wall_now();
    if (until && now < core::WallTime(std::chrono::milliseconds(*until))) {
      return core::Error{core::ErrorCode::kIo, "the store cannot be reached (.faults says so)"};
    }
  }
  return {};
}

bool FolderStore::loses_answer(std::string_view key) {
  const core::Result<std::string> text = core::read_file(folder_ + "/.faults", 4096);
  if (!text) return false;
  for (const std::string_view line : core::split(*text, '\n')) {
    constexpr std::string_view kWord = "lose-answer ";
    if (!line.starts_with(kWord)) continue;
    if (key.find(line.substr(kWord.size())) != std::string_view::npos) {
      return !lost_an_answer_.exchange(true);
    }
  }
  return false;
}

core::Result<std::string> FolderStore::write_aside(std::string_view bytes) {
  std::string path = folder_ + "/.new/XXXXXX";
  if (!make_parents(path)) return io_error("make its folder " + folder_, errno);
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return io_error("write to its folder " + folder_, errno);
  const bool complete = write_all(descriptor, bytes);
  const int error = errno;
  if (close(descriptor) == 0 && complete) return path;
  unlink(path.c_str());
  return io_error("write an object", error);
}

core::Result<void> FolderStore::put(std::string_view key, std::string_view bytes) {
  if (auto begun = begin(key); !begun) return begun;
  core::Result<std::string> aside = write_aside(bytes);
  if (!aside) return std::move(aside).error();
  const std::string path = folder_ + "/" + std::string(key);
  if (make_parents(path) && rename(aside->c_str(), path.c_str()) == 0) return {};
  const int error = errno;
  unlink(aside->c_str());
  if (error == ENOTDIR || error == EISDIR) return nested_key(key);
  return io_error("put " + std::string(key), error);
}

core::Result<run::Store::Put> FolderStore::put_if_absent(std::string_view key,
                                                         std::string_view bytes) {
  if (auto begun = begin(key); !begun) return std::move(begun).error();
  core::Result<std::string> aside = write_aside(bytes);
  if (!aside) return std::move(aside).error();
  const std::string path = folder_ + "/" + std::string(key);
  // link() is what is decided in one step, on every file system: the name is there or not.
  const bool is_stored = make_parents(path) && link(aside->c_str(), path.c_str()) == 0;
  const int error = errno;
  unlink(aside->c_str());
  struct stat status {};
  const bool is_nested =
      error == ENOTDIR || (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode));
  if (!is_stored && is_nested) return nested_key(key);
  if (!is_stored && error != EEXIST) return io_error("put " + std::string(key), error);
  if (loses_answer(key)) {
    return core::Error{core::ErrorCode::kIo, "the store's answer was lost (.faults says so)"};
  }
  return is_stored ? Put::kStored : Put::kExists;
}

core::Result<std::optional<std::string>> FolderStore::get(std::string_view key) {
  if (auto begun = begin(key); !begun) return std::move(begun).error();
  const std::string path = folder_ + "/" + std::string(key);
  core::Result<std::string> bytes = core::read_file(path);
  if (bytes) return std::optional(*std::move(bytes));
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
    return std::optional<std::string>();
  }
  if (S_ISDIR(status.st_mode)) return std::optional<std::string>();
  return std::move(bytes).error().within("reading the store");
}

core::Result<std::vector<run::Store::Entry>> FolderStore::list(std::string_view prefix,
                                                               std::string_view after) {
  if (auto begun = begin("list"); !begun) return std::move(begun).error();
  return Lister(folder_, prefix, after).list();
}

core::Result<void> FolderStore::remove(std::string_view key) {
  if (auto begun = begin(key); !begun) return begun;
  const std::string path = folder_ + "/" + std::string(key);
  if (unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR || errno == EISDIR) {
    return {};
  }
  return io_error("remove " + std::string(key), errno);
}

std::optional<core::WallTime> FolderStore::store_time() const {
  if (!was_used_) return std::nullopt;
  return core::SystemClock().wall_now();
}

}  // namespace slsart::provider::local
