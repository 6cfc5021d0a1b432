#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "core/text.h"
#include "metrics/histogram.h"

namespace slsart::metrics {
namespace {

// The samples of every text below: some small, some large, many equal.
Histogram make_sample() {
  Histogram histogram;
  for (const std::int64_t value : {1000, 1000, 255000, 1000000, 123456789}) histogram.record(value);
  histogram.record(5'000'000'000, 70000);
  return histogram;
}

// Written by this encoder from make_sample() and 0, 1, 1, 255; hdr-histogram-js 3.0.1 reads from it
// 70009 values, a mean of 5015744484.40979, a maximum of 5033164799 (its bucket's highest value),
// and 1, 2 and 1 in the buckets of 0, 1 and 255.
constexpr std::string_view kOwn =
    "HISTFAAAADR4nJNpmSzMwMAgxgABTFCakYGB+T8I2H+ASrD8ZGb6zMzymx9IMr3mZbrI9eAoBwBoOg8R";

// make_sample() as written by hdr-histogram-js 3.0.1, highest value 3.6e12.
struct Foreign {
  int digits;
  int lowest;
  std::string_view text;
};
constexpr Foreign kForeign[] = {
    {1, 1, "HISTFAAAADF4nJNpmSzMwMAgwMDAwAjFDBCa2c1gxwIGGP8uI8tfRiZrptuMTMsZHxzlAACmQwh+"},
    {3, 1000,
     "HISTFAAAADh4nJNpmSzMwMAgwMDAwMjAwMDMAAbMLxgYmN0MdixggAJGBpb77Ey3xZg+5jFND31wlAMAwzMJ8Q=="},
    {5, 1,
     "HISTFAAAADx4nJNpmSzMwMAgysDAwMjAwMDKAAGMDAzMbgY7FjDA+Of5We42yDO93SjPtPJrHtPxGaEPjnIAAO/"
     "0DMM="},
};

std::string from_base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char digit : text) {
    if (digit == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(kDigits.find(digit));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(bits >> count)));
  }
  return bytes;
}

std::string word(std::uint64_t value, int bytes) {
  std::string out;
  for (int shift = bytes * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
  }
  return out;
}

struct Header {
  std::uint64_t cookie = 0x1c849313;
  std::uint64_t offset = 0;
  std::uint64_t digits = 2;
  std::uint64_t lowest = 1;
  std::uint64_t highest = Histogram::kMaxValue;
};

std::string plain(const Header& header, const std::string& payload) {
  return word(header.cookie, 4) + word(payload.size(), 4) + word(header.offset, 4) +
         word(header.digits, 4) + word(header.lowest, 8) + word(header.highest, 8) + word(0, 8) +
         payload;
}

TEST(HistogramEncoding, GoldenTextIsReadBucketForBucket) {
  const auto decoded = Histogram::decode(from_base64(kOwn));
  ASSERT_TRUE(decoded);
  Histogram expected = make_sample();
  for (const std::int64_t value : {0, 1, 1, 255}) expected.record(value);
  EXPECT_EQ(decoded->encode(), expected.encode());
  EXPECT_EQ(decoded->count(), 70009u);
  EXPECT_NEAR(decoded->mean(), 5015744484.40979, 1);
}

TEST(HistogramEncoding, BeginsAsEveryCompressedV2HistogramDoes) {
  EXPECT_TRUE(core::to_base64(make_sample().encode()).starts_with("HISTFAAAA"));
}

TEST(HistogramEncoding, OtherLayoutsAreReadWithinTheirResolution) {
  const Histogram expected = make_sample();
  for (const Foreign& foreign : kForeign) {
    const auto decoded = Histogram::decode(from_base64(foreign.text));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->count(), expected.count());
    // One digit: 16 buckets a doubling, a value at most 1/32 from the middle. Lowest 1000: buckets
    // 512 wide.
    const double error = foreign.digits == 1 ? 1.0 / 32 : 1.0 / 256;
    for (const double q : {0.0, 1e-5, 3e-5, 6e-5, 0.5, 1.0}) {
      const auto exact = static_cast<double>(expected.quantile(q));
      EXPECT_NEAR(static_cast<double>(decoded->quantile(q)), exact,
                  exact * error + foreign.lowest / 2 + 1)
          << foreign.digits << " " << q;
    }
  }
}

TEST(HistogramEncoding, RoundTripKeepsEveryBucket) {
  std::mt19937_64 random(7);
  for (int bits = 1; bits <= Histogram::kValueBits; ++bits) {
    Histogram histogram;
    for (int i = 0; i < 300; ++i) {
      histogram.record(static_cast<std::int64_t>(random() >> (64 - bits)),
                       std::uint64_t{1} << (random() % 50));
    }
    const auto decoded = Histogram::decode(histogram.encode());
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->encode(), histogram.encode());
    EXPECT_EQ(decoded->count(), histogram.count());
  }
}

TEST(HistogramEncoding, AnEmptyOneStaysEmpty) {
  const auto decoded = Histogram::decode(Histogram().encode());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->count(), 0u);
}

TEST(HistogramEncoding, UncompressedOnesAreReadToo) {
  const auto decoded = Histogram::decode(plain({}, "\x02\x01\x04"));  // 1, no zeros (-1), 2
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->count(), 3u);
  EXPECT_EQ(decoded->max(), 2);
}

TEST(HistogramEncoding, EveryTruncationIsRefused) {
  const std::string whole = from_base64(kOwn);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(Histogram::decode(whole.substr(0, size))) << size;
  }
}

TEST(HistogramEncoding, WhatIsNotAHistogramIsRefused) {
  struct Case {
    const char* what;
    Header header;
    std::string payload;
  };
  const Case cases[] = {
      {"V1", {.cookie = 0x1c849301}, "\x02"},
      {"six digits", {.digits = 6}, "\x02"},
      {"lowest 0", {.lowest = 0}, "\x02"},
      {"highest below twice the lowest", {.lowest = 10, .highest = 19}, "\x02"},
      {"highest negative", {.highest = std::uint64_t{1} << 63}, "\x02"},
      {"range too wide",
       {.digits = 5, .lowest = std::uint64_t{1} << 50, .highest = std::uint64_t{1} << 60},
       "\x02"},
      {"shifted buckets", {.offset = 2}, "\x02"},
      {"number cut", {}, "\x82"},
      {"run beyond the end", {.highest = 255}, "\xff\xff\x03"},
      {"longest run", {}, "\xff\xff\xff\xff\xff\xff\xff\xff\xff"},
      {"count beyond the end", {.highest = 2}, std::string(257, '\x02')},
      {"sum of counts", {}, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x02"},
  };
  for (const Case& test : cases) {
    EXPECT_FALSE(Histogram::decode(plain(test.header, test.payload))) << test.what;
  }
}

TEST(HistogramEncoding, AnEndlessStreamIsCutOff) {
  const std::string zeros(std::size_t{64} << 20, '\0');
  uLongf size = compressBound(static_cast<uLong>(zeros.size()));
  std::string squeezed(size, '\0');
  ASSERT_EQ(
      compress(reinterpret_cast<Bytef*>(squeezed.data()), &size,
               reinterpret_cast<const Bytef*>(zeros.data()), static_cast<uLong>(zeros.size())),
      Z_OK);
  squeezed.resize(size);
  const auto decoded = Histogram::decode(word(0x1c849314, 4) + word(squeezed.size(), 4) + squeezed);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, core::ErrorCode::kLimit);
}

}  // namespace
}  // namespace slsart::metrics
