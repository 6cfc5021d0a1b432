#include "metrics/packed_snapshot.h"

#include "core/check.h"
#include "metrics/detail/bytes.h"

// Layout: number of counters, each a name and a value; the same for rates; number of histograms,
// each a name and Histogram::write_sparse(); then, if there was an event, the times of the first
// and the last. Never leaves the process, so its own reader trusts it.

namespace slsart::metrics {
namespace {

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
  bytes_.assign(bytes);  // no more room than it takes
}

Snapshot PackedSnapshot::unpack() const {
  Snapshot snapshot;
  if (bytes_.empty()) return snapshot;
  ByteReader reader(bytes_);
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
