#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "core/time.h"
#include "core/value.h"
#include "plan/chunk.h"

namespace slsart::run::fleet {

// What the event of an executor says: whose, what, when, until when. The rest lies in the store.
//
//   {"slsart":{"version":1,"kind":"chunk","run":"t4k","token":"…","plan":"<sha-256>",
//     "notAfter":1795319645250,"start":1795319525250,
//     "chunk":{…}}}                                  plan/chunk_json.h
//
// Times are milliseconds since 1970 of the store's clock. Without "start" a chunk begins when its
// executor is ready. "chunk" and "start" belong to the kind "chunk"; "generation" to "drive".
struct Envelope {
  enum class Kind { kChunk, kBefore, kAfter, kDrive };
  Kind kind = Kind::kChunk;
  std::string run;
  std::string token;
  std::string plan_digest;     // of the object runs/<run>/plan
  core::WallTime not_after{};  // nothing begins after it
  std::optional<core::WallTime> start;
  std::optional<plan::Chunk> chunk;
  std::uint32_t generation = 0;  // of a driver: hand-overs before it

  // The name of what is claimed: "00000003", "before", "after", "drive-0".
  std::string part() const;
};

std::string to_json(const Envelope& envelope);

// Reads the whole event. Strict: every member must be known, fit its range and belong to the kind.
// Errors: kInvalidInput; kUnsupported, of another version.
core::Result<Envelope> parse_envelope(const core::Value& event);
// Whether an event is meant as an envelope, right or wrong.
bool is_envelope(const core::Value& event);

core::WallTime from_milliseconds(std::int64_t milliseconds);
std::int64_t to_milliseconds(core::WallTime time);

}  // namespace slsart::run::fleet
