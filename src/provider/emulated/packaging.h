#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace slsart::provider::emulated {

// Whether a path ("lib/a.js") is named by a pattern: "*" and "?" stay within a name, "**" does not;
// a pattern that names a folder names all that is in it.
bool matches_pattern(std::string_view path, std::string_view pattern);

struct Packed {
  std::uint32_t files = 0;
  std::uint64_t bytes = 0;
};

// Copies the files of a service into `target`, as the Serverless Framework chooses them: all but
// .git, .serverless, serverless.yml, .env* and logs of package managers; then `patterns` in their
// order, "!" leaves out, the later wins. Links to files are copied as files, links to folders are
// left out. What lies below `never` is left out. Errors: kIo; kLimit, more than 250 MB, Lambda's
// limit.
core::Result<Packed> pack(const std::string& directory, const std::vector<std::string>& patterns,
                          const std::string& target, const std::string& never);

}  // namespace slsart::provider::emulated
