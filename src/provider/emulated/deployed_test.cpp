#include "provider/emulated/deployed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slsart::provider::emulated {
namespace {

Deployed everything() {
  Deployed deployed;
  deployed.spec = {.service = "s",
                   .stage = "dev",
                   .region = "eu-west-1",
                   .function = "s-dev-loadGenerator",
                   .memory_mb = 512,
                   .timeout = std::chrono::milliseconds(1500),
                   .reserved_concurrency = 7,
                   .environment = {{"A", "1"}, {"B", "two\nlines"}}};
  deployed.spec.schedules = {
      {.name = "monitoring", .rate = "rate(1 minute)", .enabled = true, .input = "{}"}};
  deployed.spec.topics = {{.name = "alerts",
                           .display_name = "Alerts",
                           .subscriptions = {{.protocol = "file", .endpoint = "/tmp/x"}}}};
  deployed.token = "token";
  deployed.code = "/code/1";
  deployed.max_retries = 2;
  deployed.is_fenced = true;
  deployed.inherited = {{"PATH", "/bin"}};
  return deployed;
}

TEST(Deployed, CanBeReadBack) {
  const core::Value written = to_value(everything());
  const auto read = deployed_from(written);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(core::to_json(to_value(*read)), core::to_json(written));
  EXPECT_EQ(read->spec.reserved_concurrency, 7u);
  EXPECT_EQ(read->function_arn(),
            "arn:aws:lambda:eu-west-1:000000000000:function:s-dev-loadGenerator");
}

TEST(Deployed, EveryMemberIsNeeded) {
  const core::Value whole = to_value(everything());
  for (const core::Member& member : whole.as_object()) {
    core::Value part = whole;
    part.set(member.key, core::Value(core::Value::List{1}));
    const auto read = deployed_from(part);
    ASSERT_FALSE(read) << member.key;
    EXPECT_EQ(read.error().code, core::ErrorCode::kInvalidInput);
  }
}

}  // namespace
}  // namespace slsart::provider::emulated
