#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/span.h"

namespace slsart::script::detail {

// Collects what there is to say about a script. One thing said twice about the same place (an
// anchored block that is used twice) is kept once. One thread.
class Report {
 public:
  // The reference is good until the next call; it is for adding related places.
  core::Diagnostic& error(std::string id, core::Span span, std::string message,
                          std::string hint = {});
  core::Diagnostic& warning(std::string id, core::Span span, std::string message,
                            std::string hint = {});

  static constexpr std::size_t kMostTold = 500;

  bool has_errors() const { return errors_ > 0; }
  std::size_t error_count() const { return errors_; }
  const core::Diagnostics& diagnostics() const { return diagnostics_; }
  // Sorted: what has no place first, then source by source in the order given, each by line and
  // column.
  core::Diagnostics take(const std::vector<core::SourcePtr>& order);

 private:
  core::Diagnostic& add(core::Diagnostic diagnostic);

  core::Diagnostics diagnostics_;
  core::Diagnostic untold_;  // where the surplus goes
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

}  // namespace slsart::script::detail
