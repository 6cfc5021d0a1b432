#pragma once

#include <string_view>

#include "core/exit_code.h"

namespace slsart::lambda {

// Whether this process was started by Lambda, or by something that speaks as Lambda does: under the
// name "bootstrap", with AWS_LAMBDA_RUNTIME_API set. `program` is argv[0].
bool is_bootstrap(std::string_view program);

// What the process then is: an executor that takes events until it is ended. Lines of log go to
// standard error. Returns when the service that started it is gone or does not want it any more.
core::ExitCode run_bootstrap(std::string_view version);

}  // namespace slsart::lambda
