#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "metrics/document.h"

namespace slsart::metrics {

// Which share of a run a stored document holds. A worker here is whoever stores: a function, a
// process on one of several machines; its threads are RunDocument::workers.
struct Part {
  std::uint32_t worker = 0;
  std::uint32_t workers = 1;  // how many the run has; more than `worker`
  std::uint32_t number = 0;   // what one worker stores, one after the other, counts from 0
  bool is_last = true;        // the worker stores no more

  friend bool operator==(const Part&, const Part&) = default;
};

// A run's measurements as bytes: versioned, compressed (zstd), checked by a CRC-32;
// docs/document-format.md has the layout. Nothing is rounded: the report of what is read again is
// that of the original. A worker may store its run in parts, each with the windows that were sealed
// since the one before and everything else as it stands then; metrics/document_merger.h puts parts
// and workers together.
//
// Requires: the series ascends, and the total is its sum (it is not stored). The same document
// gives the same bytes. Errors: kLimit when it is larger than a reader takes (the bounds below) or
// holds times beyond thirty years.
core::Result<std::string> encode_document(const RunDocument& document, const Part& part);

// A stored document that was found whole: all that is in it was looked at once, and reading it can
// no longer fail.
class StoredDocument {
 public:
  static constexpr std::size_t kMaxPlainBytes = std::size_t{256} << 20;
  static constexpr std::size_t kMaxStoredBytes = std::size_t{128} << 20;
  // Of each list: threads, phases, checks, notes, names of a kind.
  static constexpr std::size_t kMaxEntries = 65'536;
  // What all histograms would take as plain arrays.
  static constexpr std::size_t kMaxBuckets = std::size_t{1} << 29;

  // Takes any bytes, also hostile ones; what it and its merging take of memory is bounded.
  // Errors: kInvalidInput (no document, cut short, damaged), kUnsupported (a later version's),
  // kLimit.
  static core::Result<StoredDocument> open(std::string_view bytes);

  const Part& part() const { return part_; }
  // Everything but total and series.
  const RunDocument& head() const { return head_; }
  // Tells equal documents from different ones of the same part.
  std::uint64_t digest() const { return digest_; }

 private:
  friend class DocumentMerger;
  StoredDocument() = default;
  core::Result<void> read(std::string_view plain);

  std::unique_ptr<char[]> plain_;
  RunDocument head_;
  Part part_;
  std::uint64_t digest_ = 0;
  // Into plain_.
  std::vector<std::string_view> counters_, rates_, histograms_;  // names by index
  std::string_view windows_;
};

}  // namespace slsart::metrics
