#include <brotli/encode.h>
#include <zlib.h>

#include <map>

#include "answers.h"

namespace slsart::target {
namespace {

constexpr std::string_view kJson =
    R"({"id":42,"name":"alpha","token":"tok-123","empty":"","zero":0,"nil":null,"flag":false,)"
    R"("items":[{"id":1,"tag":"a"},{"id":2,"tag":"b"},{"id":3,"tag":"c"}],)"
    R"("nested":{"deep":{"value":"treasure"}},"list":["x","y","z"]})";

constexpr std::string_view kHtml =
    "<!doctype html>\n<html><head><title>page</title></head><body>\n"
    "<form action=\"/login\" method=\"post\"><input type=\"hidden\" name=\"csrf\" "
    "value=\"csrf-789\"></form>\n"
    "<a class=\"l\" href=\"/p/1\">one</a>\n<a class=\"l\" href=\"/p/2\">two</a>\n"
    "<a class=\"l\" href=\"/p/3\">three</a>\n</body></html>\n";

constexpr std::string_view kXml =
    "<?xml version=\"1.0\"?>\n<order id=\"7\"><item sku=\"A1\">Lamp</item>"
    "<item sku=\"B2\">Desk</item><total>12.50</total></order>\n";

enum class ZlibFormat : int { kGzip = 15 + 16, kZlib = 15 };  // windowBits of deflateInit2()

std::string compress_zlib(std::string_view text, ZlibFormat format) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, static_cast<int>(format), 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string compress_brotli(std::string_view text) {
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size());
  std::string out(size, '\0');
  BrotliEncoderCompress(BROTLI_DEFAULT_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT,
                        text.size(), reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                        reinterpret_cast<std::uint8_t*>(out.data()));
  out.resize(size);
  return out;
}

Answer fixed(std::string_view type, std::string body, std::string headers = {}) {
  Answer answer;
  answer.type = type;
  answer.body = std::move(body);
  answer.headers = std::move(headers);
  return answer;
}

struct Fixed {
  Answer answer;
  std::string bytes;
};

using Table = std::map<std::string, Fixed, std::less<>>;

Table make_table() {
  Table table;
  const std::string json(kJson);
  table["/"].answer = fixed("text/plain", "ok");
  table["/json"].answer = fixed("application/json", json);
  table["/html"].answer = fixed("text/html", std::string(kHtml));
  table["/xml"].answer = fixed("application/xml", std::string(kXml));
  table["/text"].answer = fixed("text/plain", "hello world; code=ABC-42; code=DEF-43",
                                "X-Trace: trace-9\r\nETag: \"v1\"\r\n");
  table["/gzip"].answer = fixed("application/json", compress_zlib(json, ZlibFormat::kGzip),
                                "Content-Encoding: gzip\r\n");
  table["/deflate"].answer = fixed("application/json", compress_zlib(json, ZlibFormat::kZlib),
                                   "Content-Encoding: deflate\r\n");
  table["/brotli"].answer =
      fixed("application/json", compress_brotli(json), "Content-Encoding: br\r\n");
  for (auto& [path, entry] : table) entry.bytes = to_bytes(entry.answer, Request{});
  return table;
}

const Fixed* find_entry(std::string_view path) {
  static const Table kTable = make_table();
  const auto found = kTable.find(path);
  return found == kTable.end() ? nullptr : &found->second;
}

}  // namespace

const Answer* find_fixed(std::string_view path) {
  const Fixed* const entry = find_entry(path);
  return entry == nullptr ? nullptr : &entry->answer;
}

const std::string* find_prebuilt(std::string_view path) {
  const Fixed* const entry = find_entry(path);
  return entry == nullptr ? nullptr : &entry->bytes;
}

}  // namespace slsart::target
