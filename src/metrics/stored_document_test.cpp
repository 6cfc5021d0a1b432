#include "metrics/stored_document.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "core/text.h"
#include "metrics/detail/bytes.h"
#include "metrics/detail/product.h"
#include "metrics/detail/random_document.h"
#include "metrics/document_merger.h"

namespace slsart::metrics {
namespace {

RunDocument reread(const std::string& bytes) {
  const auto stored = StoredDocument::open(bytes);
  EXPECT_TRUE(stored) << stored.error().message;
  DocumentMerger merger;
  EXPECT_TRUE(merger.add(*stored));
  return merger.document();
}

std::string u32(std::size_t value) {
  std::string out;
  for (int shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
  }
  return out;
}

// The wrapping of a stored document, with right sizes and checksum, around any content.
std::string wrapped(const std::string& plain, std::size_t claimed_size) {
  std::string squeezed(ZSTD_compressBound(plain.size()), '\0');
  squeezed.resize(ZSTD_compress(squeezed.data(), squeezed.size(), plain.data(), plain.size(), 1));
  std::string out = "\x89SLD\x01\x01" + u32(claimed_size) + u32(squeezed.size()) + squeezed;
  return out + u32(crc32_z(0, reinterpret_cast<const Bytef*>(out.data()), out.size()));
}

std::string wrapped(const std::string& plain) {
  return wrapped(plain, plain.size());
}

// The head of an empty document up to its lists, then the names of one histogram "h".
std::string plain_head() {
  std::string out;
  put_text("t1", out);
  out += std::string("\0\1\0\1", 4);    // worker 0 of 1, part 0, the last
  out += std::string("\0\0\0\0\0", 5);  // script, target, seed, dialect, version
  out += std::string("\0\0\0\0\0", 5);  // started, elapsed, ending, interrupted, planned
  return out;
}
const std::string kNoLists(4, '\0');  // phases, threads, checks, notes
const std::string kOneHistogram("\0\0\1\1h", 5);

TEST(StoredDocument, HoldsEverything) {
  Random random(1);
  for (int i = 0; i < 300; ++i) {
    RunDocument document = make_document(random);
    // Only a run that is all there ends as it did.
    const std::string bytes = encode_document(document, {}).value();
    const RunDocument again = reread(bytes);
    ASSERT_EQ(fingerprint(again), fingerprint(document)) << i;
  }
}

TEST(StoredDocument, SaysWhichPartItIs) {
  Random random(2);
  const Part part{.worker = 4, .workers = 9, .number = 3, .is_last = false};
  const auto stored = StoredDocument::open(encode_document(make_document(random), part).value());
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->part(), part);
  EXPECT_EQ(stored->head().phases.at(0).written.find("x")->as_number(), 0.5);
  EXPECT_TRUE(stored->head().phases.at(1).written.is_undefined());
}

TEST(StoredDocument, EveryTruncationIsRefused) {
  Random random(3);
  const std::string whole = encode_document(make_document(random), {}).value();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(StoredDocument::open(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(StoredDocument::open(whole + "x"));
}

TEST(StoredDocument, EveryFlippedBitIsNoticed) {
  Random random(4);
  RunDocument document = make_head(random);
  set_series(make_series(random, 0, 12), document);
  std::string bytes = encode_document(document, {}).value();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(StoredDocument::open(bytes)) << bit;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  }
}

// With a right checksum the damage must be found by looking, or make no difference to safety: the
// sanitizers watch. Every byte of the content is replaced, and every length is cut.
TEST(StoredDocument, DamageUnderARightChecksumIsSurvived) {
  Random random(5);
  RunDocument document = make_head(random);
  set_series(make_series(random, 0, 5), document);
  const std::string bytes = encode_document(document, {}).value();
  std::string plain(std::size_t{1} << 20, '\0');
  plain.resize(ZSTD_decompress(plain.data(), plain.size(), bytes.data() + 14, bytes.size() - 18));
  std::size_t refused = 0;
  for (std::size_t at = 0; at < plain.size(); ++at) {
    EXPECT_FALSE(StoredDocument::open(wrapped(plain.substr(0, at)))) << at;
    for (const int byte : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      std::string damaged = plain;
      damaged[at] = static_cast<char>(byte);
      const auto stored = StoredDocument::open(wrapped(damaged));
      if (!stored) {
        ++refused;
        continue;
      }
      DocumentMerger merger;
      ASSERT_TRUE(merger.add(*stored));
      merger.document();
    }
  }
  EXPECT_GT(refused, plain.size());
}

TEST(StoredDocument, OtherFilesAndLaterVersionsAreToldApart) {
  EXPECT_EQ(StoredDocument::open("").error().code, core::ErrorCode::kInvalidInput);
  EXPECT_EQ(StoredDocument::open("{\"aggregate\": {}}").error().message,
            "this is not a stored run of slsart");
  Random random(6);
  std::string later = encode_document(make_document(random), {}).value();
  later[4] = 2;
  EXPECT_EQ(StoredDocument::open(later).error().code, core::ErrorCode::kUnsupported);
}

TEST(StoredDocument, NothingBelievesAnEmptyDocumentToBeMore) {
  EXPECT_TRUE(StoredDocument::open(wrapped(plain_head() + kNoLists + std::string(4, '\0'))));
  EXPECT_TRUE(StoredDocument::open(wrapped(plain_head() + kNoLists + kOneHistogram + '\0')));
}

struct Bomb {
  const char* what;
  std::string plain;
  std::size_t claimed = 0;
};

TEST(StoredDocument, BombsAreDefused) {
  constexpr std::size_t kMany = std::size_t{100} << 20;
  const std::string zeros(kMany, '\0');
  std::string
      wide;  // a window whose histogram of two samples spans all buckets: 12 bytes for 36 KB
  wide += std::string("\0\0\0\0\0\1\0", 7);
  put_varint(2, wide);
  put_varint(0, wide);
  put_varint(Histogram::kMaxValue, wide);
  put_varint(0, wide);
  put_varint(Histogram::kMaxValue, wide);
  put_varint(0, wide);
  wide += std::string("\x00\xf0", 2);
  put_varint(Histogram::kBuckets - 2 - 15, wide);
  const auto windows = [&](std::uint64_t count) {
    std::string out = plain_head() + kNoLists + kOneHistogram;
    put_varint(count, out);
    for (std::uint64_t i = 0; i < count; ++i) out += wide;
    return out;
  };
  ASSERT_TRUE(StoredDocument::open(wrapped(windows(1000))));
  std::string lists = plain_head() + '\0';
  put_varint(kMany / 4, lists);
  const Bomb bombs[] = {
      {"a size that is a lie", zeros, 1000},
      {"a size that is a lie, larger", "x", StoredDocument::kMaxPlainBytes},
      {"more than is ever written", "x", StoredDocument::kMaxPlainBytes + 1},
      {"millions of threads", lists + zeros, 0},
      {"gigabytes of buckets", windows(120'000), 0},
      {"nothing but zeros", zeros, 0},
  };
  for (const Bomb& bomb : bombs) {
    const std::size_t size = bomb.claimed != 0 ? bomb.claimed : bomb.plain.size();
    EXPECT_FALSE(StoredDocument::open(wrapped(bomb.plain, size))) << bomb.what;
  }
}

TEST(StoredDocument, WhatCannotBeReadIsNotWritten) {
  Random random(7);
  RunDocument early = make_document(random);
  early.started = core::WallTime(core::Duration(-1));
  EXPECT_EQ(encode_document(early, {}).error().code, core::ErrorCode::kLimit);
  RunDocument late = make_document(random);
  set_series({{1'000'000'000, 1'000'000'001, {}}}, late);
  EXPECT_EQ(encode_document(late, {}).error().code, core::ErrorCode::kLimit);
  RunDocument talkative = make_document(random);
  talkative.notes.resize(StoredDocument::kMaxEntries + 1);
  EXPECT_EQ(encode_document(talkative, {}).error().code, core::ErrorCode::kLimit);
}

TEST(StoredDocument, ProductsAreExact) {
  EXPECT_EQ(multiply(~std::uint64_t{0}, ~std::uint64_t{0}).high, ~std::uint64_t{0} - 1);
  EXPECT_EQ(multiply(~std::uint64_t{0}, ~std::uint64_t{0}).low, 1u);
  EXPECT_EQ(multiply(std::uint64_t{1} << 42, std::uint64_t{1} << 40).high, std::uint64_t{1} << 18);
}

}  // namespace
}  // namespace slsart::metrics
