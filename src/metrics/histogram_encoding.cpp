#include <zlib.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "core/check.h"
#include "metrics/histogram.h"

// HdrHistogram's V2 format (HdrHistogram, AbstractHistogram.java, encodeIntoByteBuffer and
// decodeFromByteBuffer; ZigZagEncoding.java).

namespace slsart::metrics {
namespace {

using core::Error;
using core::ErrorCode;
using core::Result;

constexpr std::uint32_t kCookie = 0x1c849303;
constexpr std::uint32_t kCompressedCookie = 0x1c849304;
constexpr std::uint32_t kWordSizeBits =
    0xf0;  // of the cookie; no meaning in V2 but "LEB128 inside"
constexpr std::uint32_t kLeb128 = 0x10;
constexpr std::size_t kMaxInflatedBytes = std::size_t{8} << 20;
constexpr std::uint32_t kDigits = 2;
constexpr std::uint32_t kMaxDigits = 5;

template <typename Word>
void put(Word word, std::string& out) {
  for (int shift = static_cast<int>(sizeof(Word)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(word >> shift)));
  }
}

void put_zigzag(std::int64_t value, std::string& out) {
  auto word = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (int i = 0; i < 8 && word >= 0x80; ++i) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(word | 0x80)));
    word >>= 7;
  }
  out.push_back(
      static_cast<char>(static_cast<unsigned char>(word)));  // a ninth byte has eight bits
}

// Takes big-endian words and LEB128 numbers from the front; `failed` once something was missing.
struct Reader {
  std::string_view bytes;
  bool failed = false;

  std::uint8_t byte() {
    if (bytes.empty()) {
      failed = true;
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    return value;
  }
  template <typename Word>
  Word word() {
    Word value = 0;
    for (std::size_t i = 0; i < sizeof(Word); ++i) value = static_cast<Word>(value << 8) | byte();
    return value;
  }
  std::int64_t zigzag() {
    std::uint64_t value = 0;
    for (int shift = 0; shift <= 56; shift += 7) {
      const std::uint64_t part = byte();
      value |= (shift == 56 ? part : part & 0x7f) << shift;
      if (shift == 56 || (part & 0x80) == 0) break;
    }
    return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
  }
};

Error malformed(const std::string& what) {
  return {ErrorCode::kInvalidInput, "not an HdrHistogram: " + what, {}, {}};
}

std::string deflated(std::string_view bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string out(size, '\0');
  const int status = compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                               reinterpret_cast<const Bytef*>(bytes.data()),
                               static_cast<uLong>(bytes.size()), Z_DEFAULT_COMPRESSION);
  SLSART_CHECK(status == Z_OK);
  out.resize(size);
  return out;
}

Result<std::string> inflated(std::string_view bytes) {
  std::string out;
  std::size_t room = 16384;
  for (;; room *= 4) {
    if (room > kMaxInflatedBytes) {
      return Error{ErrorCode::kLimit, "the histogram is too large", {}, {}};
    }
    out.resize(room);
    uLongf size = static_cast<uLongf>(room);
    const int status =
        uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                   reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uLong>(bytes.size()));
    if (status == Z_BUF_ERROR && size == room) continue;
    if (status != Z_OK) return malformed("its zlib stream is damaged");
    out.resize(size);
    return out;
  }
}

// Where an encoder with other digits or another lowest value has its buckets.
struct Layout {
  int half_bits = 0;       // 2^half_bits buckets a doubling
  int unit_bits = 0;       // the smallest bucket is 2^unit_bits wide
  std::uint64_t size = 0;  // buckets in all

  std::int64_t midpoint(std::uint64_t bucket) const {
    const std::uint64_t half = std::uint64_t{1} << half_bits;
    const std::uint64_t doubling = bucket / half;  // the first two share a width
    const int shift = unit_bits + (doubling == 0 ? 0 : static_cast<int>(doubling) - 1);
    const std::uint64_t top = bucket % half + (doubling == 0 ? 0 : half);
    const std::uint64_t width = std::uint64_t{1} << shift;
    constexpr std::uint64_t kAbove = std::uint64_t{Histogram::kMaxValue} + 1;
    if (top > kAbove >> std::min(shift, Histogram::kValueBits + 1)) return kAbove;
    return static_cast<std::int64_t>((top << shift) + width / 2);
  }
};

