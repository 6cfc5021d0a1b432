#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/span.h"
#include "provider/service/variable_syntax.h"
#include "script/yaml.h"

namespace slsart::provider::service {

// Where the values of variables come from.
struct VariableWorld {
  std::string directory = ".";  // of the service file: where file(...) starts
  std::string stage, region;    // as the command line has them; empty: not given
  std::vector<std::pair<std::string, std::string>> options;     // ${opt:name}
  std::vector<std::pair<std::string, std::string>> parameters;  // ${param:name}, before `params`
  std::map<std::string, std::string> environment;               // ${env:NAME}
  std::string instance_id;                                      // ${sls:instanceId}
};

inline constexpr std::string_view kDefaultStage = "dev";
inline constexpr std::string_view kDefaultRegion = "us-east-1";

// Puts values in place of the variables of a service file (variable_syntax.h). A text that is
// exactly one variable takes its value with its type; inside of other text numbers and texts are
// pasted. `self`, `opt`, `env`, `sls`, `param`, `file` and `strToBool` are known; what only a cloud
// can answer (`aws`, `cf`, `ssm`, `s3`) is an error unless something else stands behind a comma.
//
// provider.stage and provider.region count as dev and us-east-1 when nothing is written: the
// framework's version 1, which serverless-artillery used, does so; version 3 refuses
// `${opt:stage, self:provider.stage}` then.
//
// Values are looked up when they are needed, so the order in the file does not matter; a value that
// needs itself is an error that names the circle. Faults are appended to `diagnostics` at their
// place. One thread.
class Variables {
 public:
  static constexpr std::size_t kMostNodes = 200'000;      // that are copied in all
  static constexpr std::size_t kLongestText = 1'000'000;  // of one value
  static constexpr std::size_t kDeepest = 60;             // values that wait for another

  // `root` is the service file; it outlives this.
  Variables(script::Node& root, const VariableWorld& world, core::Diagnostics& diagnostics);

  // The value at a path ("provider.stage") of the service file, all variables in it replaced;
  // nullptr: there is none, or it had a fault.
  const script::Node* find(std::string_view path);

 private:
  using Node = script::Node;
  enum class Found { kYes, kNo, kFault };

  bool settle(Node& node, const std::string& path);
  bool settle_text(Node& node);
  void mark_settled(const Node& node);
  Found walk(Node& start, std::string_view address, std::string path, Node*& out);
  Found evaluate(const Variable& variable, const Node& where, Node& out);
  Found evaluate(const VariableSource& source, const Node& where, Node& out);
  bool paste(const VariableText& pieces, const Node& where, std::string& out);
  Found from_self(const std::string& address, Node& out);
  Found from_file(const VariableSource& source, const Node& where, const std::string& address,
                  Node& out);
  Found from_parameters(const std::string& name, Node& out);
  Found to_bool(const std::string& text, const VariableSource& source, const Node& where,
                Node& out);
  Found copy(const Node& found, Node& out);
  Node* file(const std::string& name, const VariableSource& source, const Node& where);
  std::string stage();
  void fault(const Node& where, std::size_t offset, std::string message, std::string hint = {});

  Node& root_;
  const VariableWorld& world_;
  core::Diagnostics& diagnostics_;
  std::unordered_set<const Node*> settled_;                   // nothing left to do in it
  std::unordered_set<const Node*> faulty_;                    // told already
  std::vector<std::pair<const Node*, std::string>> waiting_;  // with their paths
  std::map<std::string, std::unique_ptr<Node>> files_;        // by path; nullptr: not there
  std::size_t copied_ = 0;
};

}  // namespace slsart::provider::service
