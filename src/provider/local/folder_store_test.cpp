#include "provider/local/folder_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/text.h"
#include "run/store_contract.h"

namespace slsart::provider::local {
namespace {

class FolderStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = testing::TempDir() + "folder_store_XXXXXX";
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    folder_ = path;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

TEST_F(FolderStoreTest, KeepsTheContract) {
  FolderStore store(folder_ + "/deep/store");
  EXPECT_FALSE(store.store_time()) << "there was no answer yet";
  run::check_store_contract(store);
}

TEST_F(FolderStoreTest, LeavesNothingAsideAfterward) {
  FolderStore store(folder_);
  ASSERT_TRUE(store.put("a", "1"));
  ASSERT_TRUE(store.put_if_absent("b", "1"));
  ASSERT_TRUE(store.put_if_absent("b", "2"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ + "/.new"));
  EXPECT_EQ(run::listed(store, ""), "a:1 b:1 ") << "what lies aside is no object";
}

TEST_F(FolderStoreTest, RefusesKeysWithinKeys) {
  FolderStore store(folder_);
  ASSERT_TRUE(store.put("a", "1"));
  ASSERT_TRUE(store.put("b/c", "1"));
  for (const char* key : {"a/x", "b"}) {
    const auto put = store.put(key, "2");
    ASSERT_FALSE(put) << key;
    EXPECT_EQ(put.error().code, core::ErrorCode::kInvalidInput) << put.error().message;
    const auto absent = store.put_if_absent(key, "2");
    ASSERT_FALSE(absent) << key;
    EXPECT_EQ(absent.error().code, core::ErrorCode::kInvalidInput) << absent.error().message;
    EXPECT_EQ(run::object(store, key), "(none)");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_ + "/.new"));
}

TEST_F(FolderStoreTest, OneOfManyProcessesWins) {
  constexpr int kProcesses = 6;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      FolderStore store(folder_);
      const auto put = store.put_if_absent("claim", std::to_string(i));
      _exit(put && *put == run::Store::Put::kStored ? 7 : 0);
    }
    children.push_back(child);
  }
  int winners = 0;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 7) ++winners;
  }
  EXPECT_EQ(winners, 1);
}

TEST_F(FolderStoreTest, FailsForAsLongAsItIsTold) {
  FolderStore store(folder_);
  ASSERT_TRUE(store.put("a", "1"));
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      core::SystemClock().wall_now().time_since_epoch());
  ASSERT_TRUE(core::write_file(folder_ + "/.faults",
                               "fail-until " + std::to_string(now.count() + 3'600'000)));
  const auto put = store.put("a", "2");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, core::ErrorCode::kIo);
  EXPECT_FALSE(store.get("a"));
  EXPECT_FALSE(store.list("", ""));
  ASSERT_TRUE(core::write_file(folder_ + "/.faults", "fail-until " + std::to_string(now.count())));
  EXPECT_EQ(run::object(store, "a"), "1");
}

TEST_F(FolderStoreTest, LosesAnAnswerThatItIsToldToLose) {
  FolderStore store(folder_);
  ASSERT_TRUE(store.put("z", "1"));
  ASSERT_TRUE(core::write_file(folder_ + "/.faults", "lose-answer claim\n"));
  EXPECT_FALSE(store.put_if_absent("runs/claim", "nonce"));
  EXPECT_EQ(run::object(store, "runs/claim"), "nonce") << "it was done all the same";
  const auto again = store.put_if_absent("runs/claim", "nonce");
  ASSERT_TRUE(again) << "only the first answer is lost";
  EXPECT_EQ(*again, run::Store::Put::kExists);
}

}  // namespace
}  // namespace slsart::provider::local
