// Captures from large bodies, about 90 KB each: a JSON document, an HTML page by selector and
// XPath.
#include <benchmark/benchmark.h>

#include "expr/extractor.h"

namespace slsart::expr {
namespace {

constexpr std::size_t kSize = 90'000;

const std::string& document() {
  static const std::string text = [] {
    std::string made = R"({"items":[)";
    for (int i = 0; made.size() < kSize; ++i) {
      made += (i == 0 ? "" : ",") + std::string(R"({"id":"item-)") + std::to_string(1000 + i) +
              R"(","name":"a thing to buy","tags":["red","large"],"price":19.5,"stock":3})";
    }
    return made + R"(],"last":"here"})";
  }();
  return text;
}

const std::string& page() {
  static const std::string text = [] {
    std::string made = "<!doctype html><html><head><title>Shop</title></head><body><ul>";
    for (int i = 0; made.size() < kSize; ++i) {
      const std::string number = std::to_string(1000 + i);
      made += "<li class='row item'><a class=l href='/p/" + number + "?a=1&amp;b=2'>Thing " +
              number + "</a><p>Some <b>bold</b> words about it, quite ordinary ones.</p></li>\n";
    }
    return made + "</ul><form><input name=csrf value=token></form></body></html>";
  }();
  return text;
}

void capture(benchmark::State& state, const core::Result<Extractor>& extractor,
             const std::string& body) {
  if (!extractor) return state.SkipWithError("the expression does not compile");
  const ResponseView response{.status = 200, .body = body};
  core::Rng rng{1};
  for (auto _ : state) {
    const core::Value found = extractor->extract(response, rng);
    if (found.is_undefined()) state.SkipWithError("nothing was found");
    benchmark::DoNotOptimize(found);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void LargeJson(benchmark::State& state, const char* path) {
  capture(state, Extractor::json(path), document());
}
BENCHMARK_CAPTURE(LargeJson, last_member, "$.last");
BENCHMARK_CAPTURE(LargeJson, filter, "$.items[?(@.id == 'item-1500')].price");

void Page(benchmark::State& state, const char* selector, const char* attribute) {
  capture(state, Extractor::selector(selector, {.attr = attribute}), page());
}
BENCHMARK_CAPTURE(Page, last_input, "input[name='csrf']", "value");
BENCHMARK_CAPTURE(Page, first_link, "a.l", "href");
BENCHMARK_CAPTURE(Page, nested, "ul > li.item:nth-child(500) a[href]", "href");

void PageXPath(benchmark::State& state) {
  capture(state, Extractor::xpath("//input[@name='csrf']/@value", {}), page());
}
BENCHMARK(PageXPath);

}  // namespace
}  // namespace slsart::expr
