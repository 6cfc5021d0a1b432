// Hot path: see architecture §9
#include "engine/http/http_engine.h"

#include <algorithm>
#include <cerrno>

#include "core/text.h"
#include "engine/error_names.h"
#include "engine/hooks/hook_caller.h"
#include "engine/http/redirect.h"

namespace slsart::engine {
namespace {

constexpr std::uint32_t kUnknown = ~std::uint32_t{0};
constexpr std::size_t kStatuses = 1000;
// The largest bodies that are kept; half of it where they travel on, for a frame must hold them.
constexpr std::size_t kBodyBytes = 64u << 20;
constexpr std::size_t kHookedBodyBytes = 32u << 20;
// Counted, though the user goes on without the cookie.
constexpr std::string_view kBadCookie = "cookie_parse_error_invalid_cookie";
constexpr std::string_view kFailedCapture = "Failed capture or match";

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
         method == "OPTIONS" || method == "TRACE";
}

}  // namespace

HttpEngine::HttpEngine(const Parts& parts)
    : in_(parts),
      static_origins_(),
      code_counters_(kStatuses, metrics::CounterId{kUnknown}),
      expectations_(parts.recorder, parts.script, parts.host) {
  if (in_.script.config.endpoints.is_on) {
    endpoints_ = std::make_unique<EndpointMetrics>(in_.recorder, in_.script);
  }
}

HttpEngine::~HttpEngine() = default;

HttpVisit& HttpEngine::take_visit(VirtualUser& user, const RequestPlan& plan) {
  if (free_visits_.empty()) {
    free_visits_.push_back(visits_.emplace_back(std::make_unique<HttpVisit>()).get());
    free_visits_.reserve(visits_.size());
    free_visits_.back()->number = static_cast<std::uint32_t>(visits_.size() - 1);
  }
  HttpVisit& visit = *free_visits_.back();
  free_visits_.pop_back();
  visit.user = &user;
  visit.plan = &plan;
  visit.handler = this;
  visit.rng = FlowRunner::visit_rng(user, in_.seed, plan.number());
  visit.rendered = false;
  visit.redirects = 0;
  visit.stage = HttpVisit::Stage::kPreparing;
  visit.reason.clear();
  visit.times = {};
  visit.location.clear();
  visit.kept_headers.clear();
  visit.server_timing.reset();
  visit.keep_body = plan.needs_body();
  const bool travels = plan.hooks().after != RequestHooks::kNone;
  visit.body_limit = travels ? kHookedBodyBytes : kBodyBytes;
  visit.decode_body = plan.step().gzip.value_or(in_.script.dialect.decode_by_default);
  user.visit = &visit;
  return visit;
}

void HttpEngine::give_back(HttpVisit& visit) {
  visit.edits.reset();
  visit.user->visit = nullptr;
  visit.user = nullptr;
  free_visits_.push_back(&visit);
}

const RequestParts& HttpEngine::parts_of(const HttpVisit& visit) {
  return visit.rendered ? visit.parts : visit.plan->static_parts();
}

core::WallTime HttpEngine::wall_now() const {
  return core::WallTime(in_.loop.now().time_since_epoch() + in_.wall_offset);
}

protocol::CookieJar& HttpEngine::jar_of(VirtualUser& user) {
  if (!user.jar) user.jar = std::make_unique<protocol::CookieJar>();
  return *user.jar;
}

StepStart HttpEngine::start(VirtualUser& user, const RequestOp& op) {
  HttpVisit& visit = take_visit(user, *op.request);
  const bool has_hooks = op.request->hooks().before != RequestHooks::kNone;
  if (has_hooks && hooks_->call_before(visit)) return StepStart::kWaiting;
  if (has_hooks) failure_reason_ = hooks_->failure_reason();
  if (!has_hooks && send(visit)) return StepStart::kWaiting;
  give_back(visit);
  return StepStart::kFailed;
}

// False: failure_reason_ says why not and has been counted.
bool HttpEngine::send(HttpVisit& visit) {
  if (auto ready = prepare(visit); !ready) {
    failure_reason_ = std::move(ready).error().message;
    count_error(failure_reason_);
    return false;
  }
  submit(visit);
  return true;
}

