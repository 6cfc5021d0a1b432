#include "provider/emulated/http_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slsart::provider::emulated {
namespace {

// What was understood of the bytes, handed over in pieces of this size: requests as
// "METHOD path?query [name: value] | body", a fault as "fault 400".
std::string tell(std::string_view bytes, std::size_t piece) {
  RequestReader reader;
  std::string story;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string_view part = bytes.substr(at, piece);
    while (!part.empty()) {
      const auto progress = reader.feed(part);
      if (progress == RequestReader::Progress::kFault) {
        return story + "fault " + std::to_string(reader.fault_status());
      }
      if (reader.take_expectation()) story += "(100) ";
      if (progress == RequestReader::Progress::kIncomplete) break;
      const HttpRequest request = reader.take();
      story += request.method + " " + request.path;
      if (!request.query.empty()) story += "?" + request.query;
      for (const auto& [name, value] : request.headers) story += " [" + name + ": " + value + "]";
      story += " | " + (request.is_too_large ? "(too large)" : request.body);
      story += request.keeps_alive ? "; " : " close; ";
    }
  }
  return story + (reader.is_between_requests() ? "" : "...");
}

struct Case {
  const char* bytes;
  const char* story;
};

constexpr Case kCases[] = {
    {"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a?b=c [host: x] | ; "},
    {"POST /a HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc", "POST /a [content-length: 3] | abc; "},
    {"\r\nGET / HTTP/1.0\r\n\r\n", "GET / |  close; "},
    {"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", "GET / [connection: Close] |  close; "},
    {"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n", "GET /1 | ; GET /2 | ; "},
    {"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
     "POST / [transfer-encoding: chunked] | abcde; "},
    {"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nt: 1\r\nu: 2\r\n\r\nGET",
     "POST / [transfer-encoding: chunked] | a; ..."},
    {"POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\na",
     "(100) POST / [expect: 100-continue] [content-length: 1] | a; "},
    {"GET / HTTP/1.1\r\nx:  two words \r\n\r\n", "GET / [x: two words] | ; "},
    {"GET / HTTP/2.0\r\n\r\n", "fault 505"},
    {"GET /\r\n\r\n", "fault 400"},
    {"GET  / HTTP/1.1\r\n\r\n", "fault 400"},
    {"GET x HTTP/1.1\r\n\r\n", "fault 400"},
    {"GET / HTTP/1.1\r\n: x\r\n\r\n", "fault 400"},
    {"GET / HTTP/1.1\r\nx y: z\r\n\r\n", "fault 400"},
    {"GET / HTTP/1.1\r\nfolded: a\r\n b\r\n\r\n", "fault 400"},
    {"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", "fault 400"},
    {"POST / HTTP/1.1\r\ncontent-length: 1x\r\n\r\n", "fault 400"},
    {"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", "fault 400"},
    {"POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", "fault 400"},
    {"POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n", "fault 501"},
    {"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "fault 400"},
    {"POST / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n", "fault 413"},
};

TEST(RequestReader, ReadsRequestsHoweverTheyAreCut) {
  for (const Case& row : kCases) {
    const std::string_view bytes = row.bytes;
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
      EXPECT_EQ(tell(bytes, piece), row.story) << bytes << "\nin pieces of " << piece;
    }
  }
}

TEST(RequestReader, HeadsAreBounded) {
  const std::string long_line = "GET / HTTP/1.1\r\nx: " + std::string(70'000, 'x');
  EXPECT_EQ(tell(long_line, 4096), "fault 431");
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 300; ++i) many += "x: 1\r\n";
  EXPECT_EQ(tell(many + "\r\n", 4096), "fault 431");
}

TEST(RequestReader, LargeBodiesAreAnsweredButNotKept) {
  const std::size_t size = RequestReader::kMaxBodyBytes + 1;
  const std::string head =
      "POST / HTTP/1.1\r\ncontent-length: " + std::to_string(size) + "\r\n\r\n";
  const std::string story = tell(head + std::string(size, 'b'), 65'536);
  EXPECT_THAT(story, testing::EndsWith("| (too large); "));
}

TEST(RequestReader, ChunksWithoutEndAreAFault) {
  std::string bytes = "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";
  const std::string chunk = "100000\r\n" + std::string(0x100000, 'c') + "\r\n";
  for (int i = 0; i < 70; ++i) bytes += chunk;
  EXPECT_EQ(tell(bytes, 1 << 20), "fault 413");
}

TEST(HttpAnswer, HeadersCannotBeBroken) {
  EXPECT_EQ(to_bytes({.status = 204, .headers = {{"a", "b\r\nc: d"}}, .body = ""}, true),
            "HTTP/1.1 204 No Content\r\na: b  c: d\r\n\r\n");
  EXPECT_EQ(to_bytes({.status = 200, .headers = {}, .body = "x"}, false),
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx");
}

}  // namespace
}  // namespace slsart::provider::emulated
