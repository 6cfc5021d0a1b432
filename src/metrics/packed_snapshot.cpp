#include "metrics/packed_snapshot.h"

#include <zstd.h>

#include "core/check.h"
#include "metrics/detail/bytes.h"

// Layout: a length, then that many bytes compressed by zstd, which halves them since several
// histograms of a run are much alike: number of counters, each a name and a value; the same for
// rates; number of histograms, each a name and Histogram::write_sparse(); then, if there was an
// event, the times of the first and the last. Never leaves the process, so its own reader trusts
// it.

namespace slsart::metrics {
namespace {

constexpr int kZstdLevel = 1;

template <typename Numbers>
void put_numbers(const Numbers& numbers, std::string& out) {
  put_varint(numbers.size(), out);
  for (const auto& [name, value] : numbers) {
    put_text(name, out);
    put_varint(value, out);
  }
}

template <typename Numbers>
void take_numbers(ByteReader& reader, Numbers& numbers) {
  for (std::uint64_t left = reader.varint(); left > 0; --left) {
    std::string name(reader.text());
    numbers.emplace_hint(numbers.end(), std::move(name), reader.varint());
  }
}

}  // namespace

void PackedSnapshot::merge(const Snapshot& other) {
  if (bytes_.empty()) return pack(other);
  Snapshot merged = unpack();
  merged.merge(other);
  pack(merged);
}

void PackedSnapshot::pack(const Snapshot& snapshot) {
  std::string bytes;
  put_numbers(snapshot.counters, bytes);
  put_numbers(snapshot.rates, bytes);
  put_varint(snapshot.histograms.size(), bytes);
  for (const auto& [name, histogram] : snapshot.histograms) {
    put_text(name, bytes);
    histogram.write_sparse(bytes);
  }
  if (snapshot.first_event) {
    put_zigzag(snapshot.first_event->count(), bytes);
    put_zigzag(snapshot.last_event->count(), bytes);
  }
  std::string squeezed(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size =
      ZSTD_compress(squeezed.data(), squeezed.size(), bytes.data(), bytes.size(), kZstdLevel);
  SLSART_CHECK(ZSTD_isError(size) == 0);
  std::string packed;
  put_varint(bytes.size(), packed);
  packed.append(squeezed, 0, size);
  bytes_.assign(packed);  // no more room than it takes
}

std::string PackedSnapshot::plain() const {
  ByteReader reader(bytes_);
  std::string plain(reader.varint(), '\0');
  const std::size_t size = ZSTD_decompress(plain.data(), plain.size(), reader.at, reader.left());
  SLSART_CHECK(size == plain.size());
  return plain;
}

Snapshot PackedSnapshot::unpack() const {
  Snapshot snapshot;
  if (bytes_.empty()) return snapshot;
  const std::string bytes = plain();
  ByteReader reader(bytes);
  take_numbers(reader, snapshot.counters);
  take_numbers(reader, snapshot.rates);
  for (std::uint64_t left = reader.varint(); left > 0; --left) {
    std::string name(reader.text());
    Histogram& histogram =
        snapshot.histograms.emplace_hint(snapshot.histograms.end(), std::move(name), Histogram())
            ->second;
    histogram.merge_sparse(reader.at);
  }
  if (reader.left() > 0) {
    snapshot.first_event = core::Duration(reader.zigzag());
    snapshot.last_event = core::Duration(reader.zigzag());
  }
  SLSART_DCHECK(!reader.failed && reader.left() == 0);
  return snapshot;
}

}  // namespace slsart::metrics
