#include "provider/provider.h"

#include <cstdlib>

#include "core/text.h"
#include "provider/emulated/state_folder.h"
#include "provider/local/folder_store.h"

namespace slsart::provider {
namespace {

core::Result<Provider> make_emulated(const run::DeploymentSpec& spec) {
  core::Result<std::string> folder = emulated::state_folder(spec.service, spec.stage);
  if (!folder) return std::move(folder).error();
  Provider provider;
  provider.name = "emulated";
  provider.store = std::make_unique<local::FolderStore>(*folder + "/store");
  return provider;
}

}  // namespace

core::Result<Provider> make_provider(std::string_view name, const run::DeploymentSpec& spec) {
  if (name == "emulated") return make_emulated(spec);
  const std::string quoted = "\"" + std::string(name) + "\"";
  if (name == "aws") {
    return core::Error{core::ErrorCode::kUnsupported,
                       "the provider " + quoted + " is not built yet",
                       "--provider emulated runs the same on this machine"};
  }
  const std::string_view near = core::nearest_name(name, kProviderNames);
  return core::Error{core::ErrorCode::kNotFound, "there is no provider " + quoted,
                     near.empty() ? "providers are: emulated, aws"
                                  : "did you mean \"" + std::string(near) + "\"?"};
}

core::Result<Provider> make_executor_provider(const Environment& environment) {
  constexpr std::string_view kFolder = "folder:";
  for (const auto& [name, value] : environment) {
    if (name != "SLSART_STORE") continue;
    if (!value.starts_with(std::string(kFolder) + "/")) {
      return core::Error{core::ErrorCode::kInvalidInput,
                         "SLSART_STORE is \"" + value + "\": not \"folder:/...\""};
    }
    Provider provider;
    provider.name = "emulated";
    provider.store = std::make_unique<local::FolderStore>(value.substr(kFolder.size()));
    return provider;
  }
  return core::Error{core::ErrorCode::kInvalidInput, "SLSART_STORE is not set: no store"};
}

}  // namespace slsart::provider
