#include "engine/http/upload_files.h"

#include <utility>

#include "core/text.h"

namespace slsart::engine {

core::Result<std::shared_ptr<const std::string>> UploadFiles::read(const std::string& path,
                                                                   const std::string& directory) {
  if (const auto known = by_path_.find(path); known != by_path_.end()) {
    files_.splice(files_.begin(), files_, known->second);
    return files_.front().content;
  }
  const bool is_relative = !path.starts_with('/') && !directory.empty();
  auto text = core::read_file(is_relative ? directory + "/" + path : path, limit_bytes_);
  if (!text && is_relative && text.error().code == core::ErrorCode::kNotFound)
    text = core::read_file(path, limit_bytes_);
  if (!text) return std::move(text).error();
  size_bytes_ += text->size();
  files_.push_front({path, std::make_shared<const std::string>(*std::move(text))});
  by_path_[path] = files_.begin();
  while (size_bytes_ > limit_bytes_ && files_.size() > 1) {
    size_bytes_ -= files_.back().content->size();
    by_path_.erase(files_.back().path);
    files_.pop_back();
  }
  return files_.front().content;
}

UploadFiles& upload_files() {
  constexpr std::size_t kLimitBytes = 64u << 20;
  thread_local UploadFiles files(kLimitBytes);
  return files;
}

}  // namespace slsart::engine
