#include "engine/http/upload_files.h"

#include <gtest/gtest.h>

#include "core/text.h"

namespace slsart::engine {
namespace {

class UploadFilesTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(core::write_file(directory_ + "/" + name, content));
  }
  std::string read(const std::string& name) {
    const auto content = files_.read(name, directory_);
    return content ? **content : "error";
  }

  std::string directory_ = testing::TempDir();
  UploadFiles files_{100};
};

TEST_F(UploadFilesTest, KeepsWhatWasReadWithinTheLimit) {
  write("upload-a", std::string(40, 'a'));
  write("upload-b", std::string(40, 'b'));
  write("upload-c", std::string(40, 'c'));
  EXPECT_EQ(read("upload-a"), std::string(40, 'a'));
  EXPECT_EQ(read("upload-b"), std::string(40, 'b'));
  write("upload-a", "new");
  write("upload-b", "new");
  EXPECT_EQ(read("upload-a"), std::string(40, 'a'));  // still kept
  EXPECT_EQ(read("upload-c"), std::string(40, 'c'));  // b was used longest ago
  EXPECT_EQ(files_.size_bytes(), 80U);
  EXPECT_EQ(read("upload-b"), "new");
  EXPECT_EQ(files_.size_bytes(), 83U);
}

TEST_F(UploadFilesTest, SaysWhatCannotBeRead) {
  EXPECT_EQ(files_.read("upload-none", directory_).error().code, core::ErrorCode::kNotFound);
  write("upload-large", std::string(101, 'x'));
  EXPECT_EQ(files_.read("upload-large", directory_).error().code, core::ErrorCode::kLimit);
  EXPECT_FALSE(files_.read("/", directory_));
  EXPECT_EQ(files_.size_bytes(), 0U);
}

TEST_F(UploadFilesTest, TakesAbsolutePathsAsTheyAre) {
  write("upload-absolute", "here");
  EXPECT_EQ(read(directory_ + "/upload-absolute"), "here");
}

}  // namespace
}  // namespace slsart::engine
