#include "script/yaml.h"

#include "script/detail/report.h"
#include "script/detail/yaml_reader.h"

namespace slsart::script {

std::optional<Node> read_yaml(const core::SourcePtr& source, Tags tags,
                              core::Diagnostics& diagnostics) {
  detail::Report report;
  std::optional<Node> root = detail::read_yaml(source, report, tags == Tags::kCloudFormation);
  for (core::Diagnostic& diagnostic : report.take({source})) {
    if (diagnostic.id == "empty") {
      diagnostic.message = "the file is empty";
      diagnostic.hint.clear();
    }
    diagnostics.push_back(std::move(diagnostic));
  }
  return root;
}

}  // namespace slsart::script
