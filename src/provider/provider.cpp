#include "provider/provider.h"

#include <cmath>
#include <cstdlib>

#include "core/text.h"
#include "provider/emulated/client.h"
#include "provider/emulated/deployment.h"
#include "provider/emulated/state_folder.h"
#include "provider/local/folder_store.h"

namespace slsart::provider {
namespace {

// For tests of what a wrong clock does: the wall's time is wrong by `offset`.
class WrongClock final : public core::Clock {
 public:
  explicit WrongClock(core::Duration offset) : offset_(offset) {}
  core::TimePoint now() const override { return system_.now(); }
  core::WallTime wall_now() const override { return system_.wall_now() + offset_; }

 private:
  core::SystemClock system_;
  core::Duration offset_;
};

core::Duration offset_of(const char* text) {
  const auto seconds = text != nullptr ? core::parse_number(text) : std::nullopt;
  if (!seconds || std::abs(*seconds) > 86'400) return {};
  return std::chrono::duration_cast<core::Duration>(std::chrono::duration<double>(*seconds));
}

std::unique_ptr<core::Clock> make_clock(core::Duration offset) {
  if (offset == core::Duration{}) return std::make_unique<core::SystemClock>();
  return std::make_unique<WrongClock>(offset);
}

core::Result<Provider> make_emulated(const run::DeploymentSpec& spec) {
  core::Result<std::string> folder = emulated::state_folder(spec.service, spec.stage);
  if (!folder) return std::move(folder).error();
  Provider provider;
  provider.name = "emulated";
  provider.store = std::make_unique<local::FolderStore>(*folder + "/store");
  const emulated::FindAccess find = emulated::access_by_state_folder(*folder);
  provider.dispatcher = std::make_unique<emulated::EmulatedDispatcher>(find);
  provider.notifier = std::make_unique<emulated::EmulatedNotifier>(find);
  provider.deployment =
      std::make_unique<emulated::EmulatedDeployment>(*folder, emulated::executor_program());
  provider.clock = make_clock(offset_of(std::getenv("SLSART_CLOCK_OFFSET")));
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
  const auto variable = [&](std::string_view wanted) {
    for (const auto& [name, value] : environment) {
      if (name == wanted) return value;
    }
    return std::string();
  };
  constexpr std::string_view kFolder = "folder:";
  const std::string store = variable("SLSART_STORE");
  if (!store.starts_with(std::string(kFolder) + "/")) {
    return core::Error{core::ErrorCode::kInvalidInput,
                       "SLSART_STORE is \"" + store + "\": not \"folder:/...\""};
  }
  Provider provider;
  provider.name = "emulated";
  provider.store = std::make_unique<local::FolderStore>(store.substr(kFolder.size()));
  const emulated::Access access{.url = variable("AWS_ENDPOINT_URL"),
                                .key_id = variable("AWS_ACCESS_KEY_ID"),
                                .function = variable("AWS_LAMBDA_FUNCTION_NAME"),
                                .topic_arn = variable("TOPIC_ARN")};
  const auto find = [access]() -> core::Result<emulated::Access> { return access; };
  provider.dispatcher = std::make_unique<emulated::EmulatedDispatcher>(find);
  provider.notifier = std::make_unique<emulated::EmulatedNotifier>(find);
  provider.clock = make_clock(offset_of(variable("SLSART_CLOCK_OFFSET").c_str()));
  return provider;
}

}  // namespace slsart::provider
