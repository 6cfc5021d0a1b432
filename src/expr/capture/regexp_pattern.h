#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace slsart::expr::capture {

// A JavaScript pattern in PCRE2's words.
struct RegexpPattern {
  std::string text;
  std::vector<std::uint32_t>
      offsets;  // for each byte of `text` the one of the source it stems from
  std::uint32_t group_count = 0;
  std::vector<std::pair<std::string, std::uint32_t>> group_names;  // name, number
};

enum class RegexpMode { kLenient, kUnicode };  // without and with JavaScript's flag u

// Rewrites what both languages know but read differently, and refuses what JavaScript does not
// have: possessive quantifiers, inline options, verbs, PCRE's own groups and escapes. Names of
// groups are kept apart, since PCRE2 allows no `$` in them. Requires of the compilation: PCRE2_UTF,
// PCRE2_ALLOW_EMPTY_CLASS.
// Errors: kInvalidInput with the offset in `source` (ECMAScript 2023 §22.2.1 and annex B.1.2).
core::Result<RegexpPattern> translate_regexp(std::string_view source, RegexpMode mode);

}  // namespace slsart::expr::capture
