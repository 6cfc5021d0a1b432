// Any text compiles or is refused at a place inside it; what compiles evaluates, the same each
// time.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/check.h"
#include "expr/condition.h"

namespace {

using slsart::core::Rng;
using slsart::core::Value;
using slsart::expr::Condition;

std::string evaluate(const Condition& condition) {
  const Value value(3);
  const std::vector<const Value*> values(condition.names().size(), &value);
  Rng rng(1);
  std::string text;
  slsart::core::write_text(condition.evaluate(values, rng), text);
  return text;
}

void check(std::string_view text, const std::vector<std::string>& known) {
  const auto condition = Condition::compile(text, known);
  if (!condition) {
    SLSART_CHECK(condition.error().offset && *condition.error().offset <= text.size());
    return;
  }
  for (const auto& name : condition->names()) SLSART_CHECK(name.offset <= text.size());
  SLSART_CHECK(evaluate(*condition) == evaluate(*condition));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, {});
  check(text, {"a", "a b", "http.codes.200", "x (y).p95"});
  return 0;
}
