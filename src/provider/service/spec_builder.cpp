#include "provider/service/spec_builder.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"
#include "core/value.h"

namespace slsart::provider::service {
namespace {

using script::Entry;
using script::Node;
using Schedule = run::DeploymentSpec::Schedule;

// Limits of AWS Lambda, which every provider keeps.
constexpr std::int64_t kLeastMemory = 128, kMostMemory = 10240;
constexpr std::int64_t kLongestTimeout = 900;
constexpr std::int64_t kMostConcurrency = 1'000'000;
constexpr std::size_t kLongestFunctionName = 64;

// Left out of packages by the framework, whatever the patterns say first.
constexpr std::array<std::string_view, 7> kNeverPacked = {"!.git/**",
                                                          "!.gitignore",
                                                          "!.DS_Store",
                                                          "!npm-debug.log",
                                                          "!yarn-*.log",
                                                          "!.serverless/**",
                                                          "!.serverless_plugins/**"};

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && std::ranges::all_of(text, fits);
}

std::string environment_of(const ServiceRequest& request, const char* name) {
  const auto found = request.environment.find(name);
  return found == request.environment.end() ? std::string() : found->second;
}

bool is_rate(std::string_view text) {
  const bool is_known = text.starts_with("rate(") || text.starts_with("cron(");
  return is_known && text.ends_with(')') && text.size() > 6;
}

}  // namespace

void SpecBuilder::error(const core::Span& span, std::string message, std::string hint) {
  diagnostics_.push_back(
      {core::Severity::kError, "service", span, std::move(message), std::move(hint), {}});
}

void SpecBuilder::warn(const core::Span& span, std::string message, std::string hint) {
  diagnostics_.push_back(
      {core::Severity::kWarning, "service", span, std::move(message), std::move(hint), {}});
}

run::DeploymentSpec SpecBuilder::build() {
  name_service();
  place();
  size_function();
  read_topics();
  read_environment("provider.environment");
  read_environment("functions.loadGenerator.environment");
  for (const std::string_view pattern : kNeverPacked) spec_.patterns.emplace_back(pattern);
  read_patterns("package");
  read_patterns("functions.loadGenerator.package");
  read_schedules();
  return std::move(spec_);
}

std::optional<std::string> SpecBuilder::text(std::string_view path) {
  const Node* node = variables_.find(path);
  if (node == nullptr || node->is_nothing()) return std::nullopt;
  if (node->is_scalar()) return node->text();
  error(node->span, std::string(path) + " must be a text, this is " + script::describe(*node));
  return std::nullopt;
}

std::optional<std::int64_t> SpecBuilder::integer(std::string_view path, std::int64_t least,
                                                 std::int64_t most) {
  const Node* node = variables_.find(path);
  if (node == nullptr || node->is_nothing()) return std::nullopt;
  const auto number = node->is_scalar() ? core::parse_integer(node->text()) : std::nullopt;
  if (number && *number >= least && *number <= most) return number;
  error(node->span, std::string(path) + " must be a whole number from " + std::to_string(least) +
                        " to " + std::to_string(most) + ", this is " + script::describe(*node));
  return std::nullopt;
}

bool SpecBuilder::boolean(const Node* node, bool fallback, std::string_view what) {
  if (node == nullptr || node->is_nothing()) return fallback;
  const std::string word = node->is_scalar() ? node->text() : std::string();
  if (word == "true" || word == "false") return word == "true";
  error(node->span,
        std::string(what) + " must be true or false, this is " + script::describe(*node));
  return fallback;
}

void SpecBuilder::name_service() {
  const Node* node = variables_.find("service");
  const bool is_old_form = node != nullptr && node->is_map();  // version 1: {name, awsKmsKeyArn}
  spec_.service = text(is_old_form ? "service.name" : "service").value_or("");
  const core::Span span = node != nullptr ? node->span : core::Span{};
  if (spec_.service.empty()) {
    error(span, "the service has no name", "service: serverless-artillery-<something of yours>");
  } else if (!is_name(spec_.service)) {
    error(span, "a service's name is made of letters, digits and dashes, this is " +
                    script::quoted(spec_.service));
  }
}

