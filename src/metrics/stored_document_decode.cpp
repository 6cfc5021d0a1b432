#include <zlib.h>
#include <zstd.h>

#include <limits>

#include "metrics/detail/document_layout.h"
#include "metrics/stored_document.h"

namespace slsart::metrics {
namespace {

using core::Error;
using core::ErrorCode;
using core::Result;

constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kMaxIndex = std::numeric_limits<std::uint32_t>::max();

Error damaged(const std::string& what) {
  return {ErrorCode::kInvalidInput, "the document is damaged: " + what, {}, {}};
}

Error too_large() {
  return {ErrorCode::kLimit, "the document is larger than any that slsart writes", {}, {}};
}

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::uint32_t checksum_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// Looks at everything that surrounds the compressed bytes, and returns those.
Result<std::string_view> unwrapped(std::string_view bytes) {
  if (!bytes.starts_with(kDocumentMagic)) {
    return Error{ErrorCode::kInvalidInput, "this is not a stored run of slsart", {}, {}};
  }
  if (bytes.size() < kDocumentHeadBytes + kDocumentChecksumBytes) return damaged("it is cut short");
  if (static_cast<unsigned char>(bytes[4]) != kDocumentVersion ||
      static_cast<unsigned char>(bytes[5]) != kDocumentZstd) {
    return Error{ErrorCode::kUnsupported,
                 "the document was stored in a format that this version does not know",
                 "read it with the version of slsart that wrote it, or a later one",
                 {}};
  }
  const std::size_t stored = u32_at(bytes, 10);
  const std::size_t whole = kDocumentHeadBytes + stored + kDocumentChecksumBytes;
  if (bytes.size() < whole) return damaged("it is cut short");
  if (bytes.size() > whole) return damaged("something follows it");
  const std::string_view checked = bytes.substr(0, whole - kDocumentChecksumBytes);
  if (checksum_of(checked) != u32_at(bytes, whole - kDocumentChecksumBytes)) {
    return damaged("its checksum is wrong");
  }
  return checked.substr(kDocumentHeadBytes);
}

core::Duration read_duration(ByteReader& reader, std::uint64_t most = kMaxNumber) {
  return core::Duration(static_cast<std::int64_t>(reader.varint_at_most(most)));
}

std::uint64_t read_length(ByteReader& reader) {
  return reader.varint_at_most(StoredDocument::kMaxEntries);
}

Result<void> read_phases(ByteReader& reader, RunDocument& document) {
  for (std::uint64_t left = read_length(reader); left > 0 && !reader.failed; --left) {
    PhaseInfo& phase = document.phases.emplace_back();
    phase.name = reader.text();
    phase.index = static_cast<std::size_t>(reader.varint());
    phase.start = read_duration(reader);
    phase.duration = read_duration(reader);
    const std::string_view written = reader.text();
    if (written.empty()) continue;
    Result<core::Value> value = core::parse_json(written);
    if (!value) return damaged("a phase is not JSON");
    phase.written = std::move(*value);
  }
  return {};
}

void read_workers(ByteReader& reader, RunDocument& document) {
  for (std::uint64_t left = read_length(reader); left > 0 && !reader.failed; --left) {
    WorkerInfo& worker = document.workers.emplace_back();
    worker.index = static_cast<std::uint32_t>(reader.varint_at_most(kMaxIndex));
    worker.cpu = read_duration(reader);
    worker.elapsed = read_duration(reader);
    worker.arrivals_missed = reader.varint();
  }
}

void read_texts(ByteReader& reader, RunDocument& document) {
  for (std::uint64_t left = read_length(reader); left > 0 && !reader.failed; --left) {
    Check& check = document.checks.emplace_back();
    check.text = reader.text();
    const unsigned char flags = reader.byte();
    check.passed = (flags & 1) != 0;
    check.strict = (flags & 2) != 0;
    check.measured = reader.text();
    check.expression = reader.text();
  }
  for (std::uint64_t left = read_length(reader); left > 0 && !reader.failed; --left) {
    document.notes.emplace_back(reader.text());
  }
}

void read_identity(ByteReader& reader, RunDocument& document, Part& part) {
  document.run_id = reader.text();
  part.worker = static_cast<std::uint32_t>(reader.varint_at_most(kMaxIndex));
  part.workers = static_cast<std::uint32_t>(reader.varint_at_most(kMaxIndex));
  part.number = static_cast<std::uint32_t>(reader.varint_at_most(kMaxIndex));
  part.is_last = reader.byte() == 1;
  if (part.worker >= part.workers) reader.fail();
  document.script_name = reader.text();
  document.target = reader.text();
  document.seed = reader.varint();
  document.dialect = reader.text();
  document.version = reader.text();
  document.started = core::WallTime(read_duration(reader, kMaxWallNanoseconds));
  document.elapsed = read_duration(reader, kMaxNanoseconds);
  const unsigned char ending = reader.byte();
  if (ending > static_cast<unsigned char>(Ending::kIncomplete)) reader.fail();
  document.ending = static_cast<Ending>(ending);
  document.interrupted = reader.byte() == 1;
  document.arrivals_planned = reader.varint();
}

std::vector<std::string_view> read_names(ByteReader& reader) {
  std::vector<std::string_view> names;
  for (std::uint64_t left = read_length(reader); left > 0 && !reader.failed; --left) {
    const std::string_view name = reader.text();
    if (!names.empty() && name <= names.back()) reader.fail();  // ascending, so each comes once
    if (reader.failed) return {};
    names.push_back(name);
  }
  return names;
}

// Looks at the windows without taking anything from them.
struct Inspection {
  std::size_t buckets = 0;

