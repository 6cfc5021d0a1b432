#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "metrics/recorder.h"

// Counts every allocation of this test program's thread (architecture §9, rule 1).
namespace {
thread_local std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace slsart::metrics {
namespace {

TEST(RecorderAllocation, NoneOnceEverySlotOfTheRingWasUsed) {
  Registry registry;
  const CounterId requests = registry.counter("http.requests");
  const HistogramId latency = registry.histogram("http.response_time");
  const core::TimePoint start{core::kSecond};
  Recorder recorder(registry, start);
  const CounterId code = recorder.late_counter("http.codes.200");
  const std::function<void(const Recorder::Sealed&)> take = [](const Recorder::Sealed&) {};
  std::size_t before = 0;
  for (std::int64_t second = 0; second < 100; ++second) {
    if (second == 10) before = allocations;
    for (std::int64_t i = 0; i < 50; ++i) {
      recorder.advance(start + second * core::kSecond + i * core::kMillisecond);
      recorder.count(requests);
      recorder.count(code);
      recorder.record(latency, i * i * core::kMillisecond);
    }
    recorder.take_sealed(take);
  }
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace slsart::metrics
