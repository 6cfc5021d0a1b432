#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace slsart::provider::emulated {

// Where a deployment of the emulated provider keeps everything:
// "${XDG_STATE_HOME:-$HOME/.local/state}/slsart/emulated/<service>-<stage>". Not made here. Errors:
// kInvalidInput, names that are no names (letters, digits, "-", "_", at most 128 together), or
// neither variable is set.
//
//   deployment.json   what is deployed (deployed.h)
//   service.json      the running service (below); gone when it was ended
//   code/<n>/         the deployed files and "bootstrap"
//   store/            objects of the runs
//   logs/             one file a sandbox, and service.log
//   sandboxes/        their TMPDIRs
//   topics/<name>.txt what the topic was told
//   faults.json       for tests: what is to go wrong (faults.h)
core::Result<std::string> state_folder(const std::string& service, const std::string& stage);

// The running service of a deployment, as it lies in "service.json", readable by the user alone.
struct ServiceRecord {
  std::int64_t pid = 0;
  std::int64_t started_ticks =
      0;  // of that process, since the machine started: tells it from another
  std::uint16_t port = 0;
  std::string key_id;   // the access key id that requests carry: AWS's tools send it with every one
  std::string secret;   // what those tools want besides; not looked at
  std::string program;  // which program it is: path, size and time of its file

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port); }
};

// Errors: kNotFound, there is none; kInvalidInput; kIo.
core::Result<ServiceRecord> read_service(const std::string& state_folder);
core::Result<void> write_service(const std::string& state_folder, const ServiceRecord& record);

// Whether the process of the record still runs.
bool is_running(const ServiceRecord& record);
// When a process started, in the record's unit; 0: there is none.
std::int64_t started_ticks(std::int64_t pid);

// Writes a file that only the user can read, whole or not at all.
core::Result<void> write_private_file(const std::string& path, std::string_view content);

// A version 4 UUID.
std::string random_uuid();

}  // namespace slsart::provider::emulated
