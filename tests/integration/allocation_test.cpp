// architecture §9: no allocation per request in steady state. Every operator new of the worker's
// thread is counted.

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string_view>

#include "run/run.h"
#include "script/load.h"
#include "tests/integration/tiny_server.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

bool is_worker_thread() {
  thread_local bool is_worker = false;  // a thread may get its name later
  if (!is_worker) {
    std::array<char, 32> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    is_worker = std::string_view(name.data()) == "slsart-worker";
  }
  return is_worker;
}

}  // namespace

void* operator new(std::size_t size) {
  if (is_worker_thread()) allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace slsart {
namespace {

// Allocations on the worker's thread in a run in which one user makes `requests` requests.
std::uint64_t allocations_of(int requests, const std::string& step) {
  test::TinyServer server;
  script::LoadOptions options;
  options.target = server.url();
  options.sources = {std::make_shared<core::Source>(
      core::Source{"test.yml",
                   "config: {phases: [{duration: 1, arrivalCount: 1}], http: {pool: 1}}\n"
                   "scenarios: [{flow: [{loop: [" +
                       step + "], count: " + std::to_string(requests) + "}]}]"})};
  const script::Loaded loaded = script::load(options);
  if (!loaded.script) {
    ADD_FAILURE() << core::to_text(loaded.diagnostics.front());
    return 0;
  }
  const std::uint64_t before = allocations;
  const auto document =
      run::execute(*loaded.script, {.workers = 1, .seed = 1}, {}, run::StopSource());
  EXPECT_TRUE(document &&
              document->total.counter("http.codes.200") == static_cast<std::uint64_t>(requests));
  return allocations - before;
}

// The longer run makes 1,000 requests more; what a run costs once is the same in both, but for the
// histograms and interval slots that a second more may touch for the first time.
constexpr std::uint64_t kOnce = 50;

TEST(Allocation, StaticRequestAllocatesNothing) {
  const std::string step = "{get: {url: /}}";
  EXPECT_LE(allocations_of(1200, step), allocations_of(200, step) + kOnce);
}

TEST(Allocation, TemplatedRequestWithCaptureAllocatesABoundedNumber) {
  const std::string step =
      R"({get: {url: "/{{ $loopCount }}", headers: {x: "{{ code }}"}, capture: {regexp: "o.", as: code}}})";
  EXPECT_LE(allocations_of(1200, step), allocations_of(200, step) + kOnce + 1000 * 8);
}

}  // namespace
}  // namespace slsart
