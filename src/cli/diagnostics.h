#pragma once

#include "core/span.h"

namespace slsart::cli {

// Prints them on standard error, and how many errors there are.
void print_diagnostics(const core::Diagnostics& diagnostics);

}  // namespace slsart::cli
