#pragma once

#include <cstddef>
#include <optional>

#include "core/span.h"
#include "script/detail/node.h"
#include "script/detail/report.h"

namespace slsart::script::detail {

inline constexpr std::size_t kMostNodes = 1'000'000;  // after anchors are copied out
inline constexpr int kDeepestNode = 200;

// Reads one YAML 1.2 document (JSON is one) into a tree: anchors and `<<` merge keys resolved,
// plain scalars typed by the core schema. Errors, each with its place: syntax (the first one only),
// duplicate keys (all), unknown or recursive aliases, tags other than YAML's own, keys that are no
// text, more than one document, no document, too deep, too large. Nothing when there was an error.
// `short_functions`: the tags of CloudFormation are read as what they stand for (script/yaml.h).
std::optional<Node> read_yaml(const core::SourcePtr& source, Report& report,
                              bool short_functions = false);

}  // namespace slsart::script::detail
