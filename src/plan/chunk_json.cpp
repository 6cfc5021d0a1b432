#include "plan/chunk_json.h"

#include <algorithm>
#include <limits>

namespace slsart::plan {
namespace {

using core::Value;

core::Error bad(std::string_view member, std::string_view what) {
  return {.code = core::ErrorCode::kInvalidInput,
          .message = "a chunk's \"" + std::string(member) + "\" must be " + std::string(what),
          .hint = {},
          .offset = {}};
}

std::optional<std::int64_t> integer(const Value* value, std::int64_t least, std::int64_t most) {
  if (!value || value->kind() != Value::Kind::kInteger) return std::nullopt;
  const std::int64_t number = value->as_integer();
  return number >= least && number <= most ? std::optional(number) : std::nullopt;
}

constexpr std::int64_t kMost32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kMost64 = std::numeric_limits<std::int64_t>::max() / 4;

// A list of so many whole numbers from 0.
std::optional<std::vector<std::int64_t>> integers(const Value& value, std::size_t count) {
  if (!value.is_list() || value.as_list().size() != count) return std::nullopt;
  std::vector<std::int64_t> numbers;
  for (const Value& item : value.as_list()) {
    const auto number = integer(&item, 0, kMost64);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

core::Result<std::vector<ArrivalRange>> parse_ranges(const Value* value) {
  constexpr std::string_view kWhat = "an ascending list of [phase, first, last]";
  if (!value || !value->is_list() || value->as_list().empty()) return bad("ranges", kWhat);
  std::vector<ArrivalRange> ranges;
  for (const Value& item : value->as_list()) {
    const auto numbers = integers(item, 3);
    if (!numbers || (*numbers)[1] >= (*numbers)[2]) return bad("ranges", kWhat);
    const ArrivalRange range{.phase = static_cast<std::size_t>((*numbers)[0]),
                             .first = (*numbers)[1],
                             .last = (*numbers)[2]};
    const bool follows =
        ranges.empty() || (ranges.back().phase < range.phase && ranges.back().last <= range.first);
    if (!follows) return bad("ranges", kWhat);
    ranges.push_back(range);
  }
  return ranges;
}

}  // namespace

core::Value to_value(const Chunk& chunk) {
  Value::List ranges;
  for (const ArrivalRange& range : chunk.ranges) {
    ranges.emplace_back(Value::List{Value(static_cast<std::int64_t>(range.phase)),
                                    Value(range.first), Value(range.last)});
  }
  Value value =
      Value::make_object({{"index", static_cast<std::int64_t>(chunk.index)},
                          {"count", static_cast<std::int64_t>(chunk.count)},
                          {"window", static_cast<std::int64_t>(chunk.window)},
                          {"start_ns", static_cast<std::int64_t>(chunk.start.count())},
                          {"duration_ns", static_cast<std::int64_t>(chunk.duration.count())},
                          {"ranges", std::move(ranges)},
                          {"stripe", Value::List{Value(chunk.stripe.k), Value(chunk.stripe.n)}}});
  if (chunk.scenario) value.set("scenario", static_cast<std::int64_t>(*chunk.scenario));
  return value;
}

core::Result<Chunk> parse_chunk(const core::Value& value) {
  if (!value.is_object()) return bad("chunk", "an object");
  const auto count = integer(value.find("count"), 1, kMost32);
  if (!count) return bad("count", "a whole number from 1");
  const auto index = integer(value.find("index"), 0, *count - 1);
  if (!index) return bad("index", "a whole number below its count");
  const auto window = integer(value.find("window"), 0, kMost32);
  if (!window) return bad("window", "a whole number");
  const auto start = integer(value.find("start_ns"), 0, kMost64);
  if (!start) return bad("start_ns", "a time in nanoseconds");
  const auto duration = integer(value.find("duration_ns"), 0, kMost64);
  if (!duration) return bad("duration_ns", "a time in nanoseconds");
  core::Result<std::vector<ArrivalRange>> ranges = parse_ranges(value.find("ranges"));
  if (!ranges) return std::move(ranges).error();
  const Value* const stripe = value.find("stripe");
  const auto of = stripe ? integers(*stripe, 2) : std::nullopt;
  if (!of || (*of)[0] >= (*of)[1] || (*of)[1] > kMost32)
    return bad("stripe", "[k, n] with k below n");
  Chunk chunk{.index = static_cast<std::uint32_t>(*index),
              .count = static_cast<std::uint32_t>(*count),
              .window = static_cast<std::uint32_t>(*window),
              .start = core::Duration(*start),
              .duration = core::Duration(*duration),
              .ranges = *std::move(ranges),
              .stripe = {.k = (*of)[0], .n = (*of)[1]},
              .scenario = {}};
  if (const Value* const scenario = value.find("scenario")) {
    const auto number = integer(scenario, 0, kMost32);
    if (!number) return bad("scenario", "a whole number");
    chunk.scenario = static_cast<std::size_t>(*number);
  }
  return chunk;
}

}  // namespace slsart::plan
