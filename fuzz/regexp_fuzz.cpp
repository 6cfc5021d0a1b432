// First line: flags, second: a pattern, the rest: a text. The pattern compiles or is refused at a
// place inside it; matching ends and finds part of the text.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/check.h"
#include "expr/capture/regexp.h"
#include "expr/extractor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t flags_end = input.find('\n');
  if (flags_end == std::string_view::npos) return 0;
  const std::size_t pattern_end = input.find('\n', flags_end + 1);
  if (pattern_end == std::string_view::npos) return 0;
  const std::string_view pattern = input.substr(flags_end + 1, pattern_end - flags_end - 1);
  // Short texts: attempts at many places, each within its limit, would only be slow here.
  const std::string_view text = input.substr(pattern_end + 1).substr(0, 64);

  const slsart::expr::RegexpOptions options{.flags = std::string(input.substr(0, flags_end)),
                                            .group = "1"};
  const auto compiled = slsart::expr::capture::Regexp::compile(pattern, options);
  if (!compiled) {
    SLSART_CHECK(!compiled.error().message.empty());
    SLSART_CHECK(!compiled.error().offset || *compiled.error().offset <= pattern.size());
    return 0;
  }
  const slsart::core::Value found = compiled->find(text);
  if (found.is_undefined()) return 0;
  const bool is_part = text.find(found.as_string()) != std::string_view::npos;
  const bool is_repaired = found.as_string().find("\xEF\xBF\xBD") != std::string::npos;
  SLSART_CHECK(is_part || is_repaired);
  return 0;
}
