#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "core/result.h"

namespace slsart::provider::emulated {

struct ProcessSpec {
  std::string program;
  std::vector<std::string> arguments;                            // the first is the program's name
  std::vector<std::pair<std::string, std::string>> environment;  // nothing else is passed on
  std::string directory;
};

// A started child in a process group of its own. It is killed when this process ends, however that
// happens.
struct Process {
  pid_t pid = -1;
  int descriptor = -1;  // a pidfd: readable when it has ended
  int output = -1;      // its standard output and error, not blocking
};

// Requires: the calling process has one thread. A program that cannot be executed ends with 127
// after a line of output. Errors: kIo, no process can be made.
core::Result<Process> start_process(const ProcessSpec& spec);

// A signal to all processes of the group.
void signal_group(const Process& process, int signal);

// Collects an ended child and closes its descriptors. Returns how it ended: "exit status 3" or
// "signal: killed".
std::string collect(Process& process);

// Resident memory of a process and its descendants, 0 when it is gone.
std::uint64_t resident_bytes(pid_t pid);

}  // namespace slsart::provider::emulated
