// Rendering templates into a buffer that is large enough.
#include <benchmark/benchmark.h>

#include "expr/template.h"

namespace slsart::expr {
namespace {

void RenderTemplate(benchmark::State& state, std::string_view source) {
  core::SymbolTable symbols;
  Variables user;
  user.set(symbols.intern("id"), core::Value(4711));
  user.set(symbols.intern("token"), core::Value("b7c1f0d2e4a84f1f"));
  core::Rng rng{1};
  const auto text = Template::compile(source, symbols);
  if (!text) return state.SkipWithError("the template does not compile");
  const Scope scope{.user = &user, .rng = &rng};
  std::string out;
  for (auto _ : state) {
    out.clear();
    text->render(scope, out);
    benchmark::DoNotOptimize(out.data());
  }
}

BENCHMARK_CAPTURE(RenderTemplate, path, "/users/{{ id }}/basket");
BENCHMARK_CAPTURE(RenderTemplate, header, "Bearer {{ token }}");
BENCHMARK_CAPTURE(RenderTemplate, random_number, "/items?n={{ $randomNumber(100000, 999999) }}");
BENCHMARK_CAPTURE(RenderTemplate, uuid, "{{ $uuid() }}");

}  // namespace
}  // namespace slsart::expr
