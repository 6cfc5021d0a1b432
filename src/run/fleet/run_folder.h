#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "run/fleet/stored_plan.h"
#include "run/store.h"
#include "script/script.h"

namespace slsart::run::fleet {

// The files of a script on their way: from the submitter's disk into the store, from there to an
// executor's.

struct PackedFile {
  StoredFile stored;
  std::string source;  // where its content is read
};
// What a script needs besides its texts: payloads, certificates, uploads, and the processor with
// everything it requires by a relative path (and the package.json that says how it is read). What
// it requires by name lies in node_modules and travels with the deployment. Errors: kIo, a file
// that cannot be read; kLimit.
core::Result<std::vector<PackedFile>> pack_files(const script::Script& script);

// A run's files on an executor's disk.
struct RunFolder {
  std::string directory;
  std::map<std::string, std::string> files;  // path by the name in the script
};
// Brings the files of a plan to `scratch`, or finds them there from an earlier invocation of the
// same executor: files are known by their digests. `deployed` is the folder with node_modules.
// Errors: kIo; kInvalidInput, content that is not what the digest says.
core::Result<RunFolder> unpack_files(const StoredPlan& plan, Store& store,
                                     const std::string& scratch, const std::string& deployed);

}  // namespace slsart::run::fleet