  void window(std::int64_t, std::int64_t) const {}
  void events(std::int64_t, std::int64_t) const {}
  void counter(std::size_t, std::uint64_t) const {}
  void rate(std::size_t, std::uint64_t) const {}
  bool histogram(std::size_t, const unsigned char*& at, const unsigned char* end) {
    const std::optional<std::size_t> span = Histogram::check_sparse(at, end);
    buckets += span.value_or(0);
    return span.has_value();
  }
};

}  // namespace

Result<StoredDocument> StoredDocument::open(std::string_view bytes) {
  Result<std::string_view> squeezed = unwrapped(bytes);
  if (!squeezed) return std::move(squeezed).error();
  const std::size_t size = u32_at(bytes, 6);
  if (size > kMaxPlainBytes || squeezed->size() > kMaxStoredBytes) {
    return too_large();
  }
  StoredDocument document;
  // Not filled with zeros: a size that is a lie costs no memory.
  document.plain_ = std::make_unique_for_overwrite<char[]>(size);
  const std::size_t got =
      ZSTD_decompress(document.plain_.get(), size, squeezed->data(), squeezed->size());
  if (ZSTD_isError(got) != 0 || got != size) return damaged("it does not unpack");
  document.digest_ = std::uint64_t{u32_at(bytes, bytes.size() - 4)} << 32 | size;
  if (auto read = document.read({document.plain_.get(), size}); !read) {
    return std::move(read).error();
  }
  return document;
}

Result<void> StoredDocument::read(std::string_view plain) {
  ByteReader reader(plain);
  read_identity(reader, head_, part_);
  if (auto phases = read_phases(reader, head_); !phases) return phases;
  read_workers(reader, head_);
  read_texts(reader, head_);
  counters_ = read_names(reader);
  rates_ = read_names(reader);
  histograms_ = read_names(reader);
  if (reader.failed) return damaged("its head does not follow the format");
  windows_ = plain.substr(plain.size() - reader.left());
  Inspection inspection;
  WindowWalk(reader, counters_.size(), rates_.size(), histograms_.size(), inspection).run();
  if (reader.failed) return damaged("its measurements do not follow the format");
  if (inspection.buckets > kMaxBuckets) return too_large();
  return {};
}

}  // namespace slsart::metrics
