#include "provider/service/variables.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace slsart::provider::service {
namespace {

using script::Node;

constexpr std::array<std::string_view, 7> kSources = {"self",  "opt",  "env",      "sls",
                                                      "param", "file", "strToBool"};
constexpr std::array<std::string_view, 6> kCloudSources = {"aws", "cf",     "ssm",
                                                           "s3",  "output", "terraform"};
constexpr std::size_t kLongestFile = 1u << 22;

std::size_t node_count(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += node_count(item);
  for (const script::Entry& entry : node.entries) count += node_count(entry.value);
  return count;
}

const std::string* find_pair(const std::vector<std::pair<std::string, std::string>>& pairs,
                             std::string_view name) {
  const auto found =
      std::ranges::find_if(pairs, [&](const auto& one) { return one.first == name; });
  return found == pairs.end() ? nullptr : &found->second;
}

std::string joined(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : std::string(path) + "." + std::string(key);
}

}  // namespace

Variables::Variables(Node& root, const VariableWorld& world, core::Diagnostics& diagnostics)
    : root_(root), world_(world), diagnostics_(diagnostics) {}

void Variables::fault(const Node& where, std::size_t offset, std::string message,
                      std::string hint) {
  if (!faulty_.insert(&where).second) return;
  diagnostics_.push_back({.severity = core::Severity::kError,
                          .id = "variable",
                          .span = script::place_in(where, offset),
                          .message = std::move(message),
                          .hint = std::move(hint),
                          .related = {}});
}

const Node* Variables::find(std::string_view path) {
  Node* found = nullptr;
  if (walk(root_, path, {}, found) != Found::kYes || !settle(*found, std::string(path)))
    return nullptr;
  return found->is_undefined() ? nullptr : found;
}

// From `start` along the address; settles only what stands in the way.
Variables::Found Variables::walk(Node& start, std::string_view address, std::string path,
                                 Node*& out) {
  Node* node = &start;
  if (!address.empty()) {
    for (const std::string_view key : core::split(address, '.')) {
      if (node->is_text() && !settle(*node, path)) return Found::kFault;
      path = joined(path, key);
      const auto index = core::parse_integer(key);
      if (node->is_list() && index && *index >= 0 &&
          static_cast<std::size_t>(*index) < node->items.size()) {
        node = &node->items[static_cast<std::size_t>(*index)];
      } else {
        node = node->find(key);
      }
      if (node == nullptr) return Found::kNo;
    }
  }
  out = node;
  return Found::kYes;
}

bool Variables::settle(Node& node, const std::string& path) {
  if (faulty_.contains(&node)) return false;
  if (settled_.contains(&node)) return true;
  const auto same = [&](const auto& one) { return one.first == &node; };
  const auto circle = std::ranges::find_if(waiting_, same);
  if (circle != waiting_.end()) {
    std::string names;
    for (auto one = circle; one != waiting_.end(); ++one) names += one->second + " -> ";
    fault(*circle->first, 0, "this value needs itself: " + names + circle->second);
    return false;
  }
  if (waiting_.size() >= kDeepest) {
    fault(node, 0, "more than " + std::to_string(kDeepest) + " values wait for each other here");
    return false;
  }
  bool is_good = true;
  waiting_.emplace_back(&node, path);
  if (node.is_text()) {
    is_good = settle_text(node);
  } else {
    for (std::size_t i = 0; i < node.items.size(); ++i)
      is_good = settle(node.items[i], joined(path, std::to_string(i))) && is_good;
    for (script::Entry& entry : node.entries)
      is_good = settle(entry.value, joined(path, entry.key)) && is_good;
  }
  waiting_.pop_back();
  (is_good ? settled_ : faulty_).insert(&node);
  return is_good;
}

bool Variables::settle_text(Node& node) {
  const std::string text = node.scalar.as_string();
  if (!has_variables(text)) return true;
  const auto pieces = parse_variables(text);
  if (!pieces) {
    fault(node, pieces.error().offset.value_or(0), pieces.error().message, pieces.error().hint);
    return false;
  }
  Node value = script::make_scalar({}, node.span);
  if (pieces->size() == 1 && pieces->front().variable) {
    if (evaluate(*pieces->front().variable, node, value) == Found::kFault) return false;
  } else {
    std::string pasted;
    if (!paste(*pieces, node, pasted)) return false;
    value.scalar = std::move(pasted);
  }
  value.span = node.span;
  node = std::move(value);
  // What was copied was settled where it stood.
  mark_settled(node);
  return true;
}

