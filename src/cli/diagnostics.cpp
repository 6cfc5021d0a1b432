#include "cli/diagnostics.h"

#include <cstdio>

namespace slsart::cli {

void print_diagnostics(const core::Diagnostics& diagnostics) {
  std::size_t errors = 0;
  for (const core::Diagnostic& diagnostic : diagnostics) {
    std::fputs(core::to_text(diagnostic).c_str(), stderr);
    if (diagnostic.severity == core::Severity::kError) ++errors;
  }
  if (errors > 0)
    std::fprintf(stderr, "%zu error%s; nothing was started\n", errors, errors == 1 ? "" : "s");
}

}  // namespace slsart::cli
