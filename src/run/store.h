#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace slsart::run {

// Where a run's objects lie, for the driver and for all workers: named byte strings. The only way
// by which they speak to each other (docs/run-store.md has the names). A folder, a bucket, or
// memory with faults in tests.
//
// A key is made of letters, digits and "._-/", at most kMaxKeyBytes, without empty parts, "." and
// "..", and begins with no dot. No key lies within another ("a" beside "a/b"). Calls block, at most
// a minute with all retries; each is safe to repeat after an error, when it may or may not have
// been done. What was put is seen by every later get and list. Any thread.
//
// Errors, all kIo with the reason: the store cannot be reached or refuses; kInvalidInput: a bad
// key.
class Store {
 public:
  static constexpr std::size_t kMaxListed = 1000;
  static constexpr std::size_t kMaxKeyBytes = 512;

  virtual ~Store() = default;

  // Writes or replaces, whole or not at all.
  virtual core::Result<void> put(std::string_view key, std::string_view bytes) = 0;

  // The one decision among many: of several callers exactly one gets kStored. After an error, or
  // when an answer was lost and the call repeated, kExists may speak of the caller's own object:
  // who must know puts a nonce into it and reads it.
  enum class Put { kStored, kExists };
  virtual core::Result<Put> put_if_absent(std::string_view key, std::string_view bytes) = 0;

  // Nothing when there is no such object.
  virtual core::Result<std::optional<std::string>> get(std::string_view key) = 0;

  struct Entry {
    std::string key;
    std::uint64_t size_bytes = 0;
  };
  // The first kMaxListed keys that begin with `prefix` and come after `after`, ascending by bytes.
  virtual core::Result<std::vector<Entry>> list(std::string_view prefix,
                                                std::string_view after = {}) = 0;

  // Not there is no error.
  virtual core::Result<void> remove(std::string_view key) = 0;

  // The store's own time by its latest answer; nothing before there was one. All planned times of a
  // run are in it (architecture §6).
  virtual std::optional<core::WallTime> store_time() const = 0;
};

// Every store asks this first. Errors: kInvalidInput, what is wrong with the key.
core::Result<void> check_store_key(std::string_view key);

}  // namespace slsart::run