void Variables::mark_settled(const Node& node) {
  settled_.insert(&node);
  for (const Node& item : node.items) mark_settled(item);
  for (const script::Entry& entry : node.entries) mark_settled(entry.value);
}

bool Variables::paste(const VariableText& pieces, const Node& where, std::string& out) {
  for (const VariablePiece& piece : pieces) {
    if (!piece.variable) {
      out += piece.text;
      continue;
    }
    Node value = script::make_scalar({}, where.span);
    if (evaluate(*piece.variable, where, value) == Found::kFault) return false;
    if (!value.is_scalar()) {
      fault(where, piece.offset,
            script::quoted(piece.variable->written) + " is " + script::describe(value) +
                "; only a text or a number can stand inside of a text");
      return false;
    }
    if (!value.is_nothing()) out += value.text();
    if (out.size() > kLongestText) {
      fault(where, piece.offset, "this text becomes longer than a million characters");
      return false;
    }
  }
  return true;
}

Variables::Found Variables::evaluate(const Variable& variable, const Node& where, Node& out) {
  std::string cloud;
  for (const VariableSource& source : variable.sources) {
    if (std::ranges::find(kCloudSources, source.type) != kCloudSources.end() &&
        !(source.type == "aws" && source.address.size() == 1 &&
          source.address.front().text == "region")) {
      if (cloud.empty()) cloud = source.type;
      continue;
    }
    const Found found = evaluate(source, where, out);
    if (found == Found::kFault) return found;
    const bool is_null_on_purpose = source.literal.is_null();
    if (found == Found::kYes && (!out.is_nothing() || is_null_on_purpose)) return Found::kYes;
  }
  const std::size_t offset = variable.sources.front().offset;
  if (!cloud.empty()) {
    fault(where, offset,
          script::quoted(variable.written) + " asks " + cloud +
              " of an AWS account; this provider has none",
          "put a value for here behind it: ${" + cloud + ":..., 'value'}");
    return Found::kFault;
  }
  fault(where, offset, "there is nothing for " + script::quoted(variable.written),
        variable.sources.front().type == "opt"
            ? "give the option on the command line, or a value behind a comma"
            : "give a value for that case behind a comma: ${..., 'value'}");
  return Found::kFault;
}

Variables::Found Variables::evaluate(const VariableSource& source, const Node& where, Node& out) {
  out = script::make_scalar({}, where.span);
  if (!source.literal.is_undefined()) {
    out.scalar = source.literal;
    return Found::kYes;
  }
  if (!source.nested.empty()) return evaluate(*source.nested.front().variable, where, out);
  std::string address;
  if (!paste(source.address, where, address)) return Found::kFault;
  const auto text = [&out](const std::string* value) {
    if (value == nullptr) return Found::kNo;
    out.scalar = *value;
    return Found::kYes;
  };
  if (source.type == "self") return from_self(address, out);
  if (source.type == "file") return from_file(source, where, address, out);
  if (source.type == "param") return from_parameters(address, out);
  if (source.type == "opt") return text(find_pair(world_.options, address));
  if (source.type == "env") {
    const auto found = world_.environment.find(address);
    return text(found == world_.environment.end() ? nullptr : &found->second);
  }
  if (source.type == "aws") {
    const Node* region = find("provider.region");
    const std::string written = region != nullptr ? region->text() : std::string(kDefaultRegion);
    return text(world_.region.empty() ? &written : &world_.region);
  }
  if (source.type == "sls" && (address == "stage" || address == "instanceId")) {
    const std::string value = address == "stage" ? stage() : world_.instance_id;
    return text(&value);
  }
  if (source.type == "strToBool") {
    std::string parameter;
    if (!paste(source.parameter, where, parameter)) return Found::kFault;
    return to_bool(parameter, source, where, out);
  }
  const std::string_view near = core::nearest_name(source.type, kSources);
  fault(where, source.offset,
        "there is no source of values " +
            script::quoted(source.type + (address.empty() ? "" : ":" + address)),
        near.empty() ? "known are self, opt, env, sls, param, file(...) and strToBool(...)"
                     : "did you mean " + script::quoted(near) + "?");
  return Found::kFault;
}

