#include "script/load.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "core/text.h"
#include "script/detail/build.h"
#include "script/detail/prepare.h"
#include "script/detail/select.h"
#include "script/detail/source_text.h"
#include "script/detail/validate.h"

namespace slsart::script {
namespace {

using detail::quoted;

core::Result<std::string> read_standard_input() {
  std::string text;
  std::array<char, 65536> block{};
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, block.data(), block.size());
    if (got == 0) return text;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return core::Error{.code = core::ErrorCode::kIo,
                         .message = std::string("standard input: ") + std::strerror(errno)};
    }
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > detail::kLongestScript) return text;  // load() says that it is too long
  }
}

// --dialect wins over config.dialect; the default stands in for a wrong name, which is an error.
Dialect choose_dialect(const detail::Node& script, const LoadOptions& options,
                       detail::Report& report) {
  if (options.dialect) {
    if (const auto dialect = find_dialect(*options.dialect)) return *dialect;
    report.error("dialect", {}, "unknown dialect " + quoted(*options.dialect),
                 "known are slsart, artillery1 and artillery2");
    return {};
  }
  const detail::Fields config(script.find("config"));
  return find_dialect(config.text("dialect").value_or("slsart")).value_or(Dialect{});
}

// The base address matters only where a request needs it; then it must be one that works.
void check_target(const Config& config, const core::Span& relative_url, detail::Report& report) {
  if (!relative_url.source) return;
  if (config.target.empty()) {
    report.error("no-target", relative_url, "No target specified, and this url is put behind it",
                 "set config.target or give -t, for example -t https://example.com");
    return;
  }
  const std::string lower = core::to_lower(config.target);
  for (const std::string_view scheme : {"http://", "https://"}) {
    const bool has_host = lower.size() > scheme.size() && lower[scheme.size()] != '/';
    if (lower.starts_with(scheme) && has_host) return;
  }
  const bool has_scheme = lower.find("://") != std::string::npos;
  report.error(
      "wrong-value", config.target_span,
      "the target must be an address with http:// or https://, this is " + quoted(config.target),
      has_scheme ? "" : "did you mean " + quoted("http://" + config.target) + "?");
}

// What a phase brings in users if its rate is even.
double users_of(const Phase& phase) {
  const double seconds =
      core::to_seconds(std::visit([](const auto& load) { return load.duration; }, phase.load));
  if (const auto* constant = std::get_if<Constant>(&phase.load)) {
    return static_cast<double>(constant->rate.nano_per_second) / 1e9 * seconds;
  }
  if (const auto* ramp = std::get_if<Ramp>(&phase.load)) {
    return static_cast<double>(ramp->from.nano_per_second + ramp->to.nano_per_second) / 2e9 *
           seconds;
  }
  if (const auto* count = std::get_if<Count>(&phase.load)) {
    return static_cast<double>(count->arrivals);
  }
  return 0;
}

// Phases that are planned second by second (Poisson, ramps in steps) take memory and time for each.
void check_planned_by_second(const Phase& phase, const Dialect& dialect, detail::Report& report) {
  constexpr core::Duration kLongest = std::chrono::hours(7 * 24);
  constexpr double kMostUsers = 1e8;
  const bool is_poisson = phase.mode == ArrivalMode::kPoisson;
  const bool is_stepped =
      std::holds_alternative<Ramp>(phase.load) && dialect.ramp == RampShape::kSecondSteps;
  if (std::holds_alternative<Pause>(phase.load) || (!is_poisson && !is_stepped)) return;
  const core::Duration duration =
      std::visit([](const auto& load) { return load.duration; }, phase.load);
  const std::string kind = is_poisson ? "a Poisson phase" : "a ramp in this dialect";
  if (duration > kLongest) {
    report.error("phase-too-long", phase.span, kind + " cannot be longer than 7 days",
                 "split it into several phases");
  }
  if (is_poisson && users_of(phase) > kMostUsers) {
    report.error("too-many-users", phase.span,
                 "a Poisson phase cannot have more than 100 million users",
                 "split it into several phases, or use mode: uniform");
  }
}

