// Counts allocations of the hot path (architecture §9, rule 1).

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "expr/extractor.h"
#include "expr/template.h"

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace slsart::expr {
namespace {

using core::Value;

// Allocations of the second call: the first one may grow buffers.
template <typename Call>
std::size_t allocations_of(Call call) {
  call();
  const std::size_t before = allocations;
  call();
  return allocations - before;
}

class AllocationTest : public testing::Test {
 protected:
  AllocationTest() {
    user_.set(symbols_.intern("id"), Value(42));
    user_.set(symbols_.intern("text"), Value("a text that is longer than any small buffer"));
    user_.set(symbols_.intern("user"), *core::parse_json(R"({"name":{"first":"Ada"},"r":0.5})"));
  }
  Scope scope() { return {&user_, nullptr, &rng_}; }
  Template text(std::string_view source) { return *Template::compile(source, symbols_); }

  core::SymbolTable symbols_;
  Variables user_;
  core::Rng rng_{1};
};

TEST_F(AllocationTest, RenderingScalarsNeedsNone) {
  const Template compiled = text(
      "/{{ id }}/{{ text }}/{{ user.name.first }}/{{ user.r }}/{{ missing }}/{{ $uuid() }}/"
      "{{ $randomNumber(1, 9) }}/{{ $randomString(40) }}");
  std::string out;
  EXPECT_EQ(allocations_of([&] {
              out.clear();
              compiled.render(scope(), out);
            }),
            0u);
}

TEST_F(AllocationTest, RenderingJsonNeedsNone) {
  const ValueTemplate body(ValueTemplate::Object{
      {text("id"), text("{{ id }}")},
      {text("{{ id }}"), ValueTemplate::List{text("x{{ text }}"), text("{{ user }}"), Value(true)}},
      {text("gone"), text("{{ missing }}")},
  });
  std::string out;
  EXPECT_EQ(allocations_of([&] {
              out.clear();
              body.render_json(scope(), out);
            }),
            0u);
}

TEST_F(AllocationTest, CapturesNeedOnlyWhatTheyFind) {
  const HeaderView headers[] = {{"x-id", "7"}};
  const ResponseView response{
      .status = 200,
      .headers = headers,
      .body = R"({"list":[{"text":"no \"escape\" here"},{"id":12,"short":"abc"}]})"};
  const Extractor extractors[] = {
      *Extractor::json("$.list[1].id"),
      *Extractor::json("$.list[1].short"),
      *Extractor::json("$.nosuch"),
      *Extractor::regexp("\"id\":(\\d+)", {.flags = "", .group = "1"}),
      *Extractor::header("x-id"),
  };
  for (const Extractor& extractor : extractors) {
    EXPECT_EQ(allocations_of([&] { extractor.extract(response, rng_); }), 0u);
  }
}

}  // namespace
}  // namespace slsart::expr
