// First line: an expression, the rest: a document. The expression is read or refused at a place
// inside it; searching ends and gives the same twice.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.h"
#include "expr/capture/jmes_path.h"

namespace {

using slsart::expr::capture::JmesPath;

void check(const JmesPath& path, const slsart::core::Value& document) {
  const auto first = path.search(document);
  const auto second = path.search(document);
  SLSART_CHECK(static_cast<bool>(first) == static_cast<bool>(second));
  if (first) SLSART_CHECK(slsart::core::to_json(*first) == slsart::core::to_json(*second));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos) return 0;
  const std::string_view source = text.substr(0, line_end);
  const auto document = slsart::core::parse_json(text.substr(line_end + 1));
  const auto path = JmesPath::parse(source);
  if (!path) {
    SLSART_CHECK(path.error().offset && *path.error().offset <= source.size());
    return 0;
  }
  if (document) check(*path, *document);
  return 0;
}
