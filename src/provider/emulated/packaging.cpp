#include "provider/emulated/packaging.h"

#include <filesystem>

namespace slsart::provider::emulated {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = std::uint64_t{250} << 20;
constexpr std::string_view kLeftOut[] = {
    ".git",        ".gitignore",          ".DS_Store",      "npm-debug.log",   "yarn-*.log",
    ".serverless", ".serverless_plugins", "serverless.yml", "serverless.yaml", "serverless.json",
    ".env*"};

bool matches(std::string_view path, std::string_view pattern) {
  if (pattern.empty()) return path.empty() || path.front() == '/';  // a folder and all in it
  if (pattern.starts_with("**")) {
    std::string_view rest = pattern.substr(2);
    if (rest.empty()) return true;
    if (rest.front() == '/') rest.remove_prefix(1);  // "**/x" is also "x"
    for (std::size_t at = 0; at <= path.size(); ++at) {
      const bool is_start = at == 0 || path[at - 1] == '/' || pattern.size() == 2 + rest.size();
      if (is_start && matches(path.substr(at), rest)) return true;
    }
    return false;
  }
  if (pattern.front() == '*') {
    for (std::size_t at = 0;; ++at) {
      if (matches(path.substr(at), pattern.substr(1))) return true;
      if (at == path.size() || path[at] == '/') return false;
    }
  }
  if (path.empty()) return false;
  const bool is_same =
      path.front() == pattern.front() || (pattern.front() == '?' && path.front() != '/');
  return is_same && matches(path.substr(1), pattern.substr(1));
}

bool is_wanted(std::string_view path, const std::vector<std::string>& patterns) {
  bool wanted = true;
  for (const std::string_view pattern : kLeftOut) {
    if (matches_pattern(path, pattern)) wanted = false;
  }
  for (const std::string& pattern : patterns) {
    const bool leaves_out = pattern.starts_with('!');
    if (matches_pattern(path, leaves_out ? std::string_view(pattern).substr(1) : pattern)) {
      wanted = !leaves_out;
    }
  }
  return wanted;
}

core::Error io_error(const fs::path& path, const std::error_code& failure) {
  return {core::ErrorCode::kIo, path.string() + ": " + failure.message()};
}

}  // namespace

bool matches_pattern(std::string_view path, std::string_view pattern) {
  if (pattern.starts_with("./")) pattern.remove_prefix(2);
  while (pattern.ends_with('/')) pattern.remove_suffix(1);
  return !pattern.empty() && matches(path, pattern);
}

core::Result<Packed> pack(const std::string& directory, const std::vector<std::string>& patterns,
                          const std::string& target, const std::string& never) {
  Packed packed;
  std::error_code failure;
  const fs::path excluded = fs::weakly_canonical(never, failure);
  fs::recursive_directory_iterator at(directory, fs::directory_options::none, failure);
  for (; !failure && at != fs::recursive_directory_iterator(); at.increment(failure)) {
    const fs::path& path = at->path();
    const std::string relative = path.lexically_relative(directory).string();
    if (at->is_directory(failure)) {
      const bool is_left_out =
          relative == ".git" || fs::weakly_canonical(path, failure) == excluded;
      if (is_left_out) at.disable_recursion_pending();
      continue;
    }
    if (!at->is_regular_file(failure) || !is_wanted(relative, patterns)) continue;
    packed.bytes += at->file_size(failure);
    if (packed.bytes > kMaxBytes) {
      return core::Error{
          core::ErrorCode::kLimit,
          "the files of the service are larger than 250 MB: Lambda would not take them",
          "leave some out by package.patterns in serverless.yml"};
    }
    const fs::path copy = fs::path(target) / relative;
    fs::create_directories(copy.parent_path(), failure);
    if (!failure) fs::copy_file(path, copy, fs::copy_options::overwrite_existing, failure);
    if (failure) return io_error(path, failure);
    ++packed.files;
  }
  if (failure) return io_error(directory, failure);
  return packed;
}

}  // namespace slsart::provider::emulated
