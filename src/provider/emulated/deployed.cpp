#include "provider/emulated/deployed.h"

#include <sys/stat.h>

#include "core/text.h"
#include "provider/emulated/state_folder.h"

namespace slsart::provider::emulated {
namespace {

using core::Value;
using Pairs = std::vector<std::pair<std::string, std::string>>;

std::int64_t milliseconds(core::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

Value to_value(const Pairs& pairs) {
  Value object{Value::Object()};
  for (const auto& [name, value] : pairs) object.set(name, value);
  return object;
}

Value to_value(const run::DeploymentSpec& spec) {
  Value schedules{Value::List()};
  for (const auto& schedule : spec.schedules) {
    schedules.push(Value::make_object({{"name", schedule.name},
                                       {"rate", schedule.rate},
                                       {"enabled", schedule.enabled},
                                       {"input", schedule.input}}));
  }
  Value topics{Value::List()};
  for (const auto& topic : spec.topics) {
    Value subscriptions{Value::List()};
    for (const auto& subscription : topic.subscriptions) {
      subscriptions.push(Value::make_object(
          {{"protocol", subscription.protocol}, {"endpoint", subscription.endpoint}}));
    }
    topics.push(Value::make_object({{"name", topic.name},
                                    {"displayName", topic.display_name},
                                    {"subscriptions", std::move(subscriptions)}}));
  }
  Value value = Value::make_object({{"service", spec.service},
                                    {"stage", spec.stage},
                                    {"region", spec.region},
                                    {"function", spec.function},
                                    {"memoryMb", std::int64_t{spec.memory_mb}},
                                    {"timeoutMs", milliseconds(spec.timeout)},
                                    {"environment", to_value(spec.environment)},
                                    {"schedules", std::move(schedules)},
                                    {"topics", std::move(topics)}});
  if (spec.reserved_concurrency) {
    value.set("reservedConcurrency", std::int64_t{*spec.reserved_concurrency});
  }
  return value;
}

// Reads members; remembers the first that is not as it should be.
class Members {
 public:
  explicit Members(const Value& value) : value_(value) {}

  std::string text(const char* name) {
    const Value* found = value_.find(name);
    if (found != nullptr && found->is_string()) return found->as_string();
    return fail(name), std::string();
  }
  std::int64_t number(const char* name) {
    const Value* found = value_.find(name);
    if (found != nullptr && found->kind() == Value::Kind::kInteger && found->as_integer() >= 0) {
      return found->as_integer();
    }
    return fail(name), 0;
  }
  std::uint32_t small(const char* name) { return static_cast<std::uint32_t>(number(name)); }
  bool flag(const char* name) {
    const Value* found = value_.find(name);
    if (found != nullptr && found->kind() == Value::Kind::kBool) return found->as_bool();
    return fail(name), false;
  }
  core::Duration duration(const char* name) { return std::chrono::milliseconds(number(name)); }
  Pairs pairs(const char* name) {
    Pairs pairs;
    const Value* found = value_.find(name);
    if (found == nullptr || !found->is_object()) return fail(name), pairs;
    for (const core::Member& member : found->as_object()) {
      if (member.value.is_string()) pairs.emplace_back(member.key, member.value.as_string());
    }
    return pairs;
  }
  const Value::List& list(const char* name) {
    static const Value::List kNone;
    const Value* found = value_.find(name);
    if (found != nullptr && found->is_list()) return found->as_list();
    return fail(name), kNone;
  }
  bool has(const char* name) const { return value_.find(name) != nullptr; }
  void take(const Members& inner) {
    if (wrong_.empty()) wrong_ = inner.wrong_;
  }
  const std::string& wrong() const { return wrong_; }

 private:
  void fail(const char* name) {
    if (wrong_.empty()) wrong_ = name;
  }
  const Value& value_;
  std::string wrong_;
};

run::DeploymentSpec spec_from(const Value& value, Members& outer) {
  Members members(value);
  run::DeploymentSpec spec{.service = members.text("service"),
                           .stage = members.text("stage"),
                           .region = members.text("region"),
                           .function = members.text("function"),
                           .memory_mb = members.small("memoryMb"),
                           .timeout = members.duration("timeoutMs"),
                           .environment = members.pairs("environment")};
  if (members.has("reservedConcurrency")) {
    spec.reserved_concurrency = members.small("reservedConcurrency");
  }
  for (const Value& item : members.list("schedules")) {
    Members schedule(item);
    spec.schedules.push_back({.name = schedule.text("name"),
                              .rate = schedule.text("rate"),
                              .enabled = schedule.flag("enabled"),
                              .input = schedule.text("input")});
    members.take(schedule);
  }
  for (const Value& item : members.list("topics")) {
    Members topic(item);
    run::DeploymentSpec::Topic made{.name = topic.text("name"),
                                    .display_name = topic.text("displayName")};
    for (const Value& inner : topic.list("subscriptions")) {
      Members subscription(inner);
      made.subscriptions.push_back(
          {.protocol = subscription.text("protocol"), .endpoint = subscription.text("endpoint")});
      members.take(subscription);
    }
    members.take(topic);
    spec.topics.push_back(std::move(made));
  }
  outer.take(members);
  return spec;
}

}  // namespace

std::string Deployed::function_arn() const {
  return "arn:aws:lambda:" + spec.region + ":000000000000:function:" + spec.function;
}

std::string Deployed::topic_arn(std::string_view topic) const {
  return "arn:aws:sns:" + spec.region + ":000000000000:" + std::string(topic);
}

Value to_value(const Deployed& deployed) {
  return Value::make_object({{"spec", to_value(deployed.spec)},
                             {"token", deployed.token},
                             {"code", deployed.code},
                             {"changedMs", milliseconds(deployed.changed.time_since_epoch())},
                             {"maxRetries", std::int64_t{deployed.max_retries}},
                             {"maxAgeMs", milliseconds(deployed.max_age)},
                             {"isFenced", deployed.is_fenced},
                             {"accountConcurrency", std::int64_t{deployed.account_concurrency}},
                             {"inherited", to_value(deployed.inherited)}});
}

core::Result<Deployed> deployed_from(const Value& value) {
  Members members(value);
  const Value* const spec = value.find("spec");
  Deployed deployed{.spec = spec_from(spec != nullptr ? *spec : value, members),
                    .token = members.text("token"),
                    .code = members.text("code"),
                    .changed = core::WallTime(members.duration("changedMs")),
                    .max_retries = members.small("maxRetries"),
                    .max_age = members.duration("maxAgeMs"),
                    .is_fenced = members.flag("isFenced"),
                    .account_concurrency = members.small("accountConcurrency"),
                    .inherited = members.pairs("inherited")};
  if (members.wrong().empty()) return deployed;
  return core::Error{core::ErrorCode::kInvalidInput,
                     "deployment.json: the member " + members.wrong() + " is missing or wrong",
                     "deploy again"};
}

core::Result<Deployed> read_deployed(const std::string& state_folder) {
  auto text = core::read_file(state_folder + "/deployment.json", std::size_t{16} << 20);
  if (!text) return std::move(text).error();
  auto value = core::parse_json(*text);
  if (!value) return std::move(value).error().within("reading deployment.json");
  return deployed_from(*value);
}

core::Result<void> write_deployed(const std::string& state_folder, const Deployed& deployed) {
  return write_private_file(state_folder + "/deployment.json",
                            core::to_pretty_json(to_value(deployed)) + "\n");
}

}  // namespace slsart::provider::emulated
