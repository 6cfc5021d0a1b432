#pragma once

namespace slsart::core {

// Exit codes of every command; fixed, never a count (256 errors must not read as success).
enum class ExitCode : int {
  kOk = 0,
  kOperational = 1,    // the machine, the network or a provider failed us
  kScript = 2,         // a mistake in the script or on the command line; nothing was started
  kVerdict = 3,        // acceptance, monitoring or expectations: the judgement is "failed"
  kEnsure = 4,         // an ensure condition did not hold
  kIncomplete = 5,     // part of the run is missing (workers that never reported)
  kInterrupted = 130,  // Ctrl-C; the report of what ran so far was written
};

}  // namespace slsart::core