void SpecBuilder::place() {
  const std::optional<std::string> written_stage = text("provider.stage");
  spec_.stage = request_.stage.value_or(written_stage.value_or(std::string(kDefaultStage)));
  if (!is_name(spec_.stage)) {
    error({}, "a stage's name is made of letters, digits and dashes, this is " +
                  script::quoted(spec_.stage));
  }
  const std::optional<std::string> written_region = text("provider.region");
  for (const std::string& region :
       {request_.region.value_or(""), written_region.value_or(""),
        environment_of(request_, "AWS_REGION"), environment_of(request_, "AWS_DEFAULT_REGION"),
        std::string(kDefaultRegion)}) {
    if (spec_.region.empty()) spec_.region = region;
  }
  if (!is_name(spec_.region)) {
    error({}, script::quoted(spec_.region) + " is no region", "a region looks like us-east-1");
  }
  const std::string stack = spec_.service + "-" + spec_.stage;
  spec_.function = text("functions.loadGenerator.name").value_or(stack + "-loadGenerator");
  cloud_.region = spec_.region;
  cloud_.stack = stack;
  if (spec_.function.size() > kLongestFunctionName) {
    error({},
          "the function's name " + script::quoted(spec_.function) + " is longer than " +
              std::to_string(kLongestFunctionName) + " characters",
          "shorten the name of the service or of the stage");
  }
}

void SpecBuilder::size_function() {
  const Node* functions = variables_.find("functions");
  if (variables_.find("functions.loadGenerator") == nullptr && !core::has_errors(diagnostics_)) {
    error(functions != nullptr ? functions->span : core::Span{},
          "there is no function loadGenerator in functions",
          "`slsart configure` in an empty folder writes a service file that works");
  }
  for (const std::string_view owner : {"provider", "functions.loadGenerator"}) {
    const std::string at = std::string(owner) + ".";
    if (const auto memory = integer(at + "memorySize", kLeastMemory, kMostMemory))
      spec_.memory_mb = static_cast<std::uint32_t>(*memory);
    if (const auto timeout = integer(at + "timeout", 1, kLongestTimeout))
      spec_.timeout = std::chrono::seconds(*timeout);
  }
  if (const auto reserved =
          integer("functions.loadGenerator.reservedConcurrency", 0, kMostConcurrency))
    spec_.reserved_concurrency = static_cast<std::uint32_t>(*reserved);
}

void SpecBuilder::read_topics() {
  const Node* written = variables_.find("resources");
  if (written == nullptr) return;
  std::vector<const Node*> parts{written};
  for (const Node& item : written->items) parts.push_back(&item);
  for (const Node* part : parts) {
    const Node* resources = part->find("Resources");
    if (resources == nullptr) continue;
    for (const Entry& resource : resources->entries) read_topic(resource);
  }
  for (const Node* part : parts) {
    const Node* resources = part->find("Resources");
    if (resources == nullptr) continue;
    for (const Entry& resource : resources->entries) {
      const Node* type = resource.value.find("Type");
      const Node* properties = resource.value.find("Properties");
      if (type != nullptr && type->text() == "AWS::SNS::Subscription" && properties != nullptr)
        read_subscription(*properties);
    }
  }
}

void SpecBuilder::read_topic(const Entry& resource) {
  const Node* type = resource.value.find("Type");
  if (type == nullptr || !type->is_scalar() || type->text() != "AWS::SNS::Topic") return;
  const Node* properties = resource.value.find("Properties");
  const auto property = [&](std::string_view name) {
    const Node* node = properties != nullptr ? properties->find(name) : nullptr;
    return node != nullptr ? cloud_.text_of(*node).value_or("") : std::string();
  };
  run::DeploymentSpec::Topic topic;
  topic.name = property("TopicName");
  if (topic.name.empty()) topic.name = cloud_.stack + "-" + resource.key;
  topic.display_name = property("DisplayName");
  const Node* subscriptions = properties != nullptr ? properties->find("Subscription") : nullptr;
  if (subscriptions != nullptr) {
    for (const Node& one : subscriptions->items) add_subscription(one, topic);
  }
  cloud_.topics.push_back({.id = resource.key, .name = topic.name});
  spec_.topics.push_back(std::move(topic));
}

