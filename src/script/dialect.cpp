#include "script/dialect.h"

namespace slsart::script {
namespace {

constexpr std::int64_t kOriginalChunkRate = 25;  // reference/slsart-behaviour.md §13

// The engine under serverless-artillery, and 1.6 (reference/artillery-script.md §0, §3, §7, §8).
Dialect artillery1() {
  Dialect dialect;
  dialect.name = "artillery1";
  dialect.first_arrival = FirstArrival::kAfterOneInterval;
  dialect.response_time = ResponseTimeSpan::kSubmittedToHeaders;
  dialect.bad_template = BadTemplate::kText;
  dialect.falsy_json = FalsyJson::kLeftOut;
  dialect.form_blank = FormBlank::kPercent;
  dialect.falsy_match = FalsyMatch::kNothing;
  dialect.ensure_limit = EnsureLimit::kUpTo;
  dialect.condition_quotes = expr::SingleQuotes::kVariable;
  dialect.hook_body = HookBody::kParsed;
  dialect.unknown_function = UnknownFunction::kCounted;
  dialect.failed_expectation_fails_user = true;
  dialect.user_agent_beside_defaults = "";
  dialect.default_timeout = std::chrono::seconds(120);
  dialect.strict_captures = false;
  dialect.count_failed_captures = false;
  dialect.decode_by_default = false;
  dialect.chunk_rate = kOriginalChunkRate;
  return dialect;
}

// Artillery 2.0 (the same sections).
Dialect artillery2() {
  Dialect dialect;
  dialect.name = "artillery2";
  dialect.first_arrival = FirstArrival::kAfterOneInterval;
  dialect.ramp = RampShape::kSecondSteps;
  dialect.redirected_post = RedirectedPost::kStaysPost;
  dialect.query_merge = QueryMerge::kReplaced;
  dialect.think_fraction = BareFraction::kMilliseconds;
  dialect.bad_template = BadTemplate::kText;
  dialect.condition_quotes = expr::SingleQuotes::kVariable;
  dialect.step_cookie = StepCookie::kKeptByJarInUse;
  dialect.hook_body = HookBody::kText;
  dialect.unknown_function = UnknownFunction::kCounted;
  dialect.user_agent_beside_defaults = "got (https://github.com/sindresorhus/got)";
  dialect.response_time_in_whole_milliseconds = true;
  dialect.chunk_rate = kOriginalChunkRate;
  return dialect;
}

}  // namespace

std::optional<Dialect> find_dialect(std::string_view name) {
  if (name == "slsart") return Dialect{};
  if (name == "artillery1") return artillery1();
  if (name == "artillery2") return artillery2();
  return std::nullopt;
}

}  // namespace slsart::script
