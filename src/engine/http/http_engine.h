// Hot path: see architecture §9
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/rng.h"
#include "core/time.h"
#include "engine/flow/runner.h"
#include "engine/http/endpoint_metrics.h"
#include "engine/http/expectation_judge.h"
#include "engine/http/request_plan.h"
#include "engine/metric_ids.h"
#include "engine/step_engine.h"
#include "expr/extractor.h"
#include "metrics/recorder.h"
#include "protocol/connection_pool.h"

namespace slsart::engine {

// One HTTP step of one user on its way: the exchange and, when the request has slots or is
// redirected, its rendered parts. Kept in a free list; a user has one only while it waits for an
// answer.
struct HttpVisit : protocol::Exchange {
  VirtualUser* user = nullptr;
  const RequestPlan* plan = nullptr;
  core::Rng rng{0};
  RequestParts parts;
  std::string head_bytes;
  bool rendered = false;  // `parts` says what is sent; otherwise the plan's static parts do
  int redirects = 0;
  // Where the visit is: only one that has been handed to the pool may be cancelled there.
  enum class Stage : std::uint8_t { kPreparing, kUnderWay, kOver };
  Stage stage = Stage::kPreparing;
  bool holds = true;            // captures and matches, while functions are called
  std::uint32_t number = 0;     // among the engine's visits
  std::uint64_t hook_call = 0;  // a call of functions under way; 0: none
  std::unique_ptr<RequestEdits> edits;
  std::string reason;     // why it failed, while functions are called
  std::string location;   // of a redirect that is to be followed
  std::string kept_head;  // copied names and values, when a capture wants headers
  std::vector<expr::HeaderView> kept_headers;  // views into kept_head
  std::optional<double> server_timing;         // milliseconds, where endpoints have figures
};

class HookCaller;
struct HookAnswer;

// Runs HTTP steps: renders, submits, follows redirects, keeps cookies, records, captures, matches.
class HttpEngine final : public StepEngine, public protocol::ExchangeHandler {
 public:
  struct Parts {
    net::Loop& loop;
    protocol::ConnectionPool& pool;
    metrics::Recorder& recorder;
    const MetricIds& ids;
    const script::Script& script;
    FlowHost& host;
    std::uint64_t seed;
    core::Duration wall_offset;  // wall clock minus the loop's clock, for cookies that expire
  };
  explicit HttpEngine(const Parts& parts);
  ~HttpEngine() override;

  void set_runner(FlowRunner& runner) { runner_ = &runner; }
  // For programs that call functions of a processor.
  void set_hooks(HookCaller& hooks) { hooks_ = &hooks; }
  // A call that was made for a visit is over.
  void hook_answered(HttpVisit& visit, HookKind kind, HookAnswer& answer);
  static const RequestParts& parts_of(const HttpVisit& visit);
  static std::string address_of(const protocol::Url& url);
  // Counts "errors.<text>".
  void count_error(std::string_view text);

  StepStart start(VirtualUser& user, const RequestOp& op) override;
  std::string_view failure_reason() const override { return failure_reason_; }
  void abandon(VirtualUser& user) override;
  void release(VirtualUser& user) override;

  void on_head(protocol::Exchange& exchange, const protocol::ResponseHead& head) override;
  void on_end(protocol::Exchange& exchange, std::string_view body) override;

 private:
  HttpVisit& take_visit(VirtualUser& user, const RequestPlan& plan);
  void give_back(HttpVisit& visit);
  bool send(HttpVisit& visit);
  core::Result<void> prepare(HttpVisit& visit);
  core::Result<void> set_cookies(HttpVisit& visit, protocol::CookieJar& jar);
  core::Result<void> write_request(HttpVisit& visit);
  void submit(HttpVisit& visit);
  protocol::OriginId origin_of(const HttpVisit& visit);
  void record_answer(HttpVisit& visit);
  void record_final_answer(HttpVisit& visit);
  core::Duration response_time_of(const HttpVisit& visit) const;
  std::string_view endpoint_name_of(HttpVisit& visit);
  void record_end(HttpVisit& visit);
  void keep_head(HttpVisit& visit, const protocol::ResponseHead& head);
  bool follow_redirect(HttpVisit& visit);
  void fail(HttpVisit& visit, const std::string& reason);
  bool judge(HttpVisit& visit, std::string_view body);
  bool judge_expectations(HttpVisit& visit, const expr::ResponseView& response,
                          const expr::Scope& scope);
  protocol::CookieJar& jar_of(VirtualUser& user);
  void end_step(HttpVisit& visit);
  void end_badly(HttpVisit& visit, std::string_view reason);
  void end_failed(HttpVisit& visit);
  bool follows_redirects(const HttpVisit& visit) const;
  core::WallTime wall_now() const;

  Parts in_;
  FlowRunner* runner_ = nullptr;
  HookCaller* hooks_ = nullptr;
  std::vector<std::unique_ptr<HttpVisit>> visits_;
  std::vector<HttpVisit*> free_visits_;
  std::vector<protocol::OriginId>
      static_origins_;  // by request number; index kUnknown: not asked yet
  std::vector<metrics::CounterId> code_counters_;  // by status; index kUnknown: not seen yet
  std::vector<core::Value> captured_;              // of the response being judged
  ExpectationJudge expectations_;
  std::unique_ptr<EndpointMetrics> endpoints_;  // null: the script does not ask for them
  std::string request_name_;
  std::string cookie_text_;
  std::string failure_reason_;
};

}  // namespace slsart::engine