// A run that starts nobody would look like one that went well.
void check_phases(const Config& config, const Dialect& dialect, detail::Report& report) {
  for (const Phase& phase : config.phases) check_planned_by_second(phase, dialect, report);
  const bool nobody = std::ranges::all_of(
      config.phases, [](const Phase& phase) { return std::holds_alternative<Pause>(phase.load); });
  if (!nobody || config.phases.empty()) return;
  report.error("no-users", config.phases.front().span, "the phases start no users",
               "give at least one of them an arrivalRate or an arrivalCount");
}

Script build(const detail::Node& root, detail::ConfigScope& scope,
             const std::shared_ptr<core::SymbolTable>& symbols, const LoadOptions& options,
             detail::Report& report) {
  Script script;
  script.name = options.sources.front()->name;
  script.dialect = choose_dialect(root, options, report);
  script.symbols = symbols;
  detail::Building building{.report = report,
                            .options = options,
                            .dialect = script.dialect,
                            .scope = scope,
                            .strict_captures = true,
                            .think_jitter = {},
                            .has_processor = false,
                            .relative_url = {},
                            .files = {}};
  const detail::Fields fields(&root);
  script.config = detail::build_config(fields.find("config"), building);
  script.before = detail::build_flow(fields.section("before").find("flow"), building);
  script.before_hooks = detail::build_flow_hooks(fields.section("before"), building);
  script.scenarios = detail::build_scenarios(fields.find("scenarios"), building);
  script.after = detail::build_flow(fields.section("after").find("flow"), building);
  script.after_hooks = detail::build_flow_hooks(fields.section("after"), building);
  detail::build_distribution(script, fields, building);
  check_target(script.config, building.relative_url, report);
  if (!is_sampling(script.mode)) check_phases(script.config, script.dialect, report);
  script.files = std::move(building.files);
  script.merged = detail::to_reported(root);
  return script;
}

}  // namespace

core::Result<core::SourcePtr> read_source(const std::string& path) {
  const bool is_input = path == "-";
  auto text = is_input ? read_standard_input() : core::read_file(path, detail::kLongestScript + 1);
  if (!text) {
    core::Error error = std::move(text).error();
    if (error.code == core::ErrorCode::kNotFound)
      error.hint = "scripts are looked for from the working directory";
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
      error.hint = "name a script in it, for example " + path + (path.ends_with('/') ? "" : "/") +
                   "test.yml";
    }
    return error;
  }
  const auto source = std::make_shared<const core::Source>(
      core::Source{is_input ? "(standard input)" : path, *std::move(text)});
  detail::Report report;
  if (!detail::check_text(detail::Places(source), report)) {
    const core::Diagnostic& fault = report.diagnostics().front();
    if (fault.id == "not-utf-8") {
      return core::Error{.code = core::ErrorCode::kInvalidInput,
                         .message = source->name + ":" + std::to_string(fault.span.line) + ":" +
                                    std::to_string(fault.span.column) + ": " + fault.message,
                         .hint = fault.hint};
    }
  }
  return source;
}

Loaded load(const LoadOptions& options) {
  SLSART_CHECK(!options.sources.empty());
  detail::Report report;
  std::vector<core::SourcePtr> read;
  const auto symbols = std::make_shared<core::SymbolTable>();
  detail::ConfigScope scope{.symbols = *symbols, .values = {}, .seed = options.seed};
  Loaded loaded;
  if (std::optional<detail::Node> root = detail::prepare(options, scope, report, read)) {
    detail::validate(*root, report);
    Script script = build(*root, scope, symbols, options, report);
    detail::select(script, options, report);
    detail::make_samples(script, detail::Fields(&*root), options, report);
    if (!report.has_errors()) loaded.script = std::move(script);
  }
  loaded.diagnostics = report.take(read);
  return loaded;
}

}  // namespace slsart::script
