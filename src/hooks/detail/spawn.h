#pragma once

#include <sys/types.h>

#include <string>

#include "core/result.h"

namespace slsart::hooks::detail {

struct Spawned {
  pid_t pid = -1;
  int socket = -1;  // our end of the pair, non-blocking, close-on-exec
};

// Starts Node with our files (node/*.cjs) and its end of a socket pair as descriptor 3. It is
// killed when the calling thread ends before it. Errors: descriptors or processes used up.
core::Result<Spawned> spawn_node(const std::string& node);

// Waits at most so long for the process to end, then kills it. Returns its status as waitpid() has
// it; -1 when it is gone already.
int end_process(pid_t pid, int milliseconds);

}  // namespace slsart::hooks::detail
