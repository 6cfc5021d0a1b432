// What `deploy` checks of monitoring (serverless-artillery lib/index.js, validateServiceDefinition;
// texts as there). There it looked for the name before its variables were replaced, and so never
// fired.

#include <algorithm>

#include "core/text.h"
#include "provider/service/spec_builder.h"

namespace slsart::provider::service {
namespace {

using script::Node;

constexpr const char* kVariable = "service.functions.loadGenerator.environment.TOPIC_ARN";

bool is_word(std::string_view text, bool may_have_dots) {
  const auto fits = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || (may_have_dots && c == '.');
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

// arn:<partition>:sns:<region>:<account>:<topic>; partition and region may be *. (The original
// refuses a dash in the topic's name, which SNS allows.)
bool is_topic_arn(std::string_view text) {
  const std::vector<std::string_view> parts = core::split(text, ':');
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "sns") return false;
  const bool has_partition =
      parts[1] == "*" || (parts[1].starts_with("aws") && is_word(parts[1], false));
  const bool has_region = parts[3] == "*" || is_word(parts[3], false);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool has_account = !parts[4].empty() && std::ranges::all_of(parts[4], is_digit);
  return has_partition && has_region && has_account && is_word(parts[5], true);
}

}  // namespace

void SpecBuilder::check_monitoring(const Node& schedule) {
  if (!check_topic(schedule)) return;
  const Node* arn = variables_.find("functions.loadGenerator.environment.TOPIC_ARN");
  const Node* id = arn != nullptr ? arn->find("Ref") : nullptr;
  if (id == nullptr) return;
  for (std::size_t i = 0; i < cloud_.topics.size(); ++i) {
    if (cloud_.topics[i].id == id->text() && spec_.topics[i].subscriptions.empty()) {
      warn(schedule.span,
           "No subscriptions are supplied for the SNS topic associated with your enabled "
           "monitoring event",
           "nobody is told of failures; add a Subscription to the topic " + id->text());
    }
  }
}

bool SpecBuilder::check_topic(const Node& schedule) {
  const Node* arn = variables_.find("functions.loadGenerator.environment.TOPIC_ARN");
  if (arn == nullptr) arn = variables_.find("provider.environment.TOPIC_ARN");
  std::string message;
  if (arn == nullptr || arn->is_nothing()) {
    message = "An environment variable supplying a TOPIC_ARN for notifications must be supplied";
  } else if (arn->is_text()) {
    if (!is_topic_arn(arn->text())) {
      message =
          std::string("If ") + kVariable + " is a string, it must contain a valid SNS topic ARN";
    }
  } else if (const Node* id = arn->find("Ref"); id == nullptr || !id->is_text()) {
    message = std::string("The variable ") + kVariable +
              " must be a Ref to a SNS topic resource or string containing an SNS topic ARN";
  } else if (std::ranges::find(cloud_.topics, id->text(), &CloudValues::Topic::id) ==
             cloud_.topics.end()) {
    message = std::string("If ") + kVariable + " is a Ref, it must reference an SNS topic";
  }
  if (message.empty()) return true;
  error(arn != nullptr ? arn->span : schedule.span, message,
        "monitoring is enabled, and its alerts go to that topic");
  return false;
}

}  // namespace slsart::provider::service
