#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "script/yaml.h"

namespace slsart::provider::service {

// What CloudFormation's functions stand for where there is no CloudFormation: the pseudo parameters
// and the service's own SNS topics. The account is the made-up 000000000000.
struct CloudValues {
  struct Topic {
    std::string id;  // logical
    std::string name;
  };
  std::string region, stack;
  std::vector<Topic> topics;

  std::string topic_arn(std::string_view name) const;

  // A scalar's text, or what Ref, Fn::GetAtt, Fn::Join and Fn::Sub make of it; nothing when only an
  // account could tell.
  std::optional<std::string> text_of(const script::Node& node) const;

 private:
  std::optional<std::string> reference(std::string_view name) const;
  std::optional<std::string> attribute(std::string_view id, std::string_view name) const;
  std::optional<std::string> get_attribute(const script::Node& value) const;
  std::optional<std::string> join(const script::Node& value) const;
  std::optional<std::string> substitute(std::string_view text) const;
};

}  // namespace slsart::provider::service
