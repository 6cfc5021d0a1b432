// First line: an XPath, the rest: a body. The expression compiles or is refused at a place inside
// it; usual expressions may be asked of any body.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/check.h"
#include "expr/capture/xpath.h"

using slsart::expr::Pick;
using slsart::expr::capture::XPath;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos || size > 4096) return 0;
  const std::string_view source = text.substr(0, line_end);
  const std::string_view body = text.substr(line_end + 1);
  slsart::core::Rng rng(1);
  const auto xpath = XPath::compile(source, {.pick = Pick::kRandom});
  if (!xpath) SLSART_CHECK(xpath.error().offset && *xpath.error().offset <= source.size());
  for (const std::string_view usual : {"//a/@b", "string(/*)", "count(//*)", "//*[last()]"}) {
    const auto known = XPath::compile(usual, {.pick = Pick::kAll});
    known->find(body, rng);
    known->find("<html>" + std::string(body), rng);
  }
  return 0;
}
