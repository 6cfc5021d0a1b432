#include "run/fleet/envelope.h"

#include <limits>

#include "run/fleet/detail/object_reader.h"
#include "run/fleet/keys.h"

namespace slsart::run::fleet {
namespace {

using core::Value;
using detail::ObjectReader;

constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kMostChunks = 1'000'000;
constexpr std::int64_t kLatest = 253'402'300'799'000;                  // the end of the year 9999
constexpr std::int64_t kLongest = 3660LL * 24 * 3600 * 1'000'000'000;  // as script/duration.h
constexpr std::int64_t kMostArrivals = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kMostRanges = 65'536;
constexpr std::size_t kLongestToken = 128;

std::string_view name_of(Envelope::Kind kind) {
  switch (kind) {
    case Envelope::Kind::kChunk:
      return "chunk";
    case Envelope::Kind::kBefore:
      return "before";
    case Envelope::Kind::kAfter:
      return "after";
    case Envelope::Kind::kDrive:
      break;
  }
  return "drive";
}

std::optional<Envelope::Kind> kind_of(std::string_view name) {
  for (const auto kind : {Envelope::Kind::kChunk, Envelope::Kind::kBefore, Envelope::Kind::kAfter,
                          Envelope::Kind::kDrive}) {
    if (name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

// [phase, first, last]
bool read_range(const Value& value, plan::ArrivalRange& range) {
  if (!value.is_list() || value.as_list().size() != 3) return false;
  for (const Value& number : value.as_list()) {
    if (number.kind() != Value::Kind::kInteger || number.as_integer() < 0) return false;
  }
  range = {.phase = static_cast<std::size_t>(value.as_list()[0].as_integer()),
           .first = value.as_list()[1].as_integer(),
           .last = value.as_list()[2].as_integer()};
  return range.phase < kMostRanges && range.first <= range.last;
}

void read_ranges(ObjectReader& reader, plan::Chunk& chunk) {
  for (const Value& one : reader.list("ranges", kMostRanges)) {
    plan::ArrivalRange range;
    const bool ascends = chunk.ranges.empty() || chunk.ranges.back().last <= range.last;
    if (!read_range(one, range) || !ascends ||
        (!chunk.ranges.empty() && range.first < chunk.ranges.back().last)) {
      reader.fail("has wrong \"ranges\"");
      return;
    }
    chunk.ranges.push_back(range);
  }
}

void read_stripe(ObjectReader& reader, plan::Chunk& chunk) {
  const Value::List& stripe = reader.list("stripe", 2);
  const auto is_whole = [](const Value& v) { return v.kind() == Value::Kind::kInteger; };
  if (stripe.size() != 2 || !is_whole(stripe[0]) || !is_whole(stripe[1])) {
    reader.fail("has a wrong \"stripe\"");
    return;
  }
  chunk.stripe = {.k = stripe[0].as_integer(), .n = stripe[1].as_integer()};
  if (chunk.stripe.n < 1 || chunk.stripe.n > kMostChunks || chunk.stripe.k < 0 ||
      chunk.stripe.k >= chunk.stripe.n) {
    reader.fail("has a wrong \"stripe\"");
  }
}

}  // namespace

core::WallTime from_milliseconds(std::int64_t milliseconds) {
  return core::WallTime(std::chrono::milliseconds(milliseconds));
}

std::int64_t to_milliseconds(core::WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

std::string Envelope::part() const {
  if (kind == Kind::kChunk) return keys::ordered(chunk ? chunk->index : 0);
  if (kind == Kind::kDrive) return "drive-" + std::to_string(generation);
  return std::string(name_of(kind));
}

Value to_value(const plan::Chunk& chunk) {
  Value ranges(Value::List{});
  for (const plan::ArrivalRange& range : chunk.ranges) {
    ranges.push(
        Value(Value::List{static_cast<std::uint64_t>(range.phase), range.first, range.last}));
  }
  Value value;
  value.set("index", std::int64_t{chunk.index});
  value.set("count", std::int64_t{chunk.count});
  value.set("window", std::int64_t{chunk.window});
  value.set("startNs", std::int64_t{chunk.start.count()});
  value.set("durationNs", std::int64_t{chunk.duration.count()});
  value.set("ranges", std::move(ranges));
  value.set("stripe", Value(Value::List{chunk.stripe.k, chunk.stripe.n}));
  if (chunk.scenario) value.set("scenario", static_cast<std::uint64_t>(*chunk.scenario));
  return value;
}

core::Result<plan::Chunk> parse_chunk(const Value& value) {
  ObjectReader reader(value, "the chunk");
  plan::Chunk chunk;
  chunk.count = static_cast<std::uint32_t>(reader.integer("count", 1, kMostChunks));
  chunk.index =
      static_cast<std::uint32_t>(reader.integer("index", 0, std::int64_t{chunk.count} - 1));
  chunk.window = static_cast<std::uint32_t>(reader.integer("window", 0, kMostChunks));
  chunk.start = core::Duration(reader.integer("startNs", 0, kLongest));
  chunk.duration = core::Duration(reader.integer("durationNs", 0, kLongest));
  read_ranges(reader, chunk);
  read_stripe(reader, chunk);
  if (const auto scenario = reader.optional_integer("scenario", 0, kMostRanges))
    chunk.scenario = static_cast<std::size_t>(*scenario);
  if (auto done = reader.finish(); !done) return std::move(done).error();
  return chunk;
}

std::string to_json(const Envelope& envelope) {
  Value inner;
  inner.set("version", kVersion);
  inner.set("kind", name_of(envelope.kind));
  inner.set("run", envelope.run);
  inner.set("token", envelope.token);
  inner.set("plan", envelope.plan_digest);
  inner.set("notAfter", to_milliseconds(envelope.not_after));
  if (envelope.start) inner.set("start", to_milliseconds(*envelope.start));
  if (envelope.chunk) inner.set("chunk", to_value(*envelope.chunk));
  if (envelope.kind == Envelope::Kind::kDrive)
    inner.set("generation", std::int64_t{envelope.generation});
  return core::to_json(Value::make_object({{"slsart", std::move(inner)}}));
}

bool is_envelope(const Value& event) {
  return event.find("slsart") != nullptr;
}

core::Result<Envelope> parse_envelope(const Value& event) {
  ObjectReader outer(event, "the event");
  const Value& inner = outer.any("slsart");
  if (auto done = outer.finish(); !done) return std::move(done).error();
  ObjectReader reader(inner, "the envelope");
  const std::int64_t version = reader.integer("version", 0, kMostChunks);
  if (!reader.failed() && version != kVersion) {
    return core::Error{core::ErrorCode::kUnsupported,
                       "the envelope has version " + std::to_string(version) +
                           ", this executor knows version " + std::to_string(kVersion),
                       "deploy again: command line and function must be of the same version",
                       {}};
  }
  Envelope envelope;
  if (const auto kind = kind_of(reader.text("kind", 16)); kind)
    envelope.kind = *kind;
  else
    reader.fail("has a wrong \"kind\"");
  envelope.run = reader.text("run", 64);
  if (!keys::is_run_id(envelope.run)) reader.fail("has a wrong \"run\"");
  envelope.token = reader.text("token", kLongestToken);
  envelope.plan_digest = reader.digest("plan");
  envelope.not_after = from_milliseconds(reader.integer("notAfter", 0, kLatest));
  if (envelope.kind == Envelope::Kind::kChunk) {
    if (const auto start = reader.optional_integer("start", 0, kLatest))
      envelope.start = from_milliseconds(*start);
    auto chunk = parse_chunk(reader.any("chunk"));
    if (!chunk && !reader.failed()) return std::move(chunk).error();
    if (chunk) envelope.chunk = *std::move(chunk);
  }
  if (envelope.kind == Envelope::Kind::kDrive)
    envelope.generation = static_cast<std::uint32_t>(reader.integer("generation", 0, 1'000'000));
  if (auto done = reader.finish(); !done) return std::move(done).error();
  return envelope;
}

}  // namespace slsart::run::fleet
