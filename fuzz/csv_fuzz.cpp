// First byte: options, second: the delimiter, the rest: a table. It parses or is refused at a place
// inside it; every row can be assigned.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.h"
#include "core/symbol.h"
#include "expr/payload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using slsart::expr::Payload;
  if (size < 2) return 0;
  slsart::expr::PayloadOptions options;
  if ((data[0] & 1) != 0) options.fields = {"a", "b"};
  options.skip_header = (data[0] & 2) != 0;
  options.cast = (data[0] & 4) != 0;
  options.skip_empty_lines = (data[0] & 8) != 0;
  options.load_all = (data[0] & 16) != 0;
  options.name = "all";
  options.delimiter = static_cast<char>(data[1]);
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);

  slsart::core::SymbolTable symbols;
  const auto payload = Payload::parse(text, options, symbols);
  if (!payload) {
    SLSART_CHECK(!payload.error().offset || *payload.error().offset <= text.size());
    return 0;
  }
  SLSART_CHECK(payload->row_count() > 0);
  SLSART_CHECK(payload->row_count() <=
               1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
  for (std::size_t i = 0; i < std::min<std::size_t>(payload->row_count(), 100); ++i) {
    slsart::expr::Variables variables;
    payload->assign(payload->row_of(i, 1, 0), variables);
    SLSART_CHECK(variables.size() <= payload->field_symbols().size());
  }
  return 0;
}
