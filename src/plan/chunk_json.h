#pragma once

#include "core/result.h"
#include "core/value.h"
#include "plan/chunk.h"

namespace slsart::plan {

// A chunk as it travels in events (docs/run-store.md); times in nanoseconds, so that nothing is
// rounded:
//
//   {"index":3,"count":8,"window":0,"start_ns":0,"duration_ns":120000000000,
//    "ranges":[[0,0,12000]],                     phase, first, last
//    "stripe":[3,4],                             k of n
//    "scenario":2}                               only with a fixed scenario
core::Value to_value(const Chunk& chunk);

// Errors: kInvalidInput naming the member; whatever passes keeps the promises of chunk.h (k < n,
// ranges ascending and not empty, index < count).
core::Result<Chunk> parse_chunk(const core::Value& value);

}  // namespace slsart::plan
