#include "hooks/frame.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace slsart::hooks {
namespace {

std::string framed(std::string_view json) {
  std::string frame;
  for (int shift = 0; shift < 32; shift += 8)
    frame += static_cast<char>((json.size() >> shift) & 0xff);
  return frame.append(json);
}

std::vector<std::string> read_in_pieces(std::string_view stream, std::size_t size) {
  FrameReader reader;
  std::vector<std::string> frames;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    EXPECT_TRUE(reader.push(stream.substr(at, size)));
    std::string_view json;
    while (reader.next(json)) frames.emplace_back(json);
  }
  return frames;
}

TEST(FrameReader, GivesTheSameFramesHoweverTheyArrive) {
  const std::string stream = framed("{\"r\":[1]}") + framed("") + framed("[2]");
  const std::vector<std::string> wanted{"{\"r\":[1]}", "", "[2]"};
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    EXPECT_EQ(read_in_pieces(stream, size), wanted) << size;
  }
}

TEST(FrameReader, RefusesWhatIsTooLarge) {
  FrameReader reader;
  EXPECT_FALSE(reader.push("\xff\xff\xff\xff"));
}

TEST(FrameReader, RefusesWhatIsTooLargeBehindAnotherFrame) {
  FrameReader reader;
  std::string_view json;
  ASSERT_TRUE(reader.push(framed("1") + "\xff\xff\xff\xff"));
  EXPECT_TRUE(reader.next(json));
  EXPECT_FALSE(reader.next(json));
  EXPECT_FALSE(reader.push("x"));
}

TEST(FrameWriter, SealsMessagesWithTheirBytes) {
  FrameWriter writer;
  for (const char* message : {"7", "3,1"}) {
    writer.open();
    writer.json() += message;
    writer.close();
  }
  writer.bytes() += "body";
  std::string out;
  writer.seal(out);
  EXPECT_EQ(out, std::string("\x13\0\0\0\x0b\0\0\0[[7],[3,1]]body", 23));
  EXPECT_TRUE(writer.is_empty());
  writer.seal(out);
  EXPECT_EQ(out.size(), 23U);
}

}  // namespace
}  // namespace slsart::hooks
