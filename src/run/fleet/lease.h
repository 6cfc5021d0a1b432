#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"
#include "core/time.h"
#include "run/store.h"

namespace slsart::run::fleet {

// Who drives a run. A lease is held by who wrote its highest generation, until the time in it;
// renewing writes the next generation, and so does taking over one that has run out. As a
// generation is only ever put where none is, two can never hold the same one, and who was too slow
// sees it at the next renewal.
//
//   runs/<run>/lease/00000007   {"holder":"<nonce>","until":ms}
class Lease {
 public:
  static constexpr core::Duration kLength = std::chrono::seconds(30);
  static constexpr core::Duration kRenewal = std::chrono::seconds(8);
  // Clocks may be this far apart: a lease is left early and taken late by so much.
  static constexpr core::Duration kSlack = std::chrono::seconds(3);

  Lease(Store& store, std::string run, std::string holder);

  enum class State { kHeld, kOthers };
  // Takes a lease that nobody holds, or that has run out; `now` in the store's time. Errors: kIo.
  core::Result<State> acquire(core::WallTime now);
  // Renews it when it is time. kOthers: somebody took it over; it is gone for good. An error leaves
  // it as it is; it may run out then.
  core::Result<State> renew(core::WallTime now);
  // Looks whether nobody took it over, before something that only the holder may do.
  core::Result<State> confirm(core::WallTime now);
  // For those who only watch.
  core::Result<bool> is_held_by_anybody(core::WallTime now);
  // Lets it go, so that a successor need not wait.
  core::Result<void> release(core::WallTime now);

  bool is_held(core::WallTime now) const { return held_ && now < until_ - kSlack; }
  // Of the lease as it was read last, whoever holds it.
  std::optional<core::WallTime> until() const {
    return generation_ ? std::optional(until_) : std::nullopt;
  }

 private:
  core::Result<void> look();  // reads the highest generation
  core::Result<State> write_next(core::WallTime until);

  Store& store_;
  std::string run_;
  std::string holder_;
  std::optional<std::uint64_t> generation_;  // the highest seen
  std::string seen_holder_;
  core::WallTime until_{};
  bool held_ = false;
};

}  // namespace slsart::run::fleet
