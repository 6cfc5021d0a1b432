#pragma once

#include <string>

#include "net/failure.h"

namespace slsart::engine {

// The name under which the reference counts a failure: ECONNREFUSED, ENOTFOUND, ETIMEDOUT,
// CERT_HAS_EXPIRED, HPE_INVALID_STATUS, ... (docs/reports.md lists them). Requires: a failure.
std::string error_name(net::Failure failure);

}  // namespace slsart::engine