void SpecBuilder::add_subscription(const Node& written, run::DeploymentSpec::Topic& topic) {
  const Node* protocol = written.find("Protocol");
  const Node* endpoint = written.find("Endpoint");
  const auto protocol_text = protocol != nullptr ? cloud_.text_of(*protocol) : std::nullopt;
  const auto endpoint_text = endpoint != nullptr ? cloud_.text_of(*endpoint) : std::nullopt;
  if (!protocol_text || protocol_text->empty() || !endpoint_text || endpoint_text->empty()) {
    error(written.span, "a subscription has a Protocol and an Endpoint",
          "for example Protocol: email and Endpoint: someone@example.com");
    return;
  }
  topic.subscriptions.push_back({*protocol_text, *endpoint_text});
}

void SpecBuilder::read_subscription(const Node& properties) {
  const Node* arn = properties.find("TopicArn");
  const auto text_of_arn = arn != nullptr ? cloud_.text_of(*arn) : std::nullopt;
  for (run::DeploymentSpec::Topic& topic : spec_.topics) {
    if (text_of_arn == cloud_.topic_arn(topic.name)) add_subscription(properties, topic);
  }
}

void SpecBuilder::read_environment(std::string_view path) {
  const Node* written = variables_.find(path);
  if (written == nullptr || written->is_nothing()) return;
  if (!written->is_map()) {
    error(written->span, std::string(path) + " must be a map of names and values");
    return;
  }
  for (const Entry& entry : written->entries) {
    auto& all = spec_.environment;
    std::erase_if(all, [&](const auto& one) { return one.first == entry.key; });
    if (entry.value.is_nothing()) continue;
    if (auto value = cloud_.text_of(entry.value)) {
      all.emplace_back(entry.key, std::move(*value));
    } else {
      warn(entry.value.span, std::string(path) + "." + entry.key +
                                 " is known to an AWS account only; it is left out here");
    }
  }
}

void SpecBuilder::read_patterns(std::string_view path) {
  const auto take = [&](const char* key, const char* sign) {
    const Node* list = variables_.find(std::string(path) + "." + key);
    if (list == nullptr) return;
    for (const Node& item : list->items) {
      if (item.is_scalar()) spec_.patterns.push_back(sign + item.text());
    }
  };
  take("exclude", "!");  // version 1: what is included again wins
  take("include", "");
  take("patterns", "");
}

bool SpecBuilder::is_monitoring(const Schedule& schedule) const {
  return schedule.name == spec_.service + "-" + spec_.stage + "-monitoring";
}

void SpecBuilder::read_schedules() {
  const Node* events = variables_.find("functions.loadGenerator.events");
  if (events == nullptr) return;
  for (std::size_t i = 0; i < events->items.size(); ++i) {
    if (const Node* schedule = events->items[i].find("schedule")) read_schedule(*schedule, i);
  }
}

void SpecBuilder::read_schedule(const Node& written, std::size_t number) {
  Schedule schedule;
  schedule.name = spec_.function + "-" + std::to_string(number + 1);
  schedule.enabled = true;
  if (written.is_text()) return add_schedules(written, schedule);
  const Node* name = written.find("name");
  if (name != nullptr && name->is_scalar() && !name->is_nothing()) schedule.name = name->text();
  schedule.enabled = boolean(written.find("enabled"), true, "enabled of a schedule");
  if (const Node* input = written.find("input")) {
    schedule.input = input->is_text() ? input->text() : core::to_json(script::to_value(*input));
  }
  if (schedule.enabled && is_monitoring(schedule)) check_monitoring(written);
  const Node* rate = written.find("rate");
  if (rate == nullptr || rate->is_nothing()) {
    error(written.span, "the schedule " + script::quoted(schedule.name) + " has no rate",
          "rate: rate(1 minute)");
    return;
  }
  add_schedules(*rate, schedule);
}

void SpecBuilder::add_schedules(const Node& rate, const Schedule& schedule) {
  std::vector<const Node*> rates;
  for (const Node& item : rate.items) rates.push_back(&item);
  if (!rate.is_list()) rates.push_back(&rate);
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const std::string text = rates[i]->is_scalar() ? rates[i]->text() : std::string();
    if (!is_rate(text)) {
      error(rates[i]->span,
            "a schedule's rate is rate(...) or cron(...), this is " + script::describe(*rates[i]),
            "for example rate(1 minute)");
      continue;
    }
    Schedule& added = spec_.schedules.emplace_back(schedule);
    added.rate = text;
    if (i > 0) added.name += "-" + std::to_string(i + 1);
  }
}

}  // namespace slsart::provider::service
