#include <cstddef>
#include <cstdint>

#include "core/check.h"
#include "metrics/histogram.h"

// The decoder takes any bytes; what it accepts must survive being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using slsart::metrics::Histogram;
  const auto decoded = Histogram::decode({reinterpret_cast<const char*>(data), size});
  if (!decoded) return 0;
  SLSART_CHECK(decoded->min() <= decoded->quantile(0.5));
  SLSART_CHECK(decoded->quantile(0.5) <= decoded->max());
  const auto again = Histogram::decode(decoded->encode());
  SLSART_CHECK(again.has_value());
  SLSART_CHECK(again->count() == decoded->count());
  SLSART_CHECK(again->encode() == decoded->encode());
  return 0;
}
