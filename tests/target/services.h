#pragma once

#include <span>
#include <string_view>

#include "answers.h"

namespace slsart::target {

// The services that examples/login-service and examples/event-platform are written for, below /idp
// and /platform. `segments`: of the path, the first left out. 404 for what they do not have.
Answer answer_idp(const Request& request, const Visit& visit,
                  std::span<const std::string_view> segments);
Answer answer_platform(const Request& request, const Visit& visit,
                       std::span<const std::string_view> segments);

}  // namespace slsart::target
