#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/result.h"

namespace slsart::engine {

// Files that users send, read when they are first needed. What was used longest ago is forgotten
// when all of them together would pass the limit; a file that changes on disk is read again only
// then. One thread.
class UploadFiles {
 public:
  explicit UploadFiles(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  // The content of a file; a relative path starts in `directory`, else in the working directory.
  // Errors: kNotFound, kInvalidInput (a directory), kLimit (larger than the limit of one file).
  core::Result<std::shared_ptr<const std::string>> read(const std::string& path,
                                                        const std::string& directory);
  std::size_t size_bytes() const { return size_bytes_; }

 private:
  struct File {
    std::string path;
    std::shared_ptr<const std::string> content;
  };

  std::size_t limit_bytes_;
  std::size_t size_bytes_ = 0;
  std::list<File> files_;  // what was used last stands first
  std::unordered_map<std::string, std::list<File>::iterator> by_path_;
};

// The files of this thread, 64 MiB of them at most.
UploadFiles& upload_files();

}  // namespace slsart::engine
