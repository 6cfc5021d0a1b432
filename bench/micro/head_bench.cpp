// HTTP/1.1 response heads: what nginx sends for a small file, and a minimal one.
#include <benchmark/benchmark.h>

#include "protocol/http1/head.h"

namespace slsart::protocol::http1 {
namespace {

constexpr std::string_view kNginx =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sun, 22 Nov 2026 08:00:00 GMT\r\n"
    "Content-Type: text/html\r\nContent-Length: 37\r\nLast-Modified: Sun, 22 Nov 2026 07:00:00 "
    "GMT\r\nConnection: keep-alive\r\nETag: \"692169f0-25\"\r\nAccept-Ranges: bytes\r\n\r\n";
constexpr std::string_view kMinimal = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";

void ParseHead(benchmark::State& state, std::string_view bytes) {
  Head head;
  for (auto _ : state) {
    const HeadResult result = parse_head(bytes, false, head);
    if (result.progress != Progress::kComplete) state.SkipWithError("the head was not understood");
    benchmark::DoNotOptimize(head.content_length);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

BENCHMARK_CAPTURE(ParseHead, nginx, kNginx);
BENCHMARK_CAPTURE(ParseHead, minimal, kMinimal);

}  // namespace
}  // namespace slsart::protocol::http1
