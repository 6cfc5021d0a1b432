#include "run/fleet/envelope.h"

#include "plan/chunk_json.h"
#include "run/fleet/detail/object_reader.h"
#include "run/fleet/keys.h"

namespace slsart::run::fleet {
namespace {

using core::Value;
using detail::ObjectReader;

constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kMostChunks = 1'000'000;
constexpr std::int64_t kLatest = 253'402'300'799'000;  // the end of the year 9999
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

std::string to_json(const Envelope& envelope) {
  Value inner;
  inner.set("version", kVersion);
  inner.set("kind", name_of(envelope.kind));
  inner.set("run", envelope.run);
  inner.set("token", envelope.token);
  inner.set("plan", envelope.plan_digest);
  inner.set("notAfter", to_milliseconds(envelope.not_after));
  if (envelope.start) inner.set("start", to_milliseconds(*envelope.start));
  if (envelope.chunk) inner.set("chunk", plan::to_value(*envelope.chunk));
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
    auto chunk = plan::parse_chunk(reader.any("chunk"));
    if (!chunk && !reader.failed()) return std::move(chunk).error();
    if (chunk) envelope.chunk = *std::move(chunk);
  }
  if (envelope.kind == Envelope::Kind::kDrive)
    envelope.generation = static_cast<std::uint32_t>(reader.integer("generation", 0, 1'000'000));
  if (auto done = reader.finish(); !done) return std::move(done).error();
  return envelope;
}

}  // namespace slsart::run::fleet
