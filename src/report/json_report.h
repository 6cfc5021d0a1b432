#pragma once

#include <string>

#include "core/value.h"
#include "metrics/document.h"

namespace slsart::report {

enum class JsonFormat { kArtillery2, kArtillery1 };

// The report file: what today's readers of Artillery reports expect (docs/reports.md has both
// layouts), plus one member "slsart" with what they lack: the run's identity, the generator's own
// lateness, encoded histograms, checks, notes.
core::Value to_json(const metrics::RunDocument& document, JsonFormat format);

}  // namespace slsart::report