std::string Variables::stage() {
  if (!world_.stage.empty()) return world_.stage;
  const Node* written = find("provider.stage");
  return written != nullptr && written->is_scalar() && !written->is_nothing()
             ? written->text()
             : std::string(kDefaultStage);
}

Variables::Found Variables::from_self(const std::string& address, Node& out) {
  Node* found = nullptr;
  const Found walked = walk(root_, address, {}, found);
  if (walked == Found::kFault) return walked;
  if (walked == Found::kYes && !found->is_nothing()) {
    if (!settle(*found, address)) return Found::kFault;
    return copy(*found, out);
  }
  if (address == "provider.stage") {
    out.scalar = kDefaultStage;
    return Found::kYes;
  }
  if (address == "provider.region") {
    out.scalar = kDefaultRegion;
    return Found::kYes;
  }
  return Found::kNo;
}

Variables::Found Variables::copy(const Node& found, Node& out) {
  copied_ += node_count(found);
  if (copied_ > kMostNodes || (found.is_text() && found.scalar.as_string().size() > kLongestText)) {
    fault(found, 0, "variables copy this more often than can be meant");
    return Found::kFault;
  }
  out = found;
  out.verbatim = false;
  return Found::kYes;
}

Variables::Found Variables::from_file(const VariableSource& source, const Node& where,
                                      const std::string& address, Node& out) {
  std::string name;
  if (!paste(source.parameter, where, name)) return Found::kFault;
  Node* content = file(std::string(core::trim(name)), source, where);
  if (content == nullptr) return faulty_.contains(&where) ? Found::kFault : Found::kNo;
  Node* found = nullptr;
  const std::string path = "file(" + name + ")";
  const Found walked = walk(*content, address, path, found);
  if (walked != Found::kYes) return walked;
  if (!settle(*found, joined(path, address))) return Found::kFault;
  return copy(*found, out);
}

// Read once; nullptr: not there, or a fault was told.
Node* Variables::file(const std::string& name, const VariableSource& source, const Node& where) {
  const std::string path = name.starts_with('/') ? name : world_.directory + "/" + name;
  if (const auto known = files_.find(path); known != files_.end()) return known->second.get();
  const std::string_view ending =
      std::string_view(path).substr(std::min(path.rfind('.'), path.size()));
  if (ending == ".js" || ending == ".cjs" || ending == ".mjs" || ending == ".ts") {
    fault(where, source.offset, script::quoted(name) + " is a program, and none is run here",
          "write what it computes into a YAML or JSON file");
    return nullptr;
  }
  auto text = core::read_file(path, kLongestFile);
  if (!text) {
    if (text.error().code != core::ErrorCode::kNotFound)
      fault(where, source.offset, text.error().message, text.error().hint);
    return files_[path].get();
  }
  const auto read = std::make_shared<const core::Source>(core::Source{path, std::move(*text)});
  if (ending == ".yml" || ending == ".yaml" || ending == ".json") {
    core::Diagnostics found;
    std::optional<Node> node = script::read_yaml(read, script::Tags::kCloudFormation, found);
    diagnostics_.insert(diagnostics_.end(), found.begin(), found.end());
    if (!node) {
      faulty_.insert(&where);
      return nullptr;
    }
    return (files_[path] = std::make_unique<Node>(std::move(*node))).get();
  }
  Node content =
      script::make_scalar(core::trim(read->text), {.source = read, .line = 1, .column = 1});
  return (files_[path] = std::make_unique<Node>(std::move(content))).get();
}

// --param, then params.<stage>, then params.default.
Variables::Found Variables::from_parameters(const std::string& name, Node& out) {
  if (const std::string* given = find_pair(world_.parameters, name)) {
    out.scalar = *given;
    return Found::kYes;
  }
  for (const std::string& set : {stage(), std::string("default")}) {
    const Found found = from_self("params." + set + "." + name, out);
    if (found != Found::kNo) return found;
  }
  return Found::kNo;
}

Variables::Found Variables::to_bool(const std::string& text, const VariableSource& source,
                                    const Node& where, Node& out) {
  const std::string word = core::to_lower(core::trim(text));
  const bool is_true = word == "true" || word == "1";
  if (!is_true && word != "false" && word != "0") {
    fault(where, source.offset,
          "strToBool takes true, false, 1 or 0, this is " + script::quoted(text));
    return Found::kFault;
  }
  out.scalar = is_true;
  return Found::kYes;
}

}  // namespace slsart::provider::service
