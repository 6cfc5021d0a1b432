#include "protocol/content_coding.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <vector>

namespace slsart::protocol {
namespace {

constexpr std::size_t kPlenty = 1u << 20;
const std::string kText = "hello, hello, hello, hello";

std::string deflate_as(std::string_view text, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string gzip(std::string_view text) {
  return deflate_as(text, 15 + 16);
}
std::string zlib(std::string_view text) {
  return deflate_as(text, 15);
}
std::string raw_deflate(std::string_view text) {
  return deflate_as(text, -15);
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

// RFC 7932 §9.2: one uncompressed meta-block of `text` (at most 64 KiB), then an empty last one.
std::string stored_brotli(std::string_view text) {
  // Bits, least significant first: WBITS 16 = "0"; ISLAST "0"; MNIBBLES 4 = "00"; MLEN-1 in 16
  // bits; ISUNCOMPRESSED "1"; padding. Then ISLAST "1", ISLASTEMPTY "1".
  const std::uint32_t bits = static_cast<std::uint32_t>(text.size() - 1) << 4 | 1u << 20;
  std::string out;
  for (int shift = 0; shift < 24; shift += 8) out += static_cast<char>(bits >> shift & 0xff);
  out += text;
  out += '\x03';
  return out;
}

ContentCodings codings(std::vector<std::string_view> values) {
  std::vector<ResponseHead::Header> headers;
  for (const std::string_view value : values) headers.push_back({"Content-Encoding", value});
  headers.push_back({"content-type", "text/plain"});
  return ContentCodings::of({.status = 200, .headers = headers});
}

TEST(ContentCodings, AreReadFromAllFields) {
  EXPECT_TRUE(codings({}).empty());
  EXPECT_TRUE(codings({""}).empty());
  EXPECT_TRUE(codings({"identity"}).empty());
  EXPECT_TRUE(codings({"gzip, wobble"}).empty()) << "an unknown one: the body is left alone";
  EXPECT_TRUE(codings({"gzip,gzip,gzip,gzip,gzip"}).empty());
  EXPECT_FALSE(codings({"X-GZip"}).empty());
  EXPECT_FALSE(codings({"identity", "br"}).empty());
}

struct DecodeCase {
  const char* name;
  std::vector<std::string_view> fields;
  std::string body;
};

TEST(ContentCodings, AreUndone) {
  const DecodeCase cases[] = {
      {"gzip", {"gzip"}, gzip(kText)},
      {"gzip members", {"gzip"}, gzip(kText.substr(0, 9)) + gzip(kText.substr(9))},
      {"gzip with rubbish after it", {"gzip"}, gzip(kText) + "rubbish"},
      {"deflate by the book", {"deflate"}, zlib(kText)},
      {"deflate, raw", {"deflate"}, raw_deflate(kText)},
      {"brotli", {"br"}, stored_brotli(kText)},
      {"zstd", {"zstd"}, zstd(kText)},
      {"zstd with rubbish after it", {"zstd"}, zstd(kText) + "rubbish"},
      {"stacked in one field", {"deflate, gzip"}, gzip(zlib(kText))},
      {"stacked in two fields", {"zstd", "br"}, stored_brotli(zstd(kText))},
      {"four deep", {"gzip, br, zstd", "gzip"}, gzip(zstd(stored_brotli(gzip(kText))))},
  };
  for (const DecodeCase& c : cases) {
    SCOPED_TRACE(c.name);
    std::string out = "old content";
    EXPECT_EQ(codings(c.fields).decode(c.body, kPlenty, out), std::nullopt);
    EXPECT_EQ(out, kText);
  }
}

TEST(ContentCodings, EveryTruncationIsAFaultAndGivesAPrefix) {
  const std::pair<std::string_view, std::string> bodies[] = {
      {"gzip", gzip(kText)},        {"deflate", zlib(kText)}, {"deflate", raw_deflate(kText)},
      {"br", stored_brotli(kText)}, {"zstd", zstd(kText)},
  };
  for (const auto& [coding, body] : bodies) {
    for (std::size_t size = 0; size < body.size(); ++size) {
      std::string out;
      const auto fault = codings({coding}).decode(body.substr(0, size), kPlenty, out);
      EXPECT_EQ(fault, HttpFault::kBadContentEncoding) << coding << " cut to " << size;
      EXPECT_TRUE(kText.starts_with(out));
    }
  }
}

TEST(ContentCodings, RubbishIsAFault) {
  for (const std::string_view coding : {"gzip", "deflate", "br", "zstd"}) {
    std::string out;
    EXPECT_EQ(codings({coding}).decode("this is no compressed text", kPlenty, out),
              HttpFault::kBadContentEncoding)
        << coding;
  }
}

TEST(ContentCodings, BombsStopAtTheLimit) {
  const std::string zeros(100'000, '\0');
  const std::string stored = stored_brotli(zeros.substr(0, 60'000));
  const std::pair<std::string_view, std::string> bombs[] = {
      {"gzip", gzip(zeros)}, {"deflate", zlib(zeros)},          {"zstd", zstd(zeros)},
      {"br", stored},        {"gzip, gzip", gzip(gzip(zeros))},
  };
  for (const auto& [fields, bomb] : bombs) {
    std::string out;
    EXPECT_EQ(codings({fields}).decode(bomb, 50'000, out), HttpFault::kBodyTooLarge) << fields;
    EXPECT_LE(out.size(), 50'000u);
    EXPECT_LE(out.capacity(), 200'000u);
  }
}

TEST(ContentCodings, BodyOfExactlyTheLimitFits) {
  const std::pair<std::string_view, std::string> bodies[] = {{"gzip", gzip(kText)},
                                                             {"deflate", raw_deflate(kText)},
                                                             {"br", stored_brotli(kText)},
                                                             {"zstd", zstd(kText)}};
  for (const auto& [coding, body] : bodies) {
    std::string out;
    EXPECT_EQ(codings({coding}).decode(body, kText.size(), out), std::nullopt) << coding;
    EXPECT_EQ(out, kText);
    EXPECT_EQ(codings({coding}).decode(body, kText.size() - 1, out), HttpFault::kBodyTooLarge)
        << coding;
  }
}

}  // namespace
}  // namespace slsart::protocol
