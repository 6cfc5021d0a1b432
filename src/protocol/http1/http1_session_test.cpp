#include "protocol/http1/http1_session.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "protocol/http1/session_probe.h"

namespace slsart::protocol::http1 {
namespace {

std::string head_of(std::string_view line) {
  return "HTTP/1.1 200 OK\r\n" + std::string(line) + "\r\n";
}

struct Sample {
  const char* name;
  std::string bytes;
  std::string expected;  // as SessionProbe::story() tells it
  bool is_head_method = false;
};

std::vector<Sample> good_samples() {
  return {
      {"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n\r\nhello",
       "200 [Content-Length: 5] [A: b] | hello | reusable"},
      {"no reason", "HTTP/1.1 200\r\ncontent-length:0\r\n\r\n",
       "200 [content-length: 0] |  | reusable"},
      {"empty reason", "HTTP/1.1 200 \r\ncontent-length:0\r\n\r\n",
       "200 [content-length: 0] |  | reusable"},
      {"long reason", "HTTP/1.1 404 Not \xff Found\r\nContent-Length: 0\r\n\r\n",
       "404 [Content-Length: 0] |  | reusable"},
      {"empty lines first", "\r\n\n\r\nHTTP/1.1 200\r\ncontent-length:0\r\n\r\n",
       "200 [content-length: 0] |  | reusable"},
      {"blanks around values", head_of("Content-Length: \t 2 \r\nX:   \r\nY:\tz\t\r\n") + "ok",
       "200 [Content-Length: 2] [X: ] [Y: z] | ok | reusable"},
      {"line feed after status line and as blank line", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\n",
       "200 [Content-Length: 0] |  | reusable"},
      {"folded value", head_of("X: a \r\n b\r\n\tc\r\nContent-Length: 0\r\n"),
       "200 [X: a  b\tc] [Content-Length: 0] |  | reusable"},
      {"folded from nothing", head_of("X:\r\n \r\n  b\r\nContent-Length:\r\n 1\r\n") + "x",
       "200 [X: b] [Content-Length: 1] | x | reusable"},
      {"until close", "HTTP/1.1 200 OK\r\n\r\nall of it", "200 | all of it | closed"},
      {"until close and empty", "HTTP/1.1 200 OK\r\n\r\n", "200 |  | closed"},
      {"http 1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
       "200 [Content-Length: 2] | ok | used up"},
      {"http 1.0 that keeps alive",
       "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok",
       "200 [Connection: Keep-Alive] [Content-Length: 2] | ok | reusable"},
      {"closes", head_of("Connection: x, Close\r\nContent-Length: 2\r\n") + "ok",
       "200 [Connection: x, Close] [Content-Length: 2] | ok | used up"},
      {"no such token", head_of("Connection: closed\r\nContent-Length: 0\r\n"),
       "200 [Connection: closed] [Content-Length: 0] |  | reusable"},
      {"chunked",
       head_of("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n00A\r\n, world! x\r\n0\r\n\r\n",
       "200 [Transfer-Encoding: chunked] | hello, world! x | reusable"},
      {"chunked and empty", head_of("Transfer-Encoding: gzip, CHUNKED\r\n") + "0\r\n\r\n",
       "200 [Transfer-Encoding: gzip, CHUNKED] |  | reusable"},
      {"chunk extensions and trailers",
       head_of("Transfer-Encoding: chunked\r\n") +
           "1;a;b=c;d=\"e; f\"\r\nx\r\n0;z\r\nT: u\r\n v\r\n\r\n",
       "200 [Transfer-Encoding: chunked] | x | reusable"},
      {"semicolon after the last extension",
       head_of("Transfer-Encoding: chunked\r\n") + "1;a=b;\r\nx\r\n0\r\n\r\n",
       "200 [Transfer-Encoding: chunked] | x | reusable"},
      {"other coding last", head_of("Transfer-Encoding: chunked, gzip\r\n") + "raw",
       "200 [Transfer-Encoding: chunked, gzip] | raw | closed"},
      {"head method", head_of("Content-Length: 10\r\n"), "200 [Content-Length: 10] |  | reusable",
       true},
      {"204", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n",
       "204 [Content-Length: 3] |  | reusable"},
      {"304", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
       "304 [Transfer-Encoding: chunked] |  | reusable"},
      {"informational heads first",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
       "200 [Content-Length: 2] | ok | reusable"},
      {"switching protocols", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
       "101 [Upgrade: x] |  | used up"},
      {"rubbish after it", head_of("Content-Length: 2\r\n") + "ok!",
       "200 [Content-Length: 2] | ok | used up"},
  };
}

TEST(Http1Session, UnderstandsResponsesHoweverTheyAreCut) {
  for (const Sample& sample : good_samples()) {
    SCOPED_TRACE(sample.name);
    const std::string whole = tell(sample.bytes, {}, sample.is_head_method);
    EXPECT_EQ(whole, sample.expected);
    for (std::size_t cut = 1; cut < sample.bytes.size(); ++cut) {
      EXPECT_EQ(tell(sample.bytes, {cut}, sample.is_head_method), whole) << "cut at " << cut;
    }
    EXPECT_EQ(tell_byte_by_byte(sample.bytes, sample.is_head_method), whole);
  }
}

struct FaultSample {
  const char* name;
  std::string bytes;
  HttpFault fault;
};

std::vector<FaultSample> bad_samples() {
  using enum HttpFault;
  const std::string chunked = head_of("Transfer-Encoding: chunked\r\n");
  return {
      {"other protocol", "SSH-2.0-x\r\n", kInvalidConstant},
      {"other protocol without line end", "\x15\x03\x01", kInvalidConstant},
      {"other protocol after an empty line", "\r\nHTTX", kInvalidConstant},
      {"lower case", "http/1.1 200 OK\r\n\r\n", kInvalidConstant},
      {"version 2", "HTTP/2.0 200 OK\r\n\r\n", kInvalidVersion},
      {"version without dot", "HTTP/11 200 OK\r\n\r\n", kInvalidVersion},
      {"no blank after version", "HTTP/1.1\r\n\r\n", kInvalidVersion},
      {"two digits", "HTTP/1.1 20 OK\r\n\r\n", kInvalidStatus},
      {"four digits", "HTTP/1.1 2000 OK\r\n\r\n", kInvalidStatus},
      {"letters", "HTTP/1.1 2x0 OK\r\n\r\n", kInvalidStatus},
      {"below 100", "HTTP/1.1 099 OK\r\n\r\n", kInvalidStatus},
      {"no status", "HTTP/1.1 \r\n\r\n", kInvalidStatus},
      {"bare return in the reason", "HTTP/1.1 200 a\rb\r\n\r\n", kLineEndExpected},
      {"blank before the colon", head_of("X : a\r\n"), kInvalidHeaderToken},
      {"no name", head_of(": a\r\n"), kInvalidHeaderToken},
      {"no colon", head_of("abc\r\n"), kInvalidHeaderToken},
      {"control in a name", head_of("a\x01: b\r\n"), kInvalidHeaderToken},
      {"control in a value", head_of("a: b\x01\r\n"), kInvalidHeaderToken},
      {"nul in a value", head_of(std::string("a: b\0c\r\n", 8)), kInvalidHeaderToken},
      {"fold after the status line", head_of(" a: b\r\n"), kInvalidHeaderToken},
      {"line feed after a field", head_of("a: b\nc: d\r\n"), kInvalidHeaderToken},
      {"bare return in a value", head_of("a: b\rc\r\n"), kLineEndExpected},
      {"fault in a head that goes on", "HTTP/1.1 200 OK\r\nContent-Length: x\r\nA",
       kInvalidContentLength},
      {"empty length", head_of("Content-Length: \r\n"), kInvalidContentLength},
      {"signed length", head_of("Content-Length: +1\r\n"), kInvalidContentLength},
      {"hexadecimal length", head_of("Content-Length: 0x1\r\n"), kInvalidContentLength},
      {"two in one", head_of("Content-Length: 1, 1\r\n"), kInvalidContentLength},
      {"length above 64 bits", head_of("Content-Length: 18446744073709551616\r\n"),
       kInvalidContentLength},
      {"length twice", head_of("Content-Length: 1\r\nContent-Length: 1\r\n"),
       kUnexpectedContentLength},
      {"folded length", head_of("Content-Length: 1\r\n 1\r\n"), kUnexpectedContentLength},
      {"folded coding", head_of("Transfer-Encoding: chunked\r\n \r\n"), kInvalidTransferEncoding},
      {"length and chunked", head_of("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
       kUnexpectedContentLength},
      {"chunked and length", head_of("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"),
       kUnexpectedContentLength},
      {"chunk size missing", chunked + "\r\n", kInvalidChunkSize},
      {"chunk size no number", chunked + "xyz\r\n", kInvalidChunkSize},
      {"chunk size signed", chunked + "-1\r\n", kInvalidChunkSize},
      {"chunk size then blank", chunked + "1 \r\n", kInvalidChunkSize},
      {"chunk size above 64 bits", chunked + "10000000000000000\r\n", kInvalidChunkSize},
      {"chunk size with line feed", chunked + "1\nx\r\n", kInvalidChunkSize},
      {"chunk size with bare return", chunked + "1\rx", kLineEndExpected},
      {"chunk data too long", chunked + "1\r\nxy\r\n", kLineEndExpected},
      {"chunk data with line feed", chunked + "1\r\nx\n0\r\n\r\n", kLineEndExpected},
      {"bad extension", chunked + "1; a\r\n", kInvalidChunkSize},
      {"empty extension", chunked + "1;\r\n", kInvalidChunkSize},
      {"bad trailer", chunked + "0\r\nno colon\r\n\r\n", kInvalidHeaderToken},
      {"too many fields", head_of([] {
         std::string lines;
         for (std::size_t i = 0; i <= kMaxHeaderLines; ++i) lines += "a:\r\n";
         return lines;
       }()),
       kHeaderOverflow},
  };
}

TEST(Http1Session, RefusesFaultyResponsesHoweverTheyAreCut) {
  for (const FaultSample& sample : bad_samples()) {
    SCOPED_TRACE(sample.name);
    const std::string expected = "fault " + std::to_string(static_cast<int>(sample.fault));
    EXPECT_EQ(fault_of(sample.bytes, {}), expected);
    if (sample.bytes.size() > 1000) continue;
    for (std::size_t cut = 1; cut < sample.bytes.size(); ++cut) {
      EXPECT_EQ(fault_of(sample.bytes, {cut}), expected) << "cut at " << cut;
    }
  }
}

// One after the other on one pool: none is taken for another, and the same bytes mean something
// else after a HEAD.
TEST(Http1Session, HeadsThatLookAlikeAreToldApart) {
  const auto scratch = std::make_shared<Scratch>();
  const std::string two = head_of("Content-Length: 2\r\n");
  const auto story = [&](const std::string& bytes, bool is_head_method) {
    SessionProbe probe(scratch);
    run_response(probe, bytes, {}, is_head_method);
    return probe.story();
  };
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(story(two + "ok", false), "200 [Content-Length: 2] | ok | reusable");
    EXPECT_EQ(story(two, true), "200 [Content-Length: 2] |  | reusable");
    EXPECT_EQ(story(head_of("Content-Length: 3\r\n") + "yes", false),
              "200 [Content-Length: 3] | yes | reusable");
    EXPECT_EQ(story(head_of("Content-Length: 2\r\nX:\r\n y\r\n") + "ok", false),
              "200 [Content-Length: 2] [X: y] | ok | reusable");
    EXPECT_EQ(story("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", false),
              " |  | reset");  // its end is missing
  }
}

TEST(Http1Session, EverythingBeforeItsEndIsAReset) {
  for (const Sample& sample : good_samples()) {
    if (sample.expected.ends_with("closed")) continue;
    if (std::string_view(sample.name) == "rubbish after it") continue;
    SCOPED_TRACE(sample.name);
    for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
      EXPECT_TRUE(tell(sample.bytes.substr(0, size), {}, sample.is_head_method).ends_with("reset"))
          << "after " << size;
    }
  }
}

// A head, trailers, extensions without end are given up at the limit, however they come.
TEST(Http1Session, EndlessHeadsStopAtTheLimit) {
  const std::string expected =
      "fault " + std::to_string(static_cast<int>(HttpFault::kHeaderOverflow));
  const std::string chunked = head_of("Transfer-Encoding: chunked\r\n");
  const std::string filler(kMaxHeadBytes + 1, 'x');
  const std::string endless[] = {
      "HTTP/1.1 200 " + filler,
      head_of("a: " + filler + "\r\n"),
      chunked + "1;" + filler,
      chunked + "0\r\na: " + filler,
      [] {
        std::string all;
        while (all.size() <= kMaxHeadBytes) all += "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
        return all;
      }(),
  };
  for (const std::string& bytes : endless) {
    EXPECT_EQ(fault_of(bytes, {}), expected);
    EXPECT_EQ(fault_of(bytes, {1, 20, 40'000}), expected);
  }
}

TEST(Http1Session, HeadOfExactlyTheLimitIsTaken) {
  std::string head = "HTTP/1.1 204 OK\r\na: ";
  head.append(kMaxHeadBytes - head.size() - 4, 'x').append("\r\n\r\n");
  ASSERT_EQ(head.size(), kMaxHeadBytes);
  EXPECT_TRUE(tell(head, {}, false).ends_with("reusable"));
  EXPECT_TRUE(tell(head, {kMaxHeadBytes - 1}, false).ends_with("reusable"));
  head.insert(20, "x");
  EXPECT_TRUE(fault_of(head, {}).starts_with("fault"));
}

TEST(Http1Session, BodiesThatAreNotKeptAreOnlyCounted) {
  SessionProbe probe;
  probe.exchange.keep_body = false;
  probe.session.submit(probe.exchange);
  probe.feed(head_of("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n");
  EXPECT_EQ(probe.body, "");
  EXPECT_EQ(probe.exchange.body_bytes, 5u);
  EXPECT_FALSE(probe.exchange.failure);
}

TEST(Http1Session, WholeBodyIsHandedOverWhereItLies) {
  SessionProbe probe;
  probe.session.submit(probe.exchange);
  const std::string bytes = head_of("Content-Length: 5\r\n") + "hello";
  probe.feed(bytes);
  EXPECT_EQ(static_cast<const void*>(probe.body_view.data()), bytes.data() + bytes.size() - 5);
}

TEST(Http1Session, KeptBodyIsBounded) {
  for (const std::string_view framing :
       {"Content-Length: 11\r\n", "Transfer-Encoding: chunked\r\n", ""}) {
    const bool is_chunked = framing.starts_with('T');
    const std::string bytes =
        head_of(framing) + (is_chunked ? "b\r\nhello world\r\n0\r\n\r\n" : "hello world");
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      SessionProbe probe;
      probe.exchange.body_limit = 10;
      probe.session.submit(probe.exchange);
      probe.feed(bytes.substr(0, cut));
      if (!probe.is_over) probe.feed(bytes.substr(cut));
      EXPECT_EQ(probe.exchange.failure.code, static_cast<int>(HttpFault::kBodyTooLarge));
      EXPECT_EQ(probe.body, "hello worl");
    }
  }
}

TEST(Http1Session, EncodedBodyIsDecodedOrFaulty) {
  SessionProbe probe;
  probe.session.submit(probe.exchange);
  probe.feed(head_of("Content-Encoding: gzip\r\nContent-Length: 5\r\n") + "hello");
  EXPECT_EQ(probe.exchange.failure.code, static_cast<int>(HttpFault::kBadContentEncoding));

  SessionProbe raw;
  raw.exchange.decode_body = false;
  raw.session.submit(raw.exchange);
  raw.feed(head_of("Content-Encoding: gzip\r\nContent-Length: 5\r\n") + "hello");
  EXPECT_EQ(raw.body, "hello");
}

TEST(Http1Session, FirstByteIsThatOfTheFinalResponse) {
  SessionProbe probe;
  probe.session.submit(probe.exchange);
  const auto at = [](int n) { return core::TimePoint(core::Duration(n)); };
  probe.session.feed("HTTP/1.1 100 Con", at(1));
  probe.session.feed("tinue\r\n\r\n", at(2));
  probe.session.feed("HTTP/1.1 200 OK\r\nContent-", at(3));
  probe.session.feed("Length: 2\r\n\r\no", at(4));
  probe.session.feed("k", at(5));
  EXPECT_EQ(probe.exchange.times.first_byte, at(3));
  EXPECT_EQ(probe.exchange.times.headers, at(4));
  EXPECT_EQ(probe.exchange.times.end, at(5));
}

TEST(Http1Session, WritesHeadAndBodyAndStampsThem) {
  SessionProbe probe;
  probe.exchange.head = "POST / HTTP/1.1\r\n\r\n";
  probe.exchange.body = "body";
  probe.session.submit(probe.exchange);
  const auto at = [](int n) { return core::TimePoint(core::Duration(n)); };
  EXPECT_EQ(probe.session.output().size(), probe.exchange.head.size() + 4);
  probe.session.wrote(5, at(1));
  EXPECT_EQ(probe.session.output().first, probe.exchange.head.substr(5));
  EXPECT_EQ(probe.session.output().second, "body");
  probe.session.wrote(probe.exchange.head.size() - 5 + 1, at(2));
  EXPECT_EQ(probe.session.output().first, "ody");
  probe.session.wrote(3, at(3));
  EXPECT_TRUE(probe.session.output().empty());
  EXPECT_EQ(probe.exchange.times.first_sent, at(1));
  EXPECT_EQ(probe.exchange.times.sent, at(3));
}

}  // namespace
}  // namespace slsart::protocol::http1
