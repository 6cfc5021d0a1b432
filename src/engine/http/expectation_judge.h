#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/runner.h"
#include "engine/http/request_plan.h"
#include "expr/expectation.h"
#include "metrics/recorder.h"
#include "script/script.h"

namespace slsart::engine {

// Judges the expectations of answered requests, counts and prints. One per worker, on its thread.
// Counters, per expectation:
//
//   plugins.expect.ok, plugins.expect.ok.statusCode    (or .failed), as the reference
//   slsart.expect.ok.GET /json: statusCode 200         (or .failed), which is what reports list
class ExpectationJudge {
 public:
  // Of one worker; with the format `failures` the others are only counted.
  static constexpr int kMostPrinted = 10;

  // Requires: all references outlive the judge.
  ExpectationJudge(metrics::Recorder& recorder, const script::Script& script, FlowHost& host)
      : recorder_(recorder), script_(script), host_(host) {}

  // What is judged and printed of: one answer.
  struct Answer {
    const RequestPlan& plan;
    const RequestParts& sent;
    const VirtualUser& user;
    const expr::ResponseView& response;
    const expr::Scope& scope;
  };
  // True: all hold, or failures are none of the user's business. False: failure() says why the user
  // is to end, as it is counted.
  bool judge(const Answer& answer);
  const std::string& failure() const { return failure_; }

 private:
  struct Counters {
    metrics::CounterId ok, failed, ok_of_type, failed_of_type, ok_here, failed_here;
  };
  const std::vector<Counters>& counters_of(const RequestPlan& plan);
  Counters make_counters(const RequestPlan& plan, const expr::Expectation& expectation);
  void print(const Answer& answer, bool all_hold);

  metrics::Recorder& recorder_;
  const script::Script& script_;
  FlowHost& host_;
  std::vector<std::vector<Counters>> counters_;  // by request number, then expectation
  int printed_ = 0;
  std::string failure_;
};

}  // namespace slsart::engine
