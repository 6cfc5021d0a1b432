#include "cli/dry_run.h"

#include <cstdio>
#include <string>
#include <variant>

#include "core/text.h"
#include "plan/schedule.h"
#include "run/run.h"

namespace slsart::cli {
namespace {

double per_second(script::Rate rate) {
  return static_cast<double>(rate.nano_per_second) / 1e9;
}

std::string describe(const script::Constant& load) {
  char text[96];
  std::snprintf(text, sizeof(text), "%g users/s", per_second(load.rate));
  return text;
}
std::string describe(const script::Ramp& load) {
  char text[96];
  std::snprintf(text, sizeof(text), "%g to %g users/s", per_second(load.from), per_second(load.to));
  return text;
}
std::string describe(const script::Count& load) {
  return std::to_string(load.arrivals) + " users, evenly spread";
}
std::string describe(const script::Pause&) {
  return "pause";
}

void print_phases(const script::Script& script, const plan::Schedule& schedule) {
  std::printf("%-6s %-22s %10s %10s %10s  %s\n", "phase", "name", "start", "duration", "users",
              "load");
  for (std::size_t i = 0; i < schedule.phases().size(); ++i) {
    const plan::Schedule::Phase& phase = schedule.phases()[i];
    const script::Phase& written = script.config.phases[i];
    std::string load = std::visit([](const auto& one) { return describe(one); }, written.load);
    if (written.paces_requests) load += " -> requests/s, by as many users as are needed";
    std::printf("%-6zu %-22.22s %9.3gs %9.5gs %10lld  %s%s\n", i,
                written.name.empty() ? "unnamed" : written.name.c_str(),
                core::to_seconds(phase.start), core::to_seconds(phase.duration),
                static_cast<long long>(phase.arrivals.count()), load.c_str(),
                written.mode == script::ArrivalMode::kPoisson ? ", Poisson" : "");
  }
}

void print_scenarios(const script::Script& script) {
  double total = 0;
  for (const script::Scenario& scenario : script.scenarios)
    total += static_cast<double>(scenario.weight);
  for (std::size_t i = 0; i < script.scenarios.size(); ++i) {
    const script::Scenario& scenario = script.scenarios[i];
    const std::string name = scenario.name.empty() ? std::to_string(i) : scenario.name;
    std::printf("scenario %-22.40s %5.1f %% of the users, %zu step%s\n", name.c_str(),
                100 * static_cast<double>(scenario.weight) / total, scenario.flow.size(),
                scenario.flow.size() == 1 ? "" : "s");
  }
}

}  // namespace

core::ExitCode print_plan(const script::Script& script, std::uint64_t seed, std::uint32_t workers) {
  const plan::Schedule schedule(script, seed);
  std::printf("script   %s (dialect %s)\ntarget   %s\n", script.name.c_str(),
              std::string(script.dialect.name).c_str(),
              script.config.target.empty()
                  ? "none: every url is absolute"
                  : core::without_credentials(script.config.target).c_str());
  print_phases(script, schedule);
  print_scenarios(script);
  std::printf("total    %lld users in %g s, fired by %u worker%s\n",
              static_cast<long long>(schedule.count()), core::to_seconds(schedule.duration()),
              workers > 0 ? workers : run::usable_processors(),
              (workers > 0 ? workers : run::usable_processors()) == 1 ? "" : "s");
  std::printf("Nothing was sent (--dry-run).\n");
  return core::ExitCode::kOk;
}

}  // namespace slsart::cli