Result<Layout> make_layout(std::uint32_t digits, std::uint64_t lowest, std::uint64_t highest) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  if (digits > kMaxDigits) return malformed("it has more than 5 significant digits");
  if (lowest < 1 || lowest > kLargest / 2 || highest > kLargest || highest < 2 * lowest) {
    return malformed("its value range is empty");
  }
  std::uint64_t single_unit = 2;
  for (std::uint32_t i = 0; i < digits; ++i) single_unit *= 10;
  Layout layout;
  layout.half_bits = std::max(static_cast<int>(std::bit_width(single_unit - 1)), 1) - 1;
  layout.unit_bits = static_cast<int>(std::bit_width(lowest)) - 1;
  if (layout.half_bits + layout.unit_bits > 61) return malformed("its value range is too wide");
  const int covered_bits = layout.unit_bits + layout.half_bits + 1;
  const int doublings = std::max(static_cast<int>(std::bit_width(highest)) - covered_bits, 0) + 2;
  layout.size = static_cast<std::uint64_t>(doublings) << layout.half_bits;
  return layout;
}

Result<Histogram> read_counts(Reader payload, const Layout& layout) {
  Histogram histogram;
  std::uint64_t bucket = 0;
  while (!payload.bytes.empty()) {
    const std::int64_t number = payload.zigzag();
    if (payload.failed) return malformed("it ends within a number");
    const bool is_run = number < 0;
    const std::uint64_t width = is_run ? ~static_cast<std::uint64_t>(number) + 1 : 1;
    if (width > layout.size - bucket) return malformed("it has counts outside its range");
    if (number > 0) {
      const auto count = static_cast<std::uint64_t>(number);
      constexpr std::uint64_t kMaxCount = std::numeric_limits<std::int64_t>::max();
      if (count > kMaxCount - histogram.count()) return malformed("its counts overflow");
      histogram.record(layout.midpoint(bucket), count);
    }
    bucket += width;
  }
  return histogram;
}

Result<Histogram> decode_plain(std::string_view bytes) {
  Reader reader{bytes};
  const auto cookie = reader.word<std::uint32_t>();
  if ((cookie & ~kWordSizeBits) != kCookie) return malformed("its cookie is not that of V2");
  const auto payload_bytes = reader.word<std::uint32_t>();
  const auto index_offset = reader.word<std::uint32_t>();
  const auto digits = reader.word<std::uint32_t>();
  const auto lowest = reader.word<std::uint64_t>();
  const auto highest = reader.word<std::uint64_t>();
  reader.word<std::uint64_t>();  // ratio of a double histogram; some encoders write an integer here
  if (reader.failed || payload_bytes > reader.bytes.size()) return malformed("it is cut short");
  if (index_offset > 1) return malformed("its buckets are shifted");  // hdr-histogram-js writes 1
  Result<Layout> layout = make_layout(digits, lowest, highest);
  if (!layout) return std::move(layout).error();
  return read_counts({reader.bytes.substr(0, payload_bytes)}, *layout);
}

}  // namespace

std::string Histogram::encode() const {
  std::string payload;
  const std::size_t end = count_ == 0 ? 0 : bucket_of(static_cast<std::uint64_t>(max_)) + 1;
  for (std::size_t bucket = 0; bucket < end;) {
    const std::uint64_t count = count_at(bucket++);
    std::int64_t zeros = count == 0 ? 1 : 0;
    while (zeros > 0 && bucket < end && count_at(bucket) == 0) {
      ++zeros;
      ++bucket;
    }
    put_zigzag(zeros > 1 ? -zeros : static_cast<std::int64_t>(count), payload);
  }
  std::string plain;
  put(kCookie | kLeb128, plain);
  put(static_cast<std::uint32_t>(payload.size()), plain);
  put(std::uint32_t{0}, plain);
  put(kDigits, plain);
  put(std::uint64_t{1}, plain);
  put(static_cast<std::uint64_t>(kMaxValue), plain);
  put(std::bit_cast<std::uint64_t>(1.0), plain);
  plain += payload;
  const std::string squeezed = deflated(plain);
  std::string out;
  put(kCompressedCookie | kLeb128, out);
  put(static_cast<std::uint32_t>(squeezed.size()), out);
  return out + squeezed;
}

Result<Histogram> Histogram::decode(std::string_view bytes) {
  Reader reader{bytes};
  const auto cookie = reader.word<std::uint32_t>();
  if ((cookie & ~kWordSizeBits) != kCompressedCookie) return decode_plain(bytes);
  const auto length = reader.word<std::uint32_t>();
  if (reader.failed || length > reader.bytes.size()) return malformed("it is cut short");
  Result<std::string> plain = inflated(reader.bytes.substr(0, length));
  if (!plain) return std::move(plain).error();
  return decode_plain(*plain);
}

}  // namespace slsart::metrics
