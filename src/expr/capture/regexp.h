#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "core/value.h"

struct pcre2_real_code_8;

namespace slsart::expr {
struct RegexpOptions;
}

namespace slsart::expr::capture {

// A compiled regular expression with JavaScript's meaning. Immutable; any thread may use it.
//
// Differences that remain: `.`, `^` and `$` know CR and LF as line ends, not U+2028 and U+2029;
// text is a row of characters, not of UTF-16 units; look-behinds must have a fixed length.
class Regexp {
 public:
  // Errors: kInvalidInput with the offset of the fault in `pattern`; a flag that is not one of i,
  // m, s, u, g (no offset); kNotFound for a group's name that the pattern does not have.
  static core::Result<Regexp> compile(std::string_view pattern, const RegexpOptions& options);

  // The text of the group in the first match; of the whole match if the group took no part or there
  // is no group of that number. Undefined if nothing matches or the match costs too much, which is
  // some tenths of a second at the most for a text of a megabyte. Bytes that are not UTF-8 count as
  // U+FFFD.
  core::Value find(std::string_view text) const;

 private:
  // Shared: extractors are copied with their script.
  std::shared_ptr<const pcre2_real_code_8> code_;
  std::shared_ptr<const pcre2_real_code_8> watched_code_;  // for long texts: its cost is bounded
  std::uint32_t group_ = 0;
};

}  // namespace slsart::expr::capture
