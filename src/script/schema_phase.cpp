#include <array>

#include "script/detail/schema_table.h"
#include "script/detail/value_types.h"

// `config.phases[*]`: how many users arrive when.

namespace slsart::script::detail {
namespace {

constexpr std::array<std::string_view, 2> kModes{"uniform", "poisson"};

constexpr std::string_view kForms =
    "a phase is one of { duration, arrivalRate }, { duration, arrivalRate, rampTo }, "
    "{ duration, arrivalCount }, { duration, requestRate }, { pause }";

constexpr std::array kRows{
    Row{.key = "duration", .type = &kDuration, .doc = "How long the phase lasts.", .example = "60"},
    Row{.key = "arrivalRate",
        .type = &kRate,
        .doc = "New users per second; fractions are exact. 0 makes the phase a pause.",
        .example = "2.5"},
    Row{.key = "rampTo",
        .type = &kRate,
        .doc = "The rate rises or falls evenly from `arrivalRate` (0 when absent) to this one.",
        .example = "50"},
    Row{.key = "arrivalCount",
        .type = &kWholeNumber,
        .doc = "This many users, evenly spread over the duration.",
        .example = "1000"},
    Row{.key = "requestRate",
        .type = &kRate,
        .doc =
            "Requests per second, whatever the number of users: each request is sent by the user "
            "that has waited longest for its turn. Users are started as they are needed, up to "
            "`maxVusers` (10,000); a request that finds no free user is counted "
            "`slsart.requests_missed`. May stand with `rampTo`. When the phase is over, users "
            "that wait for their turn are done.",
        .example = "200"},
    Row{.key = "pause",
        .type = &kPauseDuration,
        .doc = "Nobody arrives for so long; users that are there go on.",
        .example = "\"30s\""},
    Row{.key = "maxVusers",
        .type = &kPositiveInteger,
        .doc = "With this many users running, further arrivals are skipped and counted.",
        .example = "200"},
    Row{.key = "mode",
        .type = &kArrivalMode,
        .fallback = "config.mode",
        .doc = "`uniform`: evenly spaced arrivals; `poisson`: random gaps with the same mean.",
        .example = "poisson"},
    Row{.key = "name", .type = &kText, .doc = "Shown in reports.", .example = "warm up"},
    Row{.key = "index",
        .type = &kAnything,
        .doc = "Number in reports.",
        .support = Support::kAccepted},
};

// What wins over what: reference/artillery-script.md §3.
void warn_of_ignored(const Node& phase, std::string_view winner,
                     std::initializer_list<std::string_view> losers, Report& report) {
  for (const std::string_view loser : losers) {
    const Entry* const entry = phase.entry(loser);
    if (!entry || entry->value.is_undefined()) continue;
    report.warning("ignored", entry->key_span,
                   quoted(loser) + " is ignored: this phase has " + quoted(winner));
  }
}

void check_phase(Node& phase, Report& report) {
  if (phase.find("pause")) {
    return warn_of_ignored(phase, "pause", {"arrivalCount", "arrivalRate", "requestRate", "rampTo"},
                           report);
  }
  const bool counts = phase.find("arrivalCount");
  const bool paces = phase.find("requestRate");
  if (!counts && !paces && !phase.find("arrivalRate") && !phase.find("rampTo")) {
    report.error("no-load", phase.span, "this phase does not say how many users arrive",
                 std::string(kForms));
    phase.refused = true;
    return;
  }
  if (counts)
    warn_of_ignored(phase, "arrivalCount", {"arrivalRate", "requestRate", "rampTo"}, report);
  if (paces && !counts) warn_of_ignored(phase, "requestRate", {"arrivalRate"}, report);
  if (!phase.find("duration")) {
    report.error("missing-key", phase.span, "this phase has no duration", std::string(kForms));
    phase.refused = true;
  }
}

}  // namespace

constinit const Type kArrivalMode{
    .shape = Type::Shape::kChoice, .expected = "uniform or poisson", .choices = kModes};

constinit const Section kPhaseSection{
    .id = "phase",
    .name = "a phase",
    .doc =
        "Phases run one after another. A phase is constant (`duration`, `arrivalRate`), a ramp "
        "(with "
        "`rampTo`), a number of users (`duration`, `arrivalCount`) or a `pause`. `pause` wins over "
        "`arrivalCount`, which wins over `arrivalRate`.",
    .rows = kRows,
    .check = check_phase};

}  // namespace slsart::script::detail
