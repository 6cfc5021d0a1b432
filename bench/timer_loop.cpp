// timer_loop RATE SECONDS [spin]: what a timer can do on this core. Waits for RATE instants a
// second, evenly spaced, with epoll_pwait2 and a timer slack of 1 ns, as the generator does, and
// does nothing at each. Prints how late it woke, in microseconds: {"count": ..., "p50": ..., "p99":
// ..., "max": ...}. With `spin` it looks again and again in place of sleeping.
#include <sys/epoll.h>
#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

namespace {

std::int64_t now() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto rate = std::atoll(argv[1]), seconds = std::atoll(argv[2]);
  const bool spin = argc > 3 && std::strcmp(argv[3], "spin") == 0;
  prctl(PR_SET_TIMERSLACK, 1);
  const int set = epoll_create1(0);
  std::vector<std::int64_t> late;
  late.reserve(static_cast<std::size_t>(rate * seconds));
  const std::int64_t begin = now() + 10'000'000;
  for (std::int64_t i = 0; i < rate * seconds;) {
    const std::int64_t wait = begin + i * 1'000'000'000 / rate - now();
    if (wait > 0 && !spin) {
      epoll_event event{};
      const timespec time{wait / 1'000'000'000, wait % 1'000'000'000};
      epoll_pwait2(set, &event, 1, &time, nullptr);
    }
    // One look at the clock for all that are due: as a loop pass does.
    for (const std::int64_t woke = now();
         i < rate * seconds && begin + i * 1'000'000'000 / rate <= woke; ++i)
      late.push_back(woke - (begin + i * 1'000'000'000 / rate));
  }
  std::sort(late.begin(), late.end());
  const auto at = [&](double q) {
    return static_cast<double>(
               late[static_cast<std::size_t>(q * static_cast<double>(late.size() - 1))]) /
           1e3;
  };
  std::printf("{\"count\": %zu, \"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f}\n", late.size(),
              at(0.5), at(0.99), at(1));
}
