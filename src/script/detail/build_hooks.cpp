#include <sys/stat.h>

#include <climits>
#include <cstdlib>

#include "core/text.h"
#include "script/detail/build.h"
#include "script/detail/value_types.h"

namespace slsart::script::detail {
namespace {

constexpr core::Duration kDefaultCallLimit = std::chrono::seconds(120);

// The file as Node must be told of it; nothing when it is no file.
std::optional<std::string> absolute_path(const std::string& path) {
  char* const resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return std::nullopt;
  std::string result(resolved);
  std::free(resolved);
  struct stat status {};
  if (stat(result.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return result;
}

}  // namespace

std::vector<HookName> build_hooks(const Node* node, Building& building) {
  std::vector<HookName> names;
  for (const Node* name : one_or_list(node)) {
    if (!building.has_processor) {
      building.report.error(
          "no-processor", name->span,
          "there is no function " + quoted(name->text()) + ": the script has no config.processor",
          "name the JavaScript file that has it, for example processor: "
          "\"./processor.js\"");
      continue;
    }
    names.push_back({.name = build_template(*name, building), .span = name->span});
  }
  return names;
}

FlowHooks build_flow_hooks(const Fields& owner, Building& building) {
  return {.before_scenario = build_hooks(owner.find("beforeScenario"), building),
          .after_scenario = build_hooks(owner.find("afterScenario"), building),
          .before_request = build_hooks(owner.find("beforeRequest"), building),
          .after_response = build_hooks(owner.find("afterResponse"), building),
          .on_error = build_hooks(owner.find("onError"), building)};
}

std::optional<Processor> build_processor(const Fields& config, Building& building) {
  const Node* const path = config.find("processor");
  if (!path) return std::nullopt;
  building.has_processor = true;  // one complaint is enough
  const auto found = absolute_path(resolve_path(path->text(), building));
  if (!found) {
    building.report.error("file", path->span, "there is no file " + quoted(path->text()),
                          "looked in the folder of the script, " + building.options.directory +
                              ", and in the working directory");
    return std::nullopt;
  }
  return Processor{.path = *found,
                   .call_limit = config.duration("hookTimeout").value_or(kDefaultCallLimit),
                   .span = path->span};
}

}  // namespace slsart::script::detail
