#pragma once

#include <string_view>

#include "core/result.h"
#include "engine/http/request_plan.h"
#include "script/dialect.h"

namespace slsart::engine {

// Whether a status with a Location is followed: 301, 302, 303, 307, 308. A 304 is an answer.
bool is_redirect(int status);

// Turns a request into the one that a redirect asks for: new url; GET without body after 303, and
// after 301 and 302 of a POST unless the dialect keeps it. Credentials and the step's own Cookie
// header are dropped when the redirect leaves the origin, so that they are not handed to strangers.
core::Result<void> apply_redirect(RequestParts& parts, int status, std::string_view location,
                                  const script::Dialect& dialect);

}  // namespace slsart::engine
