#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/span.h"
#include "core/value.h"
#include "script/detail/node.h"

// The script room's YAML reader for other files that users write (serverless.yml and what it
// includes): the same tree, with the same places and messages. Everything a script needs besides is
// in script/load.h.

namespace slsart::script {

using detail::describe;
using detail::Entry;
using detail::make_map;
using detail::make_scalar;
using detail::Node;
using detail::place_in;
using detail::quoted;
using detail::to_value;

enum class Tags {
  kYaml,            // YAML's own only, as in scripts
  kCloudFormation,  // its short forms, too: `!Ref x` becomes {Ref: x}, `!Sub y` {Fn::Sub: y},
                    // `!GetAtt a.b` {Fn::GetAtt: [a, b]}
};

// Reads one document of YAML 1.2 (JSON is one). What is wrong is appended to `diagnostics`; nothing
// is returned when there was an error. An empty text is one.
std::optional<Node> read_yaml(const core::SourcePtr& source, Tags tags,
                              core::Diagnostics& diagnostics);

}  // namespace slsart::script
