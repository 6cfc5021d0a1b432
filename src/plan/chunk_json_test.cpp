#include "plan/chunk_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slsart::plan {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

Chunk sample() {
  return {.index = 3,
          .count = 8,
          .window = 1,
          .start = 120s + 1ns,
          .duration = 60s,
          .ranges = {{.phase = 0, .first = 100, .last = 12'000},
                     {.phase = 2, .first = 12'000, .last = 9'007'199'254'740'993}},
          .stripe = {.k = 3, .n = 4},
          .scenario = 2};
}

TEST(ChunkJson, IsWrittenAsDocumented) {
  EXPECT_EQ(core::to_json(to_value(sample())),
            "{\"index\":3,\"count\":8,\"window\":1,\"start_ns\":120000000001,"
            "\"duration_ns\":60000000000,"
            "\"ranges\":[[0,100,12000],[2,12000,9007199254740993]],\"stripe\":[3,4],"
            "\"scenario\":2}");
}

TEST(ChunkJson, ComesBackExactly) {
  Chunk chunk = sample();
  EXPECT_EQ(*parse_chunk(*core::parse_json(core::to_json(to_value(chunk)))), chunk);
  chunk.scenario.reset();
  EXPECT_EQ(*parse_chunk(*core::parse_json(core::to_json(to_value(chunk)))), chunk);
}

TEST(ChunkJson, RefusesWhatNoPlannerMakes) {
  const struct {
    const char* member;
    const char* value;
  } cases[] = {{"index", "8"},
               {"index", "-1"},
               {"index", "\"3\""},
               {"index", "1.5"},
               {"count", "0"},
               {"window", "-1"},
               {"start_ns", "-1"},
               {"duration_ns", "9223372036854775807"},
               {"ranges", "[]"},
               {"ranges", "[[0,5,5]]"},
               {"ranges", "[[0,5]]"},
               {"ranges", "[[0,0,5],[0,5,6]]"},
               {"ranges", "[[0,0,5],[1,4,6]]"},
               {"stripe", "[4,4]"},
               {"stripe", "[0,0]"},
               {"stripe", "[0,4294967296]"},
               {"stripe", "3"},
               {"scenario", "-1"},
               {"scenario", "null"}};
  for (const auto& c : cases) {
    core::Value value = to_value(sample());
    value.set(c.member, *core::parse_json(c.value));
    const auto chunk = parse_chunk(value);
    ASSERT_FALSE(chunk) << c.member << " " << c.value;
    EXPECT_THAT(chunk.error().message, HasSubstr("\"" + std::string(c.member) + "\""));
  }
  EXPECT_FALSE(parse_chunk(core::Value(3)));
}

}  // namespace
}  // namespace slsart::plan
