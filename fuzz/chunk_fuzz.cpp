// A chunk that is read from an event keeps the promises of plan/chunk.h and comes back the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.h"
#include "plan/chunk_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = slsart::core::parse_json(text);
  if (!value) return 0;
  const auto chunk = slsart::plan::parse_chunk(*value);
  if (!chunk) return 0;
  SLSART_CHECK(chunk->index < chunk->count && !chunk->ranges.empty());
  SLSART_CHECK(chunk->stripe.k < chunk->stripe.n);
  for (const auto& range : chunk->ranges) SLSART_CHECK(range.first < range.last);
  const auto again = slsart::core::parse_json(slsart::core::to_json(to_value(*chunk)));
  SLSART_CHECK(again && *slsart::plan::parse_chunk(*again) == *chunk);
  return 0;
}
