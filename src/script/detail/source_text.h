#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/span.h"
#include "script/detail/report.h"

namespace slsart::script::detail {

inline constexpr std::size_t kLongestScript = 16u << 20;  // bytes

// Turns byte offsets of a source into spans. Keeps the source.
class Places {
 public:
  explicit Places(core::SourcePtr source);

  // The bytes [from, to); cut at the end of the line.
  core::Span span(std::size_t from, std::size_t to) const;
  // Line and column count from 0, columns in characters (as the YAML library gives them).
  std::size_t offset(std::size_t line, std::size_t character) const;
  std::size_t line_of(std::size_t offset) const;  // from 0
  std::size_t line_count() const { return starts_.size(); }
  std::string_view line(std::size_t number) const;  // without its end
  const core::SourcePtr& source() const { return source_; }

 private:
  core::SourcePtr source_;
  std::vector<std::size_t> starts_;  // offset of each line's first byte
};

// Whether the text may be given to a parser: not too long, UTF-8, no control characters. Says at
// most one thing, with its place.
bool check_text(const Places& places, Report& report);

}  // namespace slsart::script::detail
