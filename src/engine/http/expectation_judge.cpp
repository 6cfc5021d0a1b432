#include "engine/http/expectation_judge.h"

#include <algorithm>

#include "core/text.h"
#include "engine/virtual_user.h"

namespace slsart::engine {
namespace {

using core::Value;

std::string path_of(const RequestParts& sent) {
  return sent.url.target;
}

std::string address_of(const RequestParts& sent) {
  const protocol::Origin& origin = sent.url.origin;
  const bool is_http = origin.scheme == protocol::Scheme::kHttp;
  std::string out = (is_http ? "http://" : "https://") + origin.host;
  if (origin.port != (is_http ? 80 : 443)) out += ":" + std::to_string(origin.port);
  return out + sent.url.target;
}

// The request as the script has it: "GET /items/{{ id }}", with its name if it has one.
std::string label_of(const RequestPlan& plan) {
  std::string out = plan.step().method + " " + plan.step().url.source();
  if (plan.step().name) out += " (" + plan.step().name->source() + ")";
  return out;
}

std::string name_of(const ExpectationJudge::Answer& answer) {
  std::string name;
  if (const auto& written = answer.plan.step().name) written->render(answer.scope, name);
  return name;
}

std::string to_json_line(const ExpectationJudge::Answer& answer) {
  Value results(Value::List{});
  for (const expr::Expectation& expectation : answer.plan.step().expectations) {
    const auto account = expectation.explain(answer.response, answer.scope);
    results.push(Value::make_object({{"ok", expectation.holds(answer.response, answer.scope)},
                                     {"expected", account.expected},
                                     {"type", expectation.type()},
                                     {"got", account.got}}));
  }
  Value line(Value::Object{});
  if (answer.plan.step().name) line.set("name", name_of(answer));
  line.set("url", path_of(answer.sent));
  line.set("results", std::move(results));
  return core::to_json(line);
}

// What came back, for whoever looks for the fault; secrets are left out.
void append_exchange(const ExpectationJudge::Answer& answer, const core::SymbolTable& symbols,
                     std::string& out) {
  constexpr std::size_t kMostOfBody = 512;
  const auto line = [&](std::string_view name, std::string_view value) {
    const bool is_secret = core::names_a_secret(name) || core::to_lower(name) == "set-cookie";
    out.append("    ").append(name).append(": ").append(is_secret ? "***" : value).append("\n");
  };
  out += "  Request:\n    " + answer.sent.method + " " + address_of(answer.sent) + "\n";
  out += "  Response: " + std::to_string(answer.response.status) + "\n";
  for (const expr::HeaderView& header : answer.response.headers) line(header.name, header.value);
  const std::string_view body = answer.response.body.substr(0, kMostOfBody);
  if (!body.empty()) out.append("  Body:\n").append(body).append("\n");
  if (answer.user.variables.size() > 0) out += "  User variables:\n";
  for (const auto& [symbol, value] : answer.user.variables) {
    std::string text;
    core::write_text(value, text);
    line(symbols.name(symbol), std::string_view(text).substr(0, kMostOfBody));
  }
}

std::string to_pretty(const ExpectationJudge::Answer& answer, const core::SymbolTable& symbols,
                      bool all_hold) {
  const std::string name = name_of(answer);
  std::string out = "* " + answer.sent.method + " " + path_of(answer.sent) +
                    (name.empty() ? std::string() : " - " + name) + "\n";
  for (const expr::Expectation& expectation : answer.plan.step().expectations) {
    const auto account = expectation.explain(answer.response, answer.scope);
    const bool holds = expectation.holds(answer.response, answer.scope);
    std::string expected, got;
    core::write_text(account.expected, expected);
    core::write_text(account.got, got);
    out += (holds ? "  ok " : "  not ok ") + expectation.type() + " " + got + "\n";
    if (!holds) out += "    expected: " + expected + "\n         got: " + got + "\n";
  }
  if (!all_hold) append_exchange(answer, symbols, out);
  return out;
}

}  // namespace

ExpectationJudge::Counters ExpectationJudge::make_counters(const RequestPlan& plan,
                                                           const expr::Expectation& expectation) {
  const std::string ok = "plugins.expect.ok";
  const std::string failed = "plugins.expect.failed";
  const std::string here = label_of(plan) + ": " + expectation.type() + " " + expectation.source();
  return {.ok = recorder_.late_counter(ok),
          .failed = recorder_.late_counter(failed),
          .ok_of_type = recorder_.late_counter(ok + "." + expectation.type()),
          .failed_of_type = recorder_.late_counter(failed + "." + expectation.type()),
          .ok_here = recorder_.late_counter("slsart.expect.ok." + here),
          .failed_here = recorder_.late_counter("slsart.expect.failed." + here)};
}

const std::vector<ExpectationJudge::Counters>& ExpectationJudge::counters_of(
    const RequestPlan& plan) {
  if (counters_.size() <= plan.number()) counters_.resize(plan.number() + 1);
  std::vector<Counters>& known = counters_[plan.number()];
  if (known.empty()) {
    for (const expr::Expectation& expectation : plan.step().expectations) {
      known.push_back(make_counters(plan, expectation));
    }
  }
  return known;
}

bool ExpectationJudge::judge(const Answer& answer) {
  const auto& expectations = answer.plan.step().expectations;
  const std::vector<Counters>& counters = counters_of(answer.plan);
  bool all_hold = true;
  for (std::size_t i = 0; i < expectations.size(); ++i) {
    const bool holds = expectations[i].holds(answer.response, answer.scope);
    all_hold = all_hold && holds;
    const Counters& ids = counters[i];
    recorder_.count(holds ? ids.ok : ids.failed);
    recorder_.count(holds ? ids.ok_of_type : ids.failed_of_type);
    recorder_.count(holds ? ids.ok_here : ids.failed_here);
  }
  print(answer, all_hold);
  const script::ExpectSettings& settings = script_.config.expect;
  if (all_hold || !settings.fails_user) return true;
  // By the url as it is written where it has slots: the names of errors must not grow with the
  // data.
  const script::HttpStep& step = answer.plan.step();
  failure_ = "Failed expectations for request ";
  if (settings.names_only && step.name) {
    failure_ += step.name->source();
  } else {
    failure_ += step.url.is_static() ? address_of(answer.sent) : step.url.source();
  }
  return false;
}

void ExpectationJudge::print(const Answer& answer, bool all_hold) {
  using script::ExpectFormat;
  const ExpectFormat format = script_.config.expect.format;
  const bool wants_all = format == ExpectFormat::kPretty || format == ExpectFormat::kJson;
  if (format == ExpectFormat::kSilent || (all_hold && !wants_all)) return;
  if (format == ExpectFormat::kJson) return host_.log_line(to_json_line(answer));
  if (format == ExpectFormat::kFailures && ++printed_ > kMostPrinted) {
    if (printed_ == kMostPrinted + 1) {
      host_.log_line("More expectations failed; from here on they are only counted.");
    }
    return;
  }
  host_.log_line(to_pretty(answer, *script_.symbols, all_hold));
}

}  // namespace slsart::engine