void HttpEngine::hook_answered(HttpVisit& visit, HookKind kind, HookAnswer& answer) {
  VirtualUser& user = *visit.user;
  if (kind == HookKind::kOnError) return end_failed(visit);
  if (answer.error != nullptr) return end_badly(visit, *answer.error);
  if (kind == HookKind::kAfterResponse) return end_step(visit);
  if (runner_->is_stopping()) {  // what would follow is a new request
    give_back(visit);
    return runner_->end_unfinished(user);
  }
  if (answer.edits != nullptr)
    visit.edits = std::make_unique<RequestEdits>(read_edits(*answer.edits));
  if (!send(visit)) end_badly(visit, failure_reason_);
}

// The address that was asked, without the credentials it may have.
std::string HttpEngine::address_of(const protocol::Url& url) {
  const bool is_https = url.origin.scheme == protocol::Scheme::kHttps;
  return (is_https ? "https://" : "http://") + url.origin.authority() + url.target;
}

core::Result<void> HttpEngine::prepare(HttpVisit& visit) {
  if (!visit.plan->is_static() || visit.edits) {
    const expr::Scope scope = in_.host.scope_of(*visit.user, visit.rng);
    if (auto rendered = visit.plan->render(scope, visit.parts, visit.edits.get()); !rendered)
      return rendered;
    visit.rendered = true;
  }
  return write_request(visit);
}

core::Result<void> HttpEngine::set_cookies(HttpVisit& visit, protocol::CookieJar& jar) {
  const expr::Scope scope = in_.host.scope_of(*visit.user, visit.rng);
  const auto put = [&](const std::vector<script::FieldTemplate>& fields) {
    for (const script::FieldTemplate& field : fields) {
      std::string name;
      std::string text;
      field.name.render(scope, name);
      core::write_text(field.value.evaluate(scope), text);
      if (!is_header_value(name) || !is_header_value(text)) return false;
      jar.set(name, text, visit.parts.url.origin);
    }
    return true;
  };
  if (!put(in_.script.config.http.default_cookies)) return invalid_header_value();
  if (visit.redirects > 0) return {};
  if (visit.edits && visit.edits->cookies) {
    for (const auto& [name, text] : *visit.edits->cookies) {
      if (!is_header_value(name) || !is_header_value(text)) return invalid_header_value();
      jar.set(name, text, visit.parts.url.origin);
    }
  } else if (!put(visit.plan->step().cookies)) {
    return invalid_header_value();
  }
  return {};
}

// Points the exchange at the bytes to send: the prepared ones when nothing is this user's own.
core::Result<void> HttpEngine::write_request(HttpVisit& visit) {
  VirtualUser& user = *visit.user;
  const RequestParts& parts = parts_of(visit);
  visit.body = parts.body;
  visit.is_head_method = parts.method == "HEAD";
  visit.is_idempotent = is_idempotent(parts.method);
  const bool has_jar = user.jar && !user.jar->empty();
  if (!visit.rendered && !has_jar) {
    visit.head = visit.plan->static_head();
    return {};
  }
  cookie_text_.clear();
  const bool has_edited = visit.edits && visit.edits->cookies && visit.redirects == 0;
  if (visit.plan->has_cookies() || has_edited) {
    const bool once = in_.script.dialect.step_cookie == script::StepCookie::kKeptByJarInUse &&
                      in_.script.config.http.default_cookies.empty() && !user.jar;
    protocol::CookieJar for_this_request;
    protocol::CookieJar& jar = once ? for_this_request : jar_of(user);
    if (auto set = set_cookies(visit, jar); !set) return set;
    jar.append_header(parts.url.origin, parts.url.target, wall_now(), cookie_text_);
  } else if (has_jar) {
    user.jar->append_header(parts.url.origin, parts.url.target, wall_now(), cookie_text_);
  }
  visit.head_bytes.clear();
  write_head(parts, cookie_text_, visit.head_bytes);
  visit.head = visit.head_bytes;
  return {};
}

protocol::OriginId HttpEngine::origin_of(const HttpVisit& visit) {
  const RequestParts& parts = parts_of(visit);
  // A static request and one below the target always go to the same origin.
  if (visit.redirects > 0 || (visit.rendered && !parts.on_target))
    return in_.pool.origin(parts.url.origin);
  const std::uint32_t number = visit.plan->number();
  if (static_origins_.size() <= number)
    static_origins_.resize(number + 1, protocol::OriginId{kUnknown});
  protocol::OriginId& known = static_origins_[number];
  if (known.index == kUnknown) known = in_.pool.origin(parts.url.origin);
  return known;
}

