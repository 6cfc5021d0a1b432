#include "script/detail/report.h"

#include <algorithm>

namespace slsart::script::detail {
namespace {

bool is_same(const core::Diagnostic& a, const core::Diagnostic& b) {
  return a.span.source == b.span.source && a.span.line == b.span.line &&
         a.span.column == b.span.column && a.message == b.message;
}

}  // namespace

core::Diagnostic& Report::error(std::string id, core::Span span, std::string message,
                                std::string hint) {
  return add({.severity = core::Severity::kError,
              .id = std::move(id),
              .span = std::move(span),
              .message = std::move(message),
              .hint = std::move(hint),
              .related = {}});
}

core::Diagnostic& Report::warning(std::string id, core::Span span, std::string message,
                                  std::string hint) {
  return add({.severity = core::Severity::kWarning,
              .id = std::move(id),
              .span = std::move(span),
              .message = std::move(message),
              .hint = std::move(hint),
              .related = {}});
}

core::Diagnostic& Report::add(core::Diagnostic diagnostic) {
  std::size_t& count = diagnostic.severity == core::Severity::kError ? errors_ : warnings_;
  if (++count > kMostTold) {
    untold_ = std::move(diagnostic);
    return untold_;
  }
  for (core::Diagnostic& known : diagnostics_) {
    if (known.span.source && is_same(known, diagnostic)) {
      known.related.clear();  // the caller adds them again
      return known;
    }
  }
  diagnostics_.push_back(std::move(diagnostic));
  return diagnostics_.back();
}

core::Diagnostics Report::take(const std::vector<core::SourcePtr>& order) {
  core::sort_by_place(diagnostics_);
  const auto rank = [&order](const core::Diagnostic& diagnostic) {
    if (!diagnostic.span.source) return std::ptrdiff_t{-1};
    return std::ranges::find(order, diagnostic.span.source) - order.begin();
  };
  std::ranges::stable_sort(diagnostics_, {}, rank);
  return std::move(diagnostics_);
}

}  // namespace slsart::script::detail
