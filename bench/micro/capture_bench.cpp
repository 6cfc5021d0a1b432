// Captures from a JSON body of about 1 KB: the first member, and one far behind.
#include <benchmark/benchmark.h>

#include "expr/extractor.h"

namespace slsart::expr {
namespace {

std::string body() {
  std::string text = R"({"token":"b7c1f0d2e4a84f1f","status":"ok","items":[)";
  for (int i = 0; i < 12; ++i) {
    text += (i == 0 ? "" : ",") + std::string(R"({"id":"item-)") + std::to_string(1000 + i) +
            R"(","name":"a thing to buy","price":19.5,"stock":3})";
  }
  return text + "]}";
}

void Capture(benchmark::State& state, const core::Result<Extractor>& extractor) {
  if (!extractor) return state.SkipWithError("the expression does not compile");
  const std::string text = body();
  const ResponseView response{.status = 200, .body = text};
  core::Rng rng{1};
  for (auto _ : state) {
    const core::Value found = extractor->extract(response, rng);
    if (found.is_undefined()) state.SkipWithError("nothing was found");
    benchmark::DoNotOptimize(found);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void CaptureJson(benchmark::State& state, const char* path) {
  Capture(state, Extractor::json(path));
}
BENCHMARK_CAPTURE(CaptureJson, first_member, "$.token");
BENCHMARK_CAPTURE(CaptureJson, far_behind, "$.items[7].id");
BENCHMARK_CAPTURE(CaptureJson, descent, "$..stock");

void CaptureRegexp(benchmark::State& state) {
  Capture(state, Extractor::regexp("item-(10\\d7)", {.group = "1"}));
}
BENCHMARK(CaptureRegexp);

}  // namespace
}  // namespace slsart::expr