void HttpEngine::submit(HttpVisit& visit) {
  visit.stage = HttpVisit::Stage::kUnderWay;
  const bool has_own_limit = visit.edits && visit.edits->timeout;
  visit.deadline = in_.loop.now() + (has_own_limit ? *visit.edits->timeout : visit.plan->timeout());
  in_.recorder.count(in_.ids.requests);
  in_.recorder.count(in_.ids.request_rate);
  in_.pool.submit(visit, origin_of(visit), visit.user->connections);
}

void HttpEngine::on_head(protocol::Exchange& exchange, const protocol::ResponseHead& head) {
  auto& visit = static_cast<HttpVisit&>(exchange);
  in_.recorder.advance(in_.loop.now());
  record_answer(visit);
  const bool redirected = is_redirect(head.status) && follows_redirects(visit);
  bool has_bad_cookie = false;
  for (const auto& header : head.headers) {
    if (header.name.size() == 10 && core::equals_ignoring_case(header.name, "set-cookie")) {
      const protocol::Url& url = parts_of(visit).url;
      has_bad_cookie |=
          !jar_of(*visit.user).store(header.value, url.origin, url.target, wall_now());
    } else if (redirected && core::equals_ignoring_case(header.name, "location")) {
      visit.location.assign(header.value);
    } else if (endpoints_ && core::equals_ignoring_case(header.name, "server-timing")) {
      visit.server_timing = server_timing_total(header.value);
    }
  }
  if (has_bad_cookie) count_error(kBadCookie);
  if (visit.plan->needs_headers()) keep_head(visit, head);
}

// Header views end with the call that hands them over; captures look at them after the body.
void HttpEngine::keep_head(HttpVisit& visit, const protocol::ResponseHead& head) {
  visit.kept_head.clear();
  visit.kept_headers.clear();
  for (const auto& header : head.headers) {
    visit.kept_head += core::to_lower(header.name);
    visit.kept_head += header.value;
  }
  std::size_t at = 0;
  const std::string_view bytes = visit.kept_head;
  for (const auto& header : head.headers) {
    visit.kept_headers.push_back({bytes.substr(at, header.name.size()),
                                  bytes.substr(at + header.name.size(), header.value.size())});
    at += header.name.size() + header.value.size();
  }
}

core::Duration HttpEngine::response_time_of(const HttpVisit& visit) const {
  const protocol::ExchangeTimes& times = visit.times;
  core::Duration response_time{};
  if (in_.script.dialect.response_time == script::ResponseTimeSpan::kSubmittedToHeaders) {
    response_time = times.headers - times.submitted;
  } else {
    // A server may answer before it has read everything: then nothing was waited for.
    const core::TimePoint sent = times.sent == core::TimePoint{} ? times.first_byte : times.sent;
    response_time = std::max(core::Duration::zero(), times.first_byte - sent);
  }
  if (in_.script.dialect.response_time_in_whole_milliseconds) {
    response_time -= response_time % core::kMillisecond;
  }
  return response_time;
}

void HttpEngine::record_answer(HttpVisit& visit) {
  const auto status = static_cast<std::size_t>(std::clamp(visit.status, 0, 999));
  metrics::CounterId& code = code_counters_[status];
  if (code.index == kUnknown)
    code = in_.recorder.late_counter("http.codes." + std::to_string(status));
  in_.recorder.count(code);
  in_.recorder.count(in_.ids.responses);

  const protocol::ExchangeTimes& times = visit.times;
  const core::Duration response_time = response_time_of(visit);
  in_.recorder.record(in_.ids.response_time, response_time);
  const std::size_t digit = status / 100;
  if (digit >= 1 && digit < in_.ids.response_time_by_class.size()) {
    in_.recorder.record(in_.ids.response_time_by_class[digit], response_time);
  }
  in_.recorder.record(in_.ids.connection_wait, times.connected - times.submitted);
  VirtualUser& user = visit.user->root();
  if (!user.saw_first_answer) {
    user.saw_first_answer = true;
    in_.recorder.record(in_.ids.from_due, times.first_byte - user.due);
  }
}

