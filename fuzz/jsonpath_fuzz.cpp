// First line: a path, the rest: a document. The path parses or is refused at a place inside it; the
// scanner and the walker find the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/check.h"
#include "expr/capture/json_path.h"
#include "expr/capture/json_scan.h"

namespace {

using slsart::core::Rng;
using slsart::core::Value;
using slsart::expr::capture::JsonPath;

// NaN is not equal to itself, but its JSON is.
bool is_same(const Value& a, const Value& b) {
  return a.is_undefined() == b.is_undefined() &&
         slsart::core::to_json(a) == slsart::core::to_json(b);
}

void check(const JsonPath& path, std::string_view document) {
  const std::vector<Value> walked = path.find_all(document);
  if (path.is_definite()) {
    SLSART_CHECK(walked.size() <= 1);
    const Value scanned = scan_json(document, path.steps());
    SLSART_CHECK(is_same(scanned, walked.empty() ? Value() : walked.front()));
    return;
  }
  Rng rng(1);
  SLSART_CHECK(path.find_one(document, rng).is_undefined() || !walked.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos) return 0;
  const std::string_view source = text.substr(0, line_end);
  const std::string_view document = text.substr(line_end + 1);
  const auto path = JsonPath::parse(source);
  if (path) {
    check(*path, document);
  } else {
    SLSART_CHECK(path.error().offset && *path.error().offset <= source.size());
  }
  for (const std::string_view usual : {"$", "$.a", "$.a.b[0]", "$[1]"}) {
    check(*JsonPath::parse(usual), document);
  }
  return 0;
}
