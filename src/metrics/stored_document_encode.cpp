#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <map>

#include "core/check.h"
#include "metrics/detail/document_layout.h"
#include "metrics/stored_document.h"

namespace slsart::metrics {
namespace {

using core::Error;
using core::ErrorCode;
using core::Result;

constexpr int kZstdLevel = 1;

void put_u32(std::size_t value, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
  }
}

void put_duration(core::Duration duration, std::string& out) {
  put_varint(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)), out);
}

void put_phases(const RunDocument& document, std::string& out) {
  put_varint(document.phases.size(), out);
  for (const PhaseInfo& phase : document.phases) {
    put_text(phase.name, out);
    put_varint(phase.index, out);
    put_duration(phase.start, out);
    put_duration(phase.duration, out);
    put_text(phase.written.is_undefined() ? "" : core::to_json(phase.written), out);
  }
}

void put_workers(const RunDocument& document, std::string& out) {
  put_varint(document.workers.size(), out);
  for (const WorkerInfo& worker : document.workers) {
    put_varint(worker.index, out);
    put_duration(worker.cpu, out);
    put_duration(worker.elapsed, out);
    put_varint(worker.arrivals_missed, out);
  }
}

void put_head(const RunDocument& document, const Part& part, std::string& out) {
  put_text(document.run_id, out);
  put_varint(part.worker, out);
  put_varint(part.workers, out);
  put_varint(part.number, out);
  out.push_back(part.is_last ? 1 : 0);
  put_text(document.script_name, out);
  put_text(document.target, out);
  put_varint(document.seed, out);
  put_text(document.dialect, out);
  put_text(document.version, out);
  put_duration(document.started.time_since_epoch(), out);
  put_duration(document.elapsed, out);
  out.push_back(static_cast<char>(document.ending));
  out.push_back(document.interrupted ? 1 : 0);
  put_varint(document.arrivals_planned, out);
  put_phases(document, out);
  put_workers(document, out);
  put_varint(document.checks.size(), out);
  for (const Check& check : document.checks) {
    put_text(check.text, out);
    out.push_back(static_cast<char>((check.passed ? 1 : 0) | (check.strict ? 2 : 0)));
    put_text(check.measured, out);
    put_text(check.expression, out);
  }
  put_varint(document.notes.size(), out);
  for (const std::string& note : document.notes) put_text(note, out);
}

// The names of one kind of metric in all windows, numbered in their order.
class Names {
 public:
  template <typename Map>
  void add(const Map& metrics) {
    for (const auto& metric : metrics) indices_.try_emplace(metric.first, 0);
  }
  std::size_t size() const { return indices_.size(); }
  void put(std::string& out) {
    put_varint(indices_.size(), out);
    std::size_t next = 0;
    for (auto& [name, index] : indices_) {
      index = next++;
      put_text(name, out);
    }
  }
  // Writes the entries of one window: `put_value` writes one's value.
  template <typename Map, typename PutValue>
  void put_entries(const Map& metrics, std::string& out, const PutValue& put_value) const {
    put_varint(metrics.size(), out);
    std::size_t next = 0;
    for (const auto& [name, value] : metrics) {
      const std::size_t index = indices_.find(name)->second;
      put_varint(index - next, out);
      next = index + 1;
      put_value(value);
    }
  }

 private:
  std::map<std::string_view, std::size_t> indices_;
};

void put_events(const Window& window, std::string& out) {
  if (window.snapshot.empty()) {
    out.push_back(0);
    return;
  }
  out.push_back(kHasEvents);
  const core::Duration first = *window.snapshot.first_event;
  put_zigzag((first - window.from_second * core::kSecond).count(), out);
  put_duration(*window.snapshot.last_event - first, out);
}

// False: a reader would refuse them.
bool put_windows(const std::vector<Window>& series, std::string& out) {
  Names counters, rates, histograms;
  for (const Window& window : series) {
    counters.add(window.snapshot.counters);
    rates.add(window.snapshot.rates);
    histograms.add(window.snapshot.histograms);
  }
  constexpr std::size_t kMax = StoredDocument::kMaxEntries;
  if (counters.size() > kMax || rates.size() > kMax || histograms.size() > kMax) return false;
  counters.put(out);
  rates.put(out);
  histograms.put(out);
  put_varint(series.size(), out);
  const auto put_value = [&](std::uint64_t value) { put_varint(value, out); };
  std::int64_t second = 0;
  for (const Window& window : series) {
    SLSART_CHECK(window.from_second >= second && window.to_second > window.from_second);
    put_varint(static_cast<std::uint64_t>(window.from_second - second), out);
    put_varint(static_cast<std::uint64_t>(window.to_second - window.from_second - 1), out);
    second = window.to_second;
    put_events(window, out);
    counters.put_entries(window.snapshot.counters, out, put_value);
    rates.put_entries(window.snapshot.rates, out, put_value);
    histograms.put_entries(window.snapshot.histograms, out,
                           [&](const Histogram& histogram) { histogram.write_sparse(out); });
  }
  return true;
}

bool times_are_bounded(const RunDocument& document) {
  const auto within = [](core::Duration time) {
    return time >= core::Duration::zero() && time.count() <= kMaxNanoseconds;
  };
  const std::int64_t wall = document.started.time_since_epoch().count();
  if (wall < 0 || wall > kMaxWallNanoseconds || !within(document.elapsed)) return false;
  return std::all_of(document.series.begin(), document.series.end(), [&](const Window& window) {
    const Snapshot& snapshot = window.snapshot;
    return window.to_second <= kMaxSeconds &&
           (snapshot.empty() || (within(*snapshot.first_event) && within(*snapshot.last_event)));
  });
}

bool lists_are_bounded(const RunDocument& document) {
  constexpr std::size_t kMax = StoredDocument::kMaxEntries;
  return document.phases.size() <= kMax && document.workers.size() <= kMax &&
         document.checks.size() <= kMax && document.notes.size() <= kMax;
}

Error too_large() {
  return {ErrorCode::kLimit, "the measurements are too many to be stored", {}, {}};
}

}  // namespace

Result<std::string> encode_document(const RunDocument& document, const Part& part) {
  SLSART_CHECK(part.worker < part.workers);
  if (!times_are_bounded(document)) {
    return Error{ErrorCode::kLimit, "the run's times are too large to be stored", {}, {}};
  }
  std::string plain;
  put_head(document, part, plain);
  if (!lists_are_bounded(document) || !put_windows(document.series, plain)) return too_large();
  std::string out(kDocumentMagic);
  out.push_back(static_cast<char>(kDocumentVersion));
  out.push_back(static_cast<char>(kDocumentZstd));
  put_u32(plain.size(), out);
  std::string squeezed(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t size =
      ZSTD_compress(squeezed.data(), squeezed.size(), plain.data(), plain.size(), kZstdLevel);
  SLSART_CHECK(ZSTD_isError(size) == 0);
  if (plain.size() > StoredDocument::kMaxPlainBytes || size > StoredDocument::kMaxStoredBytes) {
    return too_large();
  }
  put_u32(size, out);
  out.append(squeezed, 0, size);
  const uLong checksum = crc32_z(0, reinterpret_cast<const Bytef*>(out.data()), out.size());
  put_u32(static_cast<std::size_t>(checksum), out);
  return out;
}

}  // namespace slsart::metrics
