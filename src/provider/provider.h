#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "run/deployment.h"
#include "run/dispatcher.h"
#include "run/notifier.h"
#include "run/store.h"

namespace slsart::provider {

// One line that the function's executors logged.
struct LogLine {
  core::WallTime time{};
  std::string executor;  // the log stream
  std::string text;      // without line end
};

struct LogQuery {
  core::WallTime since{};      // lines of that time or later
  std::string cursor;          // of the last answer; empty: from the start
  std::size_t limit = 10'000;  // lines of one answer
  static constexpr std::size_t kMaxLines = 10'000;
};

struct LogLines {
  std::vector<LogLine> lines;  // ascending by time within one executor
  std::string cursor;          // what to ask next with; lines that come later are not missed
  bool has_more = false;       // lines were left over by the limit
};

// A place where chunks run, as the four seams of architecture §4 and what only people look at. The
// objects belong together, are made for one deployment and need no other one to exist: a seam that
// needs a deployment which is not there says kNotFound, with the hint to deploy.
struct Provider {
  std::string name;  // "emulated"
  std::unique_ptr<run::Store> store;
  std::unique_ptr<run::Dispatcher> dispatcher;
  std::unique_ptr<run::Deployment> deployment;
  std::unique_ptr<run::Notifier> notifier;  // the deployment's first topic
  // The time of whoever drives or fires: the system's, but for tests of the emulated provider,
  // where SLSART_CLOCK_OFFSET (seconds) makes it wrong.
  std::unique_ptr<core::Clock> clock;

  // What the executors wrote to their logs. Errors: kNotFound, nothing is deployed; kIo.
  std::function<core::Result<LogLines>(const LogQuery& query)> logs;
  // The schedule of that name is switched on or off, until the next deploy. Errors: kNotFound.
  std::function<core::Result<void>(std::string_view schedule, bool enabled)> set_schedule;
};

// The providers by name, for help texts and hints.
inline constexpr std::string_view kProviderNames[] = {"emulated", "aws"};

// For the command line: the provider of that name, for the deployment that `spec` names (service,
// stage, region, function; the rest only matters to deploy()). Touches nothing outside this
// process. Errors: kNotFound, a name that is none (hint: the nearest); kUnsupported, one that this
// version cannot use.
core::Result<Provider> make_provider(std::string_view name, const run::DeploymentSpec& spec);

// For an executor: the provider that started this process, from its environment
// (SLSART_PROVIDER, SLSART_STORE, ... as docs/emulated.md lists them). `deployment` is empty there:
// executors do not deploy. Errors: kInvalidInput, a variable is missing or wrong.
using Environment = std::vector<std::pair<std::string, std::string>>;
core::Result<Provider> make_executor_provider(const Environment& environment);

}  // namespace slsart::provider
