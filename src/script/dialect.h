#pragma once

#include <optional>
#include <string_view>

#include "core/time.h"
#include "expr/condition.h"
#include "script/distribution.h"

namespace slsart::script {

// When the first user of a constant or counted phase arrives.
enum class FirstArrival { kAtStart, kAfterOneInterval };
// How a ramp's arrivals are placed.
enum class RampShape { kIntegral, kSecondSteps };
// The method of a POST that is answered by 301 or 302.
enum class RedirectedPost { kBecomesGet, kStaysPost };
// What `http.response_time` spans.
enum class ResponseTimeSpan { kSentToFirstByte, kSubmittedToHeaders };
// What a query string in the url and `qs` give together.
enum class QueryMerge { kMerged, kReplaced };
// What a bare fraction in `think` means.
enum class BareFraction { kSeconds, kMilliseconds };
// Whether a lone `{{ a + b }}` is an error or text.
enum class BadTemplate { kError, kText };
// Whether a cookie given in a step is remembered for later requests: always, or only by a jar that
// is in use already (the user got a cookie from a server, or there are default cookies).
enum class StepCookie { kKept, kKeptByJarInUse };
// Whether a measured value that equals its limit in `ensure` (p95, max, ...) passes.
enum class EnsureLimit { kBelow, kUpTo };
// How a blank is written in a query of `qs` and in a form.
enum class FormBlank { kPlus, kPercent };
// What a match with a value of 0, false, null or an empty text is: a match, or nothing at all.
enum class FalsyMatch { kMatch, kNothing };
// What becomes of a `json` that is 0, false, null or an empty text.
enum class FalsyJson { kSent, kLeftOut };

// Where the generations of the reference disagree, each difference is one field here. Rooms read
// the field; nobody asks for a version number.
// What `response.body` is in hooks when the request carried json and the answer is JSON.
enum class HookBody {
  kBoth,    // the parsed value, which as text is the JSON as received
  kParsed,  // the parsed value
  kText,    // the text, always
};

// A function that the processor does not have.
enum class UnknownFunction {
  kError,    // nothing is started
  kCounted,  // a warning, and an error for each user that comes there
};

struct Dialect {
  std::string_view name = "slsart";
  FirstArrival first_arrival = FirstArrival::kAtStart;
  RampShape ramp = RampShape::kIntegral;
  RedirectedPost redirected_post = RedirectedPost::kBecomesGet;
  ResponseTimeSpan response_time = ResponseTimeSpan::kSentToFirstByte;
  QueryMerge query_merge = QueryMerge::kMerged;
  BareFraction think_fraction = BareFraction::kSeconds;
  BadTemplate bad_template = BadTemplate::kError;
  StepCookie step_cookie = StepCookie::kKept;
  FalsyJson falsy_json = FalsyJson::kSent;
  FormBlank form_blank = FormBlank::kPlus;
  FalsyMatch falsy_match = FalsyMatch::kMatch;
  EnsureLimit ensure_limit = EnsureLimit::kBelow;
  expr::SingleQuotes condition_quotes = expr::SingleQuotes::kText;  // in ifTrue and whileTrue
  HookBody hook_body = HookBody::kBoth;
  UnknownFunction unknown_function = UnknownFunction::kError;
  // Sent where `defaults.headers` is set and names no user agent; empty: no such header.
  std::string_view user_agent_beside_defaults = "Artillery (https://artillery.io)";
  core::Duration default_timeout = std::chrono::seconds(10);
  bool strict_captures = true;  // a capture that finds nothing fails the step
  bool failed_expectation_fails_user = false;
  bool count_failed_captures = true;  // ... and is counted under errors
  bool decode_by_default = true;      // ask for and unpack compressed answers
  bool response_time_in_whole_milliseconds = false;
  std::int64_t chunk_rate = kChunkRate;  // where _split does not say: users a second of a function
};

// "slsart", "artillery1" or "artillery2"; nothing for any other name.
std::optional<Dialect> find_dialect(std::string_view name);

}  // namespace slsart::script
