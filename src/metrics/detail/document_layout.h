#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metrics/detail/bytes.h"

// What the writer and the reader of stored documents share; docs/document-format.md.
namespace slsart::metrics {

inline constexpr std::string_view kDocumentMagic = "\x89SLD";
inline constexpr unsigned char kDocumentVersion = 1;
inline constexpr unsigned char kDocumentZstd = 1;
// Magic, version, compression, plain size, stored size.
inline constexpr std::size_t kDocumentHeadBytes = 4 + 1 + 1 + 4 + 4;
inline constexpr std::size_t kDocumentChecksumBytes = 4;

// Bounds that keep every sum of them within 64 bits.
inline constexpr std::int64_t kMaxSeconds = 1'000'000'000;
inline constexpr std::int64_t kMaxNanoseconds = kMaxSeconds * 1'000'000'000;
inline constexpr std::int64_t kMaxWallNanoseconds = 4 * kMaxNanoseconds;  // the year 2096

inline constexpr unsigned char kHasEvents = 1;

// Walks over the windows of a document and tells `sink` what is in them:
//   void window(from_second, to_second)
//   void events(first, last)                    nanoseconds since the start of the run
//   void counter(index, value), rate(index, value)
//   bool histogram(index, const unsigned char*& at, end)   moves `at` on; false: no good
// reader.failed tells that the bytes are not windows; the sink may have been told of some by then.
template <typename Sink>
class WindowWalk {
 public:
  WindowWalk(ByteReader& reader, std::size_t counters, std::size_t rates, std::size_t histograms,
             Sink& sink)
      : reader_(reader), counters_(counters), rates_(rates), histograms_(histograms), sink_(sink) {}

  void run() {
    std::int64_t second = 0;
    for (std::uint64_t left = reader_.varint(); left > 0 && !reader_.failed; --left) {
      const std::int64_t from = second + read_seconds();
      second = from + 1 + read_seconds();
      if (second > kMaxSeconds) reader_.fail();
      if (reader_.failed) return;
      sink_.window(from, second);
      read_events(from);
      read_values(counters_,
                  [&](std::size_t at, std::uint64_t value) { sink_.counter(at, value); });
      read_values(rates_, [&](std::size_t at, std::uint64_t value) { sink_.rate(at, value); });
      read_histograms();
    }
    if (reader_.left() > 0) reader_.fail();
  }

 private:
  std::int64_t read_seconds() {
    return static_cast<std::int64_t>(
        reader_.varint_at_most(static_cast<std::uint64_t>(kMaxSeconds)));
  }

  void read_events(std::int64_t from) {
    if ((reader_.byte() & kHasEvents) == 0 || reader_.failed) return;
    const std::int64_t offset = reader_.zigzag();
    const auto span = static_cast<std::int64_t>(
        reader_.varint_at_most(static_cast<std::uint64_t>(kMaxNanoseconds)));
    if (offset < -kMaxNanoseconds || offset > kMaxNanoseconds) reader_.fail();
    if (reader_.failed) return;
    const std::int64_t first = from * 1'000'000'000 + offset;
    if (first < 0 || first > kMaxNanoseconds || span > kMaxNanoseconds - first) reader_.fail();
    if (!reader_.failed) sink_.events(first, first + span);
  }

  // An index is given by its distance behind the one before.
  template <typename Take>
  void read_entries(std::size_t names, const Take& take) {
    std::uint64_t index = 0;
    for (std::uint64_t left = reader_.varint_at_most(names); left > 0; --left, ++index) {
      index += reader_.varint_at_most(names);
      if (index >= names) reader_.fail();
      if (reader_.failed) return;
      take(static_cast<std::size_t>(index));
    }
  }

  template <typename Take>
  void read_values(std::size_t names, const Take& take) {
    read_entries(names, [&](std::size_t index) {
      const std::uint64_t value = reader_.varint();
      if (!reader_.failed) take(index, value);
    });
  }

  void read_histograms() {
    read_entries(histograms_, [&](std::size_t index) {
      if (!sink_.histogram(index, reader_.at, reader_.end)) reader_.fail();
    });
  }

  ByteReader& reader_;
  std::size_t counters_;
  std::size_t rates_;
  std::size_t histograms_;
  Sink& sink_;
};

}  // namespace slsart::metrics
