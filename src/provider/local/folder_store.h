#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "run/store.h"

namespace slsart::provider::local {

// A store in a folder: the object of a key is the file of that path below it. Of several processes
// that use the folder at the same time each sees whole objects only: a file is written aside (in
// ".new" of the folder) and then renamed or linked to its name. Survives the process, not a crash
// of the machine (nothing is flushed to the disk).
//
// A key cannot be the folder of another one (no "a" beside "a/b"): kInvalidInput.
//
// For tests there is a way to make it fail: the file ".faults" of the folder, looked at by every
// call, of lines
//   fail-until <milliseconds since 1970>   every call fails until then (kIo)
//   lose-answer <part of a key>            a put_if_absent() of such a key is done, but fails
//   (kIo),
//                                          the first time that this object is asked for it
class FolderStore final : public run::Store {
 public:
  // The folder, made when the first object is put. Requires: an absolute path.
  explicit FolderStore(std::string folder);

  core::Result<void> put(std::string_view key, std::string_view bytes) override;
  core::Result<Put> put_if_absent(std::string_view key, std::string_view bytes) override;
  core::Result<std::optional<std::string>> get(std::string_view key) override;
  core::Result<std::vector<Entry>> list(std::string_view prefix, std::string_view after) override;
  core::Result<void> remove(std::string_view key) override;
  // The system's clock, as soon as there was a call.
  std::optional<core::WallTime> store_time() const override;

  const std::string& folder() const { return folder_; }

 private:
  core::Result<void> begin(std::string_view key);
  core::Result<std::string> write_aside(std::string_view bytes);
  bool loses_answer(std::string_view key);

  std::string folder_;
  std::atomic<bool> was_used_ = false;
  std::atomic<bool> lost_an_answer_ = false;
};

}  // namespace slsart::provider::local
