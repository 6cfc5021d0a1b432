#include "protocol/content_coding.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/text.h"

namespace slsart::protocol {

namespace {

constexpr std::size_t kStep = 32 * 1024;

// Where a decoder writes: `out`, grown in steps and never above `limit`.
class Sink {
 public:
  Sink(std::string& out, std::size_t limit) : out_(out), limit_(limit) { out_.clear(); }

  // Room for more; empty when the limit is reached.
  std::span<char> room() {
    const std::size_t size = std::min(limit_ - used_, kStep);
    out_.resize(used_ + size);
    return {out_.data() + used_, size};
  }
  void use(std::size_t bytes) { used_ += bytes; }
  bool is_full() const { return used_ == limit_; }
  void close() { out_.resize(used_); }

 private:
  std::string& out_;
  std::size_t limit_;
  std::size_t used_ = 0;
};

enum class Outcome { kComplete, kBroken, kTooLarge };

// -- gzip and deflate

struct InflateEnd {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

Bytef* to_zlib(const char* bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes));
}

// One zlib, raw or gzip stream; takes what it used from the front of `body`.
Outcome inflate_stream(std::string_view& body, int window_bits, Sink& sink) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) return Outcome::kBroken;
  const std::unique_ptr<z_stream, InflateEnd> guard(&stream);
  char spare = 0;
  for (;;) {
    // With the limit reached one byte of room tells "too large" from "just fits".
    const bool was_full = sink.is_full();
    const std::span<char> room = was_full ? std::span<char>(&spare, 1) : sink.room();
    constexpr std::size_t kMostIn = std::size_t{1} << 30;
    const std::size_t offered = std::min(body.size(), kMostIn);
    stream.next_in = to_zlib(body.data());
    stream.avail_in = static_cast<uInt>(offered);
    stream.next_out = to_zlib(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    body.remove_prefix(offered - stream.avail_in);
    const std::size_t made = room.size() - stream.avail_out;
    if (was_full && made > 0) return Outcome::kTooLarge;
    if (!was_full) sink.use(made);
    if (result == Z_STREAM_END) return Outcome::kComplete;
    if (result != Z_OK) return Outcome::kBroken;  // Z_BUF_ERROR: cut short
  }
}

bool looks_like_gzip(std::string_view body) {
  return body.starts_with("\x1f\x8b");
}

Outcome decode_gzip(std::string_view body, Sink& sink) {
  constexpr int kGzipOnly = 15 + 16;
  do {
    const Outcome outcome = inflate_stream(body, kGzipOnly, sink);
    if (outcome != Outcome::kComplete) return outcome;
  } while (looks_like_gzip(body));  // RFC 1952 §2.2: members follow each other
  return Outcome::kComplete;
}

// RFC 9110 §8.4.1.2 says zlib's format, but servers also send raw deflate; browsers tell them apart
// by the first two bytes (RFC 1950 §2.2: method 8, and a multiple of 31).
Outcome decode_deflate(std::string_view body, Sink& sink) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(body[i]); };
  const bool is_zlib =
      body.size() >= 2 && (byte(0) & 0x0f) == 8 && ((byte(0) << 8 | byte(1)) % 31) == 0;
  constexpr int kZlib = 15;
  constexpr int kRaw = -15;
  return inflate_stream(body, is_zlib ? kZlib : kRaw, sink);
}

// -- br

Outcome decode_brotli(std::string_view body, Sink& sink) {
  const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &BrotliDecoderDestroyInstance);
  if (state == nullptr) return Outcome::kBroken;
  const auto* next_in = reinterpret_cast<const std::uint8_t*>(body.data());
  std::size_t available_in = body.size();
  for (;;) {
    const std::span<char> room = sink.room();
    auto* next_out = reinterpret_cast<std::uint8_t*>(room.data());
    std::size_t available_out = room.size();
    const BrotliDecoderResult result = BrotliDecoderDecompressStream(
        state.get(), &available_in, &next_in, &available_out, &next_out, nullptr);
    sink.use(room.size() - available_out);
    if (result == BROTLI_DECODER_RESULT_SUCCESS) return Outcome::kComplete;
    if (result != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return Outcome::kBroken;
    if (sink.is_full()) return Outcome::kTooLarge;
  }
}

// -- zstd

Outcome decode_zstd(std::string_view body, Sink& sink) {
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(),
                                                                          &ZSTD_freeDStream);
  if (stream == nullptr) return Outcome::kBroken;
  // RFC 9659: a content-encoding may not ask for a window above 8 MiB.
  constexpr int kMostWindowLog = 23;
  ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, kMostWindowLog);
  ZSTD_inBuffer in{body.data(), body.size(), 0};
  for (;;) {
    const std::span<char> room = sink.room();
    char spare = 0;
    const bool was_full = room.empty();
    ZSTD_outBuffer out{was_full ? &spare : room.data(), was_full ? 1 : room.size(), 0};
    const std::size_t before = in.pos;
    const std::size_t hint = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(hint) != 0) return Outcome::kBroken;
    if (was_full && out.pos > 0) return Outcome::kTooLarge;
    if (!was_full) sink.use(out.pos);
    if (hint == 0) return Outcome::kComplete;
    if (in.pos == before && out.pos == 0) return Outcome::kBroken;  // cut short
  }
}

}  // namespace

ContentCodings ContentCodings::of(const ResponseHead& head) {
  ContentCodings codings;
  for (const ResponseHead::Header& header : head.headers) {
    if (!core::equals_ignoring_case(header.name, "content-encoding")) continue;
    for (const std::string_view part : core::split(header.value, ',')) {
      const std::string_view name = core::trim(part);
      const auto is = [&](std::string_view other) {
        return core::equals_ignoring_case(name, other);
      };
      if (name.empty() || is("identity")) continue;
      if (codings.count_ == kMost) return {};
      Coding& next = codings.codings_[codings.count_++];
      if (is("gzip") || is("x-gzip")) {
        next = Coding::kGzip;
      } else if (is("deflate")) {
        next = Coding::kDeflate;
      } else if (is("br")) {
        next = Coding::kBrotli;
      } else if (is("zstd")) {
        next = Coding::kZstd;
      } else {
        return {};
      }
    }
  }
  return codings;
}

std::optional<HttpFault> ContentCodings::decode(std::string_view body, std::size_t limit,
                                                std::string& out) const {
  std::optional<HttpFault> fault;
  std::string layer;
  for (std::size_t left = count_; left > 0; --left) {
    if (left < count_) {
      layer.swap(out);
      body = layer;
    }
    Sink sink(out, limit);
    Outcome outcome = Outcome::kBroken;
    switch (codings_[left - 1]) {
      case Coding::kGzip:
        outcome = decode_gzip(body, sink);
        break;
      case Coding::kDeflate:
        outcome = decode_deflate(body, sink);
        break;
      case Coding::kBrotli:
        outcome = decode_brotli(body, sink);
        break;
      case Coding::kZstd:
        outcome = decode_zstd(body, sink);
        break;
    }
    sink.close();
    if (outcome == Outcome::kTooLarge) return HttpFault::kBodyTooLarge;
    if (outcome == Outcome::kBroken) fault = HttpFault::kBadContentEncoding;
  }
  return fault;
}

}  // namespace slsart::protocol
