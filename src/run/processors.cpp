#include <sched.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "run/run.h"

namespace slsart::run {
namespace {

// Processors granted by the control group ("max 100000" or "50000 100000" in cpu.max); 0: no limit.
double quota_of_control_group() {
  const auto text = core::read_file("/sys/fs/cgroup/cpu.max", 4096);
  if (!text) return 0;
  const auto parts = core::split(core::trim(*text), ' ');
  if (parts.size() != 2) return 0;
  const auto quota = core::parse_number(parts[0]);
  const auto period = core::parse_number(parts[1]);
  return quota && period && *period > 0 ? *quota / *period : 0;
}

}  // namespace

std::uint32_t usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int count = 1;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) count = std::max(1, CPU_COUNT(&set));
  const double quota = quota_of_control_group();
  if (quota > 0) count = std::min(count, std::max(1, static_cast<int>(std::ceil(quota))));
  return static_cast<std::uint32_t>(count);
}

}  // namespace slsart::run
