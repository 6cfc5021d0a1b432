#include "provider/service/cloud_values.h"

#include <utility>

namespace slsart::provider::service {
namespace {

using script::Node;
using Text = std::optional<std::string>;

constexpr std::string_view kAccount = "000000000000";

// The two halves of "id.attribute".
std::pair<std::string_view, std::string_view> halves(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return {text, {}};
  return {text.substr(0, dot), text.substr(dot + 1)};
}

}  // namespace

std::string CloudValues::topic_arn(std::string_view name) const {
  return "arn:aws:sns:" + region + ":" + std::string(kAccount) + ":" + std::string(name);
}

Text CloudValues::reference(std::string_view name) const {
  if (name == "AWS::Region") return region;
  if (name == "AWS::AccountId") return std::string(kAccount);
  if (name == "AWS::StackName") return stack;
  if (name == "AWS::Partition") return "aws";
  if (name == "AWS::URLSuffix") return "amazonaws.com";
  for (const Topic& topic : topics) {
    if (topic.id == name) return topic_arn(topic.name);
  }
  return std::nullopt;
}

Text CloudValues::attribute(std::string_view id, std::string_view name) const {
  for (const Topic& topic : topics) {
    if (topic.id != id) continue;
    if (name == "TopicName") return topic.name;
    if (name == "TopicArn") return topic_arn(topic.name);
  }
  return std::nullopt;
}

Text CloudValues::get_attribute(const Node& value) const {
  if (value.is_text()) {
    const std::string text = value.text();
    const auto [id, name] = halves(text);
    return attribute(id, name);
  }
  if (value.items.size() != 2 || !value.items[0].is_text() || !value.items[1].is_text())
    return std::nullopt;
  return attribute(value.items[0].text(), value.items[1].text());
}

Text CloudValues::join(const Node& value) const {
  if (value.items.size() != 2 || !value.items[0].is_text() || !value.items[1].is_list())
    return std::nullopt;
  std::string joined;
  for (const Node& item : value.items[1].items) {
    const Text part = text_of(item);
    if (!part) return std::nullopt;
    if (&item != &value.items[1].items.front()) joined += value.items[0].text();
    joined += *part;
  }
  return joined;
}

// ${Name}, ${Id.Attribute}; ${!x} stands for ${x}.
Text CloudValues::substitute(std::string_view text) const {
  std::string out;
  for (;;) {
    const std::size_t open = text.find("${");
    const std::size_t close = text.find('}', open);
    if (open == std::string_view::npos || close == std::string_view::npos) return out.append(text);
    out += text.substr(0, open);
    const std::string_view name = text.substr(open + 2, close - open - 2);
    text.remove_prefix(close + 1);
    if (name.starts_with('!')) {
      out.append("${").append(name.substr(1)).append("}");
      continue;
    }
    Text value = reference(name);
    if (!value) value = attribute(halves(name).first, halves(name).second);
    if (!value) return std::nullopt;
    out += *value;
  }
}

Text CloudValues::text_of(const Node& node) const {
  if (node.is_scalar()) return node.is_nothing() ? std::string() : node.text();
  if (!node.is_map() || node.entries.size() != 1) return std::nullopt;
  const script::Entry& call = node.entries.front();
  if (call.key == "Ref" && call.value.is_text()) return reference(call.value.text());
  if (call.key == "Fn::GetAtt") return get_attribute(call.value);
  if (call.key == "Fn::Join") return join(call.value);
  if (call.key == "Fn::Sub" && call.value.is_text()) return substitute(call.value.text());
  return std::nullopt;
}

}  // namespace slsart::provider::service
