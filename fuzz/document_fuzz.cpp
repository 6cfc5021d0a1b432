#include <zlib.h>
#include <zstd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/check.h"
#include "metrics/document_merger.h"

// The reader takes any bytes. Besides the input as it is, the input stands for the content of a
// document, compressed and with a right checksum, since no fuzzer guesses those. What is accepted
// must survive being merged, stored and read again.
namespace {

using namespace slsart::metrics;

void put_u32(std::size_t value, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
  }
}

std::string wrapped(std::string_view plain) {
  std::string squeezed(ZSTD_compressBound(plain.size()), '\0');
  squeezed.resize(ZSTD_compress(squeezed.data(), squeezed.size(), plain.data(), plain.size(), 1));
  std::string out = "\x89SLD\x01\x01";
  put_u32(plain.size(), out);
  put_u32(squeezed.size(), out);
  out += squeezed;
  put_u32(crc32_z(0, reinterpret_cast<const Bytef*>(out.data()), out.size()), out);
  return out;
}

// The content of a seed that is a whole document.
std::string unwrapped(std::string_view bytes) {
  if (bytes.size() < 18) return {};
  std::string plain(std::size_t{1} << 20, '\0');
  const std::size_t size =
      ZSTD_decompress(plain.data(), plain.size(), bytes.data() + 14, bytes.size() - 18);
  if (ZSTD_isError(size) != 0) return {};
  plain.resize(size);
  return plain;
}

void look(std::string_view bytes) {
  const auto stored = StoredDocument::open(bytes);
  if (!stored) return;
  DocumentMerger merger(DocumentMerger::Runs::kSeveral);
  SLSART_CHECK(merger.add(*stored).has_value());
  SLSART_CHECK(*merger.add(*stored) == DocumentMerger::Added::kDuplicate);
  const RunDocument document = merger.document();
  const auto again = encode_document(document, {});
  if (!again) return;  // events may lie outside their window, and so before the start
  const auto reread = StoredDocument::open(*again);
  SLSART_CHECK(reread.has_value());
  DocumentMerger second;
  SLSART_CHECK(second.add(*reread).has_value());
  const RunDocument same = second.document();
  SLSART_CHECK(same.total.counters == document.total.counters);
  SLSART_CHECK(same.total.histograms.size() == document.total.histograms.size());
  for (const auto& [name, histogram] : document.total.histograms) {
    SLSART_CHECK(same.total.histogram(name)->encode() == histogram.encode());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  look(bytes);
  look(wrapped(bytes));
  if (bytes.starts_with("\x89SLD")) look(wrapped(unwrapped(bytes)));
  return 0;
}