void HttpEngine::record_end(HttpVisit& visit) {
  in_.recorder.count(in_.ids.downloaded_bytes, visit.body_bytes);
  VirtualUser& user = visit.user->root();
  const protocol::ExchangeTimes& times = visit.times;
  if (!user.sent_first_request && times.first_sent != core::TimePoint{}) {
    user.sent_first_request = true;
    in_.recorder.record(in_.ids.send_delay, times.first_sent - user.due);
  }
  if (in_.script.config.http.extended_metrics && !visit.failure) {
    in_.recorder.record(in_.ids.dns, times.dns);
    in_.recorder.record(in_.ids.tcp, times.tcp);
    in_.recorder.record(in_.ids.tls, times.tls);
    in_.recorder.record(in_.ids.total, times.end - times.submitted);
  }
}

// Of the last answer, when no redirect is followed any more.
void HttpEngine::record_final_answer(HttpVisit& visit) {
  const script::ApdexSettings& apdex = in_.script.config.apdex;
  if (apdex.is_on) {
    const core::Duration total = visit.times.end - visit.times.submitted;
    in_.recorder.count(total <= apdex.threshold       ? in_.ids.apdex_satisfied
                       : total <= 4 * apdex.threshold ? in_.ids.apdex_tolerated
                                                      : in_.ids.apdex_frustrated);
  }
  if (endpoints_) {
    endpoints_->answered({*visit.plan, parts_of(visit), endpoint_name_of(visit)}, visit.status,
                         response_time_of(visit), visit.server_timing);
  }
}

// The rendered name of the request, where it is told from the written one.
std::string_view HttpEngine::endpoint_name_of(HttpVisit& visit) {
  request_name_.clear();
  const auto& name = visit.plan->step().name;
  if (name && !in_.script.config.endpoints.group_dynamic_urls) {
    name->render(in_.host.scope_of(*visit.user, visit.rng), request_name_);
  }
  return request_name_;
}

void HttpEngine::on_end(protocol::Exchange& exchange, std::string_view body) {
  auto& visit = static_cast<HttpVisit&>(exchange);
  visit.stage = HttpVisit::Stage::kOver;
  in_.recorder.advance(in_.loop.now());
  record_end(visit);
  if (visit.failure) {
    if (visit.failure.domain == net::FailureDomain::kSystem) {
      const bool descriptors = visit.failure.code == EMFILE || visit.failure.code == ENFILE;
      if (descriptors) in_.recorder.count(in_.ids.descriptors_exhausted);
      if (visit.failure.code == EADDRNOTAVAIL) in_.recorder.count(in_.ids.ports_exhausted);
    }
    return fail(visit, error_name(visit.failure));
  }
  if (!visit.location.empty()) {
    if (runner_->is_stopping()) {  // the next hop would be another request
      VirtualUser& user = *visit.user;
      give_back(visit);
      return runner_->end_unfinished(user);
    }
    if (follow_redirect(visit)) return;
    return fail(visit, failure_reason_);
  }
  record_final_answer(visit);
  visit.holds = judge(visit, body);
  if (visit.plan->hooks().after == RequestHooks::kNone) return end_step(visit);
  if (hooks_->call_after(visit, body)) return;
  end_badly(visit, hooks_->failure_reason());
}

void HttpEngine::end_step(HttpVisit& visit) {
  if (visit.holds) {
    VirtualUser& user = *visit.user;
    give_back(visit);
    return runner_->step_done(user);
  }
  if (!visit.reason.empty()) {  // of an expectation, counted already
    const std::string reason = std::move(visit.reason);
    return end_badly(visit, reason);
  }
  if (in_.script.dialect.count_failed_captures) count_error(kFailedCapture);
  end_badly(visit, kFailedCapture);
}

// A failed step ends its user, unless the script says to go on.
void HttpEngine::end_badly(HttpVisit& visit, std::string_view reason) {
  VirtualUser& user = *visit.user;
  const bool goes_on = visit.plan->step().continue_on_error;
  give_back(visit);
  if (goes_on) return runner_->step_done(user);
  runner_->step_failed(user, reason);
}

