#include "provider/provider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slsart::provider {
namespace {

TEST(Provider, UnknownNamesGetTheNearestKnownOne) {
  const auto provider = make_provider("emulate", {});
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().code, core::ErrorCode::kNotFound);
  EXPECT_THAT(provider.error().hint, testing::HasSubstr("\"emulated\""));
  EXPECT_THAT(make_provider("azure", {}).error().hint, testing::HasSubstr("emulated, aws"));
}

TEST(Provider, NamesThatWouldLeaveTheStateFolderAreRefused) {
  for (const char* name : {"", "..", "a/b", "a b", "a.b"}) {
    run::DeploymentSpec spec;
    spec.service = name;
    spec.stage = "dev";
    const auto provider = make_provider("emulated", spec);
    ASSERT_FALSE(provider) << name;
    EXPECT_EQ(provider.error().code, core::ErrorCode::kInvalidInput);
  }
}

TEST(Provider, AnExecutorTakesItsStoreFromTheEnvironment) {
  EXPECT_FALSE(make_executor_provider({}));
  EXPECT_FALSE(make_executor_provider({{"SLSART_STORE", "folder:relative"}}));
  EXPECT_FALSE(make_executor_provider({{"SLSART_STORE", "s3://bucket"}}));
  const auto provider = make_executor_provider({{"SLSART_STORE", "folder:/nowhere"}});
  ASSERT_TRUE(provider);
  EXPECT_NE(provider->store, nullptr);
}

}  // namespace
}  // namespace slsart::provider
