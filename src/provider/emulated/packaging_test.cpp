#include "provider/emulated/packaging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/text.h"

namespace slsart::provider::emulated {
namespace {

TEST(Packaging, PatternsNamePaths) {
  struct Case {
    const char* path;
    const char* pattern;
    bool matches;
  };
  for (const Case& row : std::vector<Case>{{"a.js", "a.js", true},
                                           {"a.js", "*.js", true},
                                           {"lib/a.js", "*.js", false},
                                           {"lib/a.js", "**/*.js", true},
                                           {"a.js", "**/*.js", true},
                                           {"lib/a.js", "**", true},
                                           {"lib/deep/a.js", "lib/**", true},
                                           {"lib/deep/a.js", "lib", true},
                                           {"lib/deep/a.js", "lib/", true},
                                           {"library/a.js", "lib", false},
                                           {"lib/deep/a.js", "lib/*/a.js", true},
                                           {"lib/deep/er/a.js", "lib/*/a.js", false},
                                           {"lib/deep/er/a.js", "lib/**/a.js", true},
                                           {"lib/a.js", "./lib/a.js", true},
                                           {"a.js", "?.js", true},
                                           {"a/b", "a?b", false},
                                           {"xlib/a.js", "**/lib/a.js", false},
                                           {"a", "", false}}) {
    EXPECT_EQ(matches_pattern(row.path, row.pattern), row.matches)
        << row.path << " " << row.pattern;
  }
}

class PackTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = testing::TempDir() + "pack_XXXXXX";
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    folder_ = path;
    for (const char* name : {"script.yml", "lib/a.js", "lib/b.csv", ".git/config", ".env.local",
                             "serverless.yml", "state/store/object", "node_modules/x/index.js"}) {
      const std::string file = folder_ + "/service/" + name;
      std::filesystem::create_directories(std::filesystem::path(file).parent_path());
      ASSERT_TRUE(core::write_file(file, name));
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::vector<std::string> packed(const std::vector<std::string>& patterns) {
    const std::string target = folder_ + "/target";
    std::filesystem::remove_all(target);
    const auto done = pack(folder_ + "/service", patterns, target, folder_ + "/service/state");
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(target)) {
      if (entry.is_regular_file())
        names.push_back(entry.path().lexically_relative(target).string());
    }
    if (done) {
      EXPECT_EQ(done->files, names.size());
    }
    return names;
  }
  std::string folder_;
};

TEST_F(PackTest, TakesAllButWhatIsNeverWanted) {
  EXPECT_THAT(packed({}), testing::UnorderedElementsAre("script.yml", "lib/a.js", "lib/b.csv",
                                                        "node_modules/x/index.js"));
}

TEST_F(PackTest, TheLaterPatternWins) {
  EXPECT_THAT(packed({"!lib/**", "lib/a.js", "!node_modules", ".env.local"}),
              testing::UnorderedElementsAre("script.yml", "lib/a.js", ".env.local"));
}

TEST_F(PackTest, AFolderThatIsNotThereIsAnError) {
  EXPECT_FALSE(pack(folder_ + "/none", {}, folder_ + "/target", ""));
}

}  // namespace
}  // namespace slsart::provider::emulated
