#pragma once

#include <string>

#include "core/result.h"

namespace slsart::run {

// Tells people: a topic, a webhook, a command. Blocks, at most half a minute.
class Notifier {
 public:
  virtual ~Notifier() = default;
  // subject: one line, at most 100 characters of printable ASCII.
  virtual core::Result<void> notify(const std::string& subject, const std::string& message) = 0;
};

}  // namespace slsart::run
