#pragma once

#include <optional>
#include <vector>

#include "script/detail/node.h"
#include "script/detail/report.h"
#include "script/detail/slots.h"
#include "script/load.h"

namespace slsart::script::detail {

// The names of the texts that come from options, as messages show them.
inline constexpr std::string_view kTargetOption = "--target";
inline constexpr std::string_view kPayloadOption = "--payload";
inline constexpr std::string_view kOverridesOption = "--overrides";
inline constexpr std::string_view kVariablesOption = "--variables";

// From texts to the one script that is meant (reference/artillery-script.md §1, order of
// preparation):
//
//   1. the sources, later ones over earlier ones    4. --overrides (lists are replaced)
//   2. config.environments.<-e>                     5. --variables into config.variables
//   3. -t, -k, -p                                   6. the slots of config
//
// `read` gets every text that was read. Nothing when one of them could not be read.
std::optional<Node> prepare(const LoadOptions& options, ConfigScope& scope, Report& report,
                            std::vector<core::SourcePtr>& read);

// The merged script for reports: values behind keys that look like secrets are hidden.
core::Value to_reported(const Node& script);

}  // namespace slsart::script::detail
