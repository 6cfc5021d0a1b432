#pragma once

#include <cstdint>
#include <string>

#include "core/time.h"

namespace slsart::provider::emulated {

// What is to go wrong on purpose, for tests: "faults.json" of the state folder, read again whenever
// it changed. Absent members are 0: nothing happens. "every" counts asynchronous events: every
// n-th.
//
//   {"duplicateEvery": 10,    delivered twice
//    "delayEvery": 3, "delayMs": 5000,   becomes due later
//    "loseEvery": 7,          accepted, never delivered
//    "loseAnswerEvery": 5,    accepted and delivered, but the caller's connection is closed
//    "minuteMs": 200,         how long a minute is for schedules and retries
//    "accountConcurrency": 5} what the account allows, instead of what was deployed
struct Faults {
  std::uint32_t duplicate_every = 0;
  std::uint32_t delay_every = 0;
  core::Duration delay{};
  std::uint32_t lose_every = 0;
  std::uint32_t lose_answer_every = 0;
  core::Duration minute = std::chrono::minutes(1);
  std::uint32_t account_concurrency = 0;
};

class FaultFile {
 public:
  explicit FaultFile(std::string path) : path_(std::move(path)) {}
  // As the file says now; a file that cannot be read says nothing.
  const Faults& look();

 private:
  std::string path_;
  std::string seen_;  // size and time of the file that was read
  Faults faults_;
};

}  // namespace slsart::provider::emulated
