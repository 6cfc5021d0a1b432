#pragma once

#include <string>

#include "metrics/document.h"

namespace slsart::metrics {

// A snapshot in few bytes, for the many that are only kept: about half a byte for each histogram
// bucket in use in place of four for each in reach. Exact. Merging unpacks, merges and packs again.
class PackedSnapshot {
 public:
  void merge(const Snapshot& other);
  void merge(const PackedSnapshot& other) { merge(other.unpack()); }
  Snapshot unpack() const;

 private:
  void pack(const Snapshot& snapshot);
  std::string plain() const;

  std::string bytes_;  // empty: an empty snapshot
};

}  // namespace slsart::metrics
