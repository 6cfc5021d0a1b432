#include "provider/service/service_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "core/text.h"
#include "core/value.h"
#include "provider/service/starter_service.h"

namespace slsart::provider::service {
namespace {

LoadedService load_text(const std::string& text, const ServiceRequest& request = {}) {
  return load_service(std::make_shared<const core::Source>(core::Source{"serverless.yml", text}),
                      ".", request);
}

// All that was told, one a line, "line:column severity message".
std::string told(const LoadedService& loaded) {
  std::string out;
  for (const core::Diagnostic& one : loaded.diagnostics) {
    constexpr const char* kNames[] = {"error", "warning", "note"};
    out += std::to_string(one.span.line) + ":" + std::to_string(one.span.column) + " " +
           kNames[static_cast<int>(one.severity)] + " " + one.message + "\n";
  }
  return out;
}

constexpr const char* kSmall = "service: shop\nfunctions:\n  loadGenerator:\n    handler: h\n";

TEST(ServiceFile, HasTheDefaultsOfTheFramework) {
  const LoadedService loaded = load_text(kSmall);
  ASSERT_TRUE(loaded.spec) << told(loaded);
  EXPECT_EQ(loaded.spec->service, "shop");
  EXPECT_EQ(loaded.spec->stage, "dev");
  EXPECT_EQ(loaded.spec->region, "us-east-1");
  EXPECT_EQ(loaded.spec->function, "shop-dev-loadGenerator");
  EXPECT_EQ(loaded.spec->memory_mb, 1024u);
  EXPECT_EQ(loaded.spec->timeout, std::chrono::seconds(300));
  EXPECT_EQ(told(loaded), "");
}

TEST(ServiceFile, StageAndRegionHaveOneResolution) {
  const std::string placed =
      std::string(kSmall) + "provider: {name: aws, stage: prod, region: eu-west-1}\n";
  EXPECT_EQ(load_text(placed).spec->stage, "prod");
  EXPECT_EQ(load_text(placed).spec->region, "eu-west-1");
  EXPECT_EQ(load_text(placed, {.stage = "x", .region = "us-west-2"}).spec->stage, "x");
  EXPECT_EQ(load_text(placed, {.stage = "x", .region = "us-west-2"}).spec->region, "us-west-2");
  const ServiceRequest surrounded{.environment = {{"AWS_REGION", "ap-south-1"}}};
  EXPECT_EQ(load_text(kSmall, surrounded).spec->region, "ap-south-1");
  EXPECT_EQ(load_text(placed, surrounded).spec->region, "eu-west-1");
}

TEST(ServiceFile, ReadsTheFunction) {
  const LoadedService loaded = load_text(R"(
service: {name: shop, awsKmsKeyArn: x}
provider: {memorySize: 512, timeout: 10, environment: {A: 1, B: yes, C: 2}}
functions:
  loadGenerator:
    name: other
    timeout: 60
    reservedConcurrency: 0
    environment: {B: two, C: null, ARN: !Sub "${AWS::Region}-${alerts.TopicName}", T: !Ref alerts}
    package: {patterns: [data/**]}
package: {exclude: ["*.md"], include: [README.md]}
resources:
  Resources:
    alerts: {Type: "AWS::SNS::Topic", Properties: {DisplayName: "${self:service.name} alerts",
             Subscription: [{Protocol: email, Endpoint: a@b.c}]}}
    more: {Type: "AWS::SNS::Subscription", Properties: {TopicArn: !Ref alerts, Protocol: file, Endpoint: /t/x}}
)");
  ASSERT_TRUE(loaded.spec) << told(loaded);
  const run::DeploymentSpec& spec = *loaded.spec;
  EXPECT_EQ(spec.function, "other");
  EXPECT_EQ(spec.memory_mb, 512u);
  EXPECT_EQ(spec.timeout, std::chrono::seconds(60));
  EXPECT_EQ(spec.reserved_concurrency, 0u);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(spec.environment, (Pairs{{"A", "1"},
                                     {"B", "two"},
                                     {"ARN", "us-east-1-shop-dev-alerts"},
                                     {"T", "arn:aws:sns:us-east-1:000000000000:shop-dev-alerts"}}));
  const std::vector<std::string> wanted = {"!*.md", "README.md", "data/**"};
  ASSERT_GE(spec.patterns.size(), 3u);
  EXPECT_TRUE(std::equal(wanted.begin(), wanted.end(), spec.patterns.end() - 3));
  ASSERT_EQ(spec.topics.size(), 1u);
  EXPECT_EQ(spec.topics[0].display_name, "shop alerts");
  ASSERT_EQ(spec.topics[0].subscriptions.size(), 2u);
  EXPECT_EQ(spec.topics[0].subscriptions[1].endpoint, "/t/x");
}

TEST(ServiceFile, ReadsSchedules) {
  const LoadedService loaded = load_text(R"(
service: shop
functions:
  loadGenerator:
    events:
      - schedule: rate(5 minutes)
      - schedule:
          name: twice
          rate: [rate(1 minute), cron(0 12 * * ? *)]
          enabled: false
          input: {'>>': script.yml, mode: monitoring}
)");
  ASSERT_TRUE(loaded.spec) << told(loaded);
  const auto& schedules = loaded.spec->schedules;
  ASSERT_EQ(schedules.size(), 3u);
  EXPECT_EQ(schedules[0].name, "shop-dev-loadGenerator-1");
  EXPECT_TRUE(schedules[0].enabled);
  EXPECT_EQ(schedules[1].name, "twice");
  EXPECT_EQ(schedules[1].input, R"({">>":"script.yml","mode":"monitoring"})");
  EXPECT_EQ(schedules[2].name, "twice-2");
  EXPECT_EQ(schedules[2].rate, "cron(0 12 * * ? *)");
  EXPECT_FALSE(schedules[2].enabled);
}

struct FaultCase {
  const char* text;  // put behind kSmall
  const char* told;
};

TEST(ServiceFile, TellsWhatIsWrongWithItsPlace) {
  const FaultCase cases[] = {
      {"provider: {memorysize: 5}\n",
       "5:12 warning the key provider.memorysize is not known; it has no effect\n"},
      {"provider: {memorySize: 64}\n",
       "5:24 error provider.memorySize must be a whole number from 128 to 10240, this is the "
       "number 64\n"},
      {"provider: {timeout: 1000}\n",
       "5:21 error provider.timeout must be a whole number from 1 to 900, this is the number "
       "1000\n"},
      {"provider: {runtime: nodejs10.x}\n",
       "5:12 note provider.runtime has no effect: the function is one static program; no runtime "
       "is needed\n"},
      {"plugins: [a]\n",
       "5:1 note plugins has no effect: plugins of the framework do not run here\n"},
      {"    events: [{http: GET x}]\n",
       "5:15 warning the event functions.loadGenerator.events.0.http is left out: only schedules "
       "start the function here\n"},
      {"    events: [{schedule: often}]\n",
       "5:25 error a schedule's rate is rate(...) or cron(...), this is the text \"often\"\n"},
      {"  other: {handler: x}\n",
       "5:3 warning the function other is not deployed: only loadGenerator is\n"},
      {"provider: {stage: a b}\n",
       "0:0 error a stage's name is made of letters, digits and dashes, this is \"a b\"\n"},
  };
  for (const FaultCase& one : cases)
    EXPECT_EQ(told(load_text(std::string(kSmall) + one.text)), one.told) << one.text;
}

TEST(ServiceFile, RefusesFilesThatAreNone) {
  EXPECT_EQ(told(load_text("")), "1:1 error the file is empty\n");
  EXPECT_EQ(told(load_text("- a\n")),
            "1:1 error a service file is a map with service, provider and functions, this is a "
            "list\n");
  EXPECT_EQ(told(load_text("service: a\n")),
            "0:0 error there is no function loadGenerator in functions\n");
  EXPECT_EQ(
      told(load_text("service: ../x\nfunctions: {loadGenerator: {}}\n")),
      "1:10 error a service's name is made of letters, digits and dashes, this is \"../x\"\n");
  EXPECT_FALSE(load_text("service: [\n").spec);
}

TEST(ServiceFile, TheBuiltInServiceIsThatOfTheOriginal) {
  const LoadedService loaded = load_service(ServiceRequest{.directory = "/nonexistent"});
  ASSERT_TRUE(loaded.spec) << told(loaded);
  EXPECT_EQ(loaded.spec->function, "serverless-artillery-dev-loadGenerator");
  EXPECT_EQ(loaded.spec->directory, "");
  ASSERT_EQ(loaded.spec->schedules.size(), 1u);
  EXPECT_EQ(loaded.spec->schedules[0].name, "serverless-artillery-dev-monitoring");
  EXPECT_FALSE(loaded.spec->schedules[0].enabled);
  EXPECT_EQ(loaded.spec->topics[0].display_name, "serverless-artillery Monitoring Alerts");
}

TEST(ServiceFile, RandomNamesHaveNoDashesToStumbleOver) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const std::string name = random_service_name(seed * 0x9E3779B97F4A7C15u);
    ASSERT_EQ(name.size(), std::string("serverless-artillery-").size() + 10);
    ASSERT_EQ(std::count(name.begin(), name.end(), '-'), 2) << name;
    ASSERT_TRUE(load_text(starter_service(name)).spec);
  }
}

// Captured from the original's check (tests/compat/README.md), one by one.
TEST(ServiceFile, ChecksMonitoringAsTheOriginalMeantTo) {
  const auto bytes = core::read_file("tests/compat/split-vectors/deploy-validation.json");
  ASSERT_TRUE(bytes);
  const auto vectors = core::parse_json(*bytes);
  ASSERT_TRUE(vectors);
  int told_once = 0;
  for (const core::Value& one : vectors->find("cases")->as_list()) {
    const std::string name = one.find("name")->as_string();
    core::Value service = *one.find("service");
    service.set("service", "other");
    if (service.find("functions") == nullptr || service.find("functions")->as_object().empty())
      continue;  // ours has nothing to deploy there, and says so
    // A name without rate is no schedule that could be deployed.
    core::Value& function = *service.find("functions")->find("loadGenerator");
    if (function.find("events") != nullptr)
      function.find("events")->as_list()[0].find("schedule")->set("rate", "rate(1 minute)");
    const LoadedService loaded = load_text(core::to_json(service));
    const core::Value* error = one.find("error");
    // SNS allows a dash in a topic's name.
    if (name == "ARN with dash in topic name is refused") error = nullptr;
    if (error == nullptr) {
      EXPECT_EQ(told(loaded), "") << name;
      continue;
    }
    ASSERT_FALSE(loaded.diagnostics.empty()) << name;
    EXPECT_EQ(loaded.diagnostics.back().message, error->as_string()) << name;
    // Without subscription monitoring runs, and nobody is told: a warning.
    EXPECT_EQ(loaded.spec.has_value(), name.find("subscription") != std::string::npos) << name;
    ++told_once;
  }
  EXPECT_EQ(told_once, 10);
}

}  // namespace
}  // namespace slsart::provider::service