bool HttpEngine::follows_redirects(const HttpVisit& visit) const {
  if (visit.edits && visit.edits->follow_redirect) return *visit.edits->follow_redirect;
  return visit.plan->step().follow_redirect;
}

// Sends the request that the answer asks for; false: failure_reason_ says why not.
bool HttpEngine::follow_redirect(HttpVisit& visit) {
  if (visit.redirects >= in_.script.config.http.max_redirects) {
    failure_reason_ = "ERR_TOO_MANY_REDIRECTS";
    return false;
  }
  if (!visit.rendered) {
    visit.parts = visit.plan->static_parts();
    visit.rendered = true;
  }
  ++visit.redirects;
  const std::string location = std::move(visit.location);
  visit.location.clear();
  if (auto applied = apply_redirect(visit.parts, visit.status, location, in_.script.dialect);
      !applied) {
    const bool other_scheme = applied.error().code == core::ErrorCode::kUnsupported;
    failure_reason_ = other_scheme ? "ERR_UNSUPPORTED_PROTOCOL" : "ERR_INVALID_URL";
    return false;
  }
  if (auto written = write_request(visit); !written) {
    failure_reason_ = std::move(written).error().message;
    return false;
  }
  submit(visit);
  return true;
}

// Captures, then matches, then expectations; if a capture or match that is strict fails, nothing is
// kept of this response, as in the reference. False: the user is to fail.
bool HttpEngine::judge(HttpVisit& visit, std::string_view body) {
  const script::HttpStep& step = visit.plan->step();
  if (step.captures.empty() && step.matches.empty() && step.expectations.empty()) return true;
  const expr::ResponseView response{
      .status = visit.status, .headers = visit.kept_headers, .body = body};
  VirtualUser& user = *visit.user;
  const expr::Scope scope = in_.host.scope_of(user, visit.rng);
  bool holds = true;
  captured_.clear();
  for (const expr::Capture& capture : step.captures) {
    core::Value& value = captured_.emplace_back(capture.from.extract(response, scope));
    const bool nothing = value.is_undefined() || (value.is_string() && value.as_string().empty());
    if (nothing && capture.strict) holds = false;
  }
  for (const expr::Match& match : step.matches) {
    if (match.strict && !match.holds(response, scope)) holds = false;
  }
  for (std::size_t i = 0; holds && i < captured_.size(); ++i) {
    if (!captured_[i].is_undefined())
      step.captures[i].as.assign(user.variables, std::move(captured_[i]));
  }
  return holds && (step.expectations.empty() || judge_expectations(visit, response, scope));
}

bool HttpEngine::judge_expectations(HttpVisit& visit, const expr::ResponseView& response,
                                    const expr::Scope& scope) {
  // As the reference, by the request of the step, not by the one a redirect led to.
  const RequestParts& sent = visit.plan->is_static() ? visit.plan->static_parts() : visit.parts;
  if (expectations_.judge({*visit.plan, sent, *visit.user, response, scope})) return true;
  visit.reason = expectations_.failure();
  count_error(visit.reason);
  return false;
}

void HttpEngine::count_error(std::string_view text) {
  in_.recorder.count(in_.recorder.late_counter("errors." + std::string(text)));
}

void HttpEngine::fail(HttpVisit& visit, const std::string& reason) {
  count_error(reason);
  if (endpoints_) {
    endpoints_->failed({*visit.plan, parts_of(visit), endpoint_name_of(visit)}, reason);
  }
  visit.reason = reason;
  const bool has_hooks = visit.plan->hooks().error != RequestHooks::kNone;
  if (has_hooks && hooks_->call_error(visit, reason)) return;
  end_failed(visit);
}

void HttpEngine::end_failed(HttpVisit& visit) {
  const std::string reason = std::move(visit.reason);
  end_badly(visit, reason);
}

void HttpEngine::abandon(VirtualUser& user) {
  if (user.visit == nullptr) return;
  if (user.visit->stage == HttpVisit::Stage::kUnderWay) in_.pool.cancel(*user.visit);
  if (user.visit->hook_call != 0) hooks_->cancel(user.visit->hook_call);
  give_back(*user.visit);
}

void HttpEngine::release(VirtualUser& user) {
  in_.pool.release(user.connections);
}

}  // namespace slsart::engine
