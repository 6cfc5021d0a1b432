#include "provider/service/service_keys.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/text.h"

namespace slsart::provider::service {
namespace {

using script::Node;

struct Key;
using Keys = std::span<const Key>;

// What becomes of a key.
enum class Use {
  kRead,      // means something here
  kCloud,     // means something to an AWS deployment only; taken in silence
  kReplaced,  // `remark` says by what; a note
  kInside,    // its own keys are in `inside`
  kItems,     // each of its values is a map with the keys in `inside`
};

struct Key {
  std::string_view name;
  Use use = Use::kRead;
  Keys inside;
  std::string_view remark;
};

// The tables: of https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml
// (versions 1 to 3) what concerns one function.

constexpr Key kPackage[] = {{"patterns"},
                            {"include"},
                            {"exclude"},
                            {"excludeDevDependencies", Use::kCloud},
                            {"individually", Use::kCloud},
                            {"artifact", Use::kReplaced, {}, "the program itself is the package"}};

constexpr Key kIamRole[] = {{"name", Use::kCloud},
                            {"path", Use::kCloud},
                            {"statements", Use::kCloud},
                            {"managedPolicies", Use::kCloud},
                            {"permissionsBoundary", Use::kCloud},
                            {"tags", Use::kCloud}};
constexpr Key kIam[] = {{"role", Use::kInside, kIamRole}, {"deploymentRole", Use::kCloud}};
constexpr Key kTracing[] = {{"lambda", Use::kCloud}, {"apiGateway", Use::kCloud}};

constexpr std::string_view kOwnRuntime = "the function is one static program; no runtime is needed";

constexpr Key kProvider[] = {{"name"},
                             {"runtime", Use::kReplaced, {}, kOwnRuntime},
                             {"stage"},
                             {"region"},
                             {"profile", Use::kCloud},
                             {"stackName", Use::kCloud},
                             {"memorySize"},
                             {"timeout"},
                             {"architecture", Use::kCloud},
                             {"environment"},
                             {"tags", Use::kCloud},
                             {"stackTags", Use::kCloud},
                             {"vpc", Use::kCloud},
                             {"layers", Use::kCloud},
                             {"logRetentionInDays", Use::kCloud},
                             {"versionFunctions", Use::kCloud},
                             {"tracing", Use::kInside, kTracing},
                             {"deploymentBucket", Use::kCloud},
                             {"deploymentPrefix", Use::kCloud},
                             {"deploymentMethod", Use::kCloud},
                             {"notificationArns", Use::kCloud},
                             {"cfnRole", Use::kCloud},
                             {"role", Use::kCloud},
                             {"iam", Use::kInside, kIam},
                             {"iamRoleStatements", Use::kCloud},
                             {"iamManagedPolicies", Use::kCloud},
                             {"rolePermissionsBoundary", Use::kCloud},
                             {"kmsKeyArn", Use::kCloud},
                             {"stackPolicy", Use::kCloud},
                             {"stackParameters", Use::kCloud},
                             {"disableRollback", Use::kCloud},
                             {"rollbackConfiguration", Use::kCloud},
                             {"lambdaHashingVersion", Use::kCloud}};

constexpr Key kSchedule[] = {{"rate"},
                             {"enabled"},
                             {"name"},
                             {"input"},
                             {"description"},
                             {"method", Use::kCloud},
                             {"timezone", Use::kCloud},
                             {"inputPath", Use::kCloud},
                             {"inputTransformer", Use::kCloud}};
constexpr Key kEvent[] = {{"schedule", Use::kInside, kSchedule}};

constexpr Key kFunction[] = {
    {"handler", Use::kRead},  // every old file names one; nothing to say about it
    {"name"},
    {"description", Use::kCloud},
    {"runtime", Use::kReplaced, {}, kOwnRuntime},
    {"memorySize"},
    {"timeout"},
    {"reservedConcurrency"},
    {"environment"},
    {"tags", Use::kCloud},
    {"layers", Use::kCloud},
    {"vpc", Use::kCloud},
    {"role", Use::kCloud},
    {"architecture", Use::kCloud},
    {"ephemeralStorageSize", Use::kCloud},
    {"logRetentionInDays", Use::kCloud},
    {"disableLogs", Use::kCloud},
    {"dependsOn", Use::kCloud},
    {"condition", Use::kCloud},
    {"maximumRetryAttempts", Use::kCloud},
    {"maximumEventAge", Use::kCloud},
    {"destinations", Use::kCloud},
    {"tracing", Use::kCloud},
    {"kmsKeyArn", Use::kCloud},
    {"onError", Use::kCloud},
    {"package", Use::kInside, kPackage},
    {"events", Use::kItems, kEvent}};

constexpr Key kFunctions[] = {{"loadGenerator", Use::kInside, kFunction}};

constexpr Key kResources[] = {{"Resources"},
                              {"Outputs", Use::kCloud},
                              {"Conditions", Use::kCloud},
                              {"Parameters", Use::kCloud},
                              {"Mappings", Use::kCloud},
                              {"Description", Use::kCloud},
                              {"extensions", Use::kCloud},
                              {"AWSTemplateFormatVersion", Use::kCloud}};

constexpr Key kTop[] = {{"service"},
                        {"frameworkVersion", Use::kReplaced, {}, "the framework is not used"},
                        {"configValidationMode", Use::kCloud},
                        {"variablesResolutionMode", Use::kCloud},
                        {"deprecationNotificationMode", Use::kCloud},
                        {"disabledDeprecations", Use::kCloud},
                        {"unresolvedVariablesNotificationMode", Use::kCloud},
                        {"useDotenv", Use::kCloud},
                        {"custom"},
                        {"params"},
                        {"plugins", Use::kReplaced, {}, "plugins of the framework do not run here"},
                        {"provider", Use::kInside, kProvider},
                        {"package", Use::kInside, kPackage},
                        {"functions", Use::kInside, kFunctions},
                        {"resources", Use::kInside, kResources},
                        {"layers", Use::kCloud},
                        {"org", Use::kCloud},
                        {"app", Use::kCloud},
                        {"tenant", Use::kCloud}};

class Checker {
 public:
  explicit Checker(core::Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void check(const Node& map, Keys keys, const std::string& path) {
    for (const script::Entry& entry : map.entries) {
      const std::string here = path.empty() ? entry.key : path + "." + entry.key;
      const Key* known = nullptr;
      for (const Key& key : keys) {
        if (key.name == entry.key) known = &key;
      }
      if (known == nullptr) {
        tell_unknown(entry, keys, here);
      } else {
        check_known(entry, *known, here);
      }
    }
  }

 private:
  void check_known(const script::Entry& entry, const Key& key, const std::string& path) {
    switch (key.use) {
      case Use::kRead:
      case Use::kCloud:
        return;
      case Use::kReplaced:
        tell(core::Severity::kNote, "ignored-key", entry.key_span,
             path + " has no effect: " + std::string(key.remark), {});
        return;
      case Use::kInside:
        if (entry.value.is_map()) check(entry.value, key.inside, path);
        for (std::size_t i = 0; i < entry.value.items.size(); ++i)  // resources: a list of maps
          check(entry.value.items[i], key.inside, path + "." + std::to_string(i));
        return;
      case Use::kItems:
        for (std::size_t i = 0; i < entry.value.items.size(); ++i)
          check(entry.value.items[i], key.inside, path + "." + std::to_string(i));
        return;
    }
  }

  void tell_unknown(const script::Entry& entry, Keys keys, const std::string& path) {
    std::vector<std::string_view> names;
    for (const Key& key : keys) names.push_back(key.name);
    const std::string_view near = core::nearest_name(entry.key, names);
    std::string message = "the key " + path + " is not known; it has no effect";
    if (keys.data() == kFunctions) {
      message = "the function " + entry.key + " is not deployed: only loadGenerator is";
    } else if (keys.data() == kEvent) {
      message = "the event " + path + " is left out: only schedules start the function here";
    }
    tell(core::Severity::kWarning, "unknown-key", entry.key_span, std::move(message),
         near.empty() ? "" : "did you mean " + script::quoted(near) + "?");
  }

  void tell(core::Severity severity, const char* id, const core::Span& span, std::string message,
            std::string hint) {
    diagnostics_.push_back({.severity = severity,
                            .id = id,
                            .span = span,
                            .message = std::move(message),
                            .hint = std::move(hint),
                            .related = {}});
  }

  core::Diagnostics& diagnostics_;
};

}  // namespace

void check_keys(const Node& root, core::Diagnostics& diagnostics) {
  Checker(diagnostics).check(root, kTop, {});
}

}  // namespace slsart::provider::service
