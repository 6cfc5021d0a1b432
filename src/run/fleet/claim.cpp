#include "run/fleet/claim.h"

#include "core/value.h"
#include "run/fleet/detail/object_reader.h"
#include "run/fleet/envelope.h"

namespace slsart::run::fleet {
namespace {

constexpr std::int64_t kLatest = 253'402'300'799'000;  // the end of the year 9999

core::Result<Claimed> try_to_claim(Store& store, const std::string& key, const Claim& claim) {
  const auto put = store.put_if_absent(key, to_json(claim));
  if (!put) return put.error();
  if (*put == Store::Put::kStored) return Claimed::kOwn;
  const auto bytes = store.get(key);
  if (!bytes) return bytes.error();
  if (!*bytes)
    return core::Error{core::ErrorCode::kIo, "the claim " + key + " came and went", {}, {}};
  const auto there = parse_claim(**bytes);
  return there && there->nonce == claim.nonce ? Claimed::kOwn : Claimed::kTaken;
}

}  // namespace

std::string to_json(const Claim& claim) {
  return core::to_json(core::Value::make_object({{"nonce", claim.nonce},
                                                 {"requestId", claim.request_id},
                                                 {"at", to_milliseconds(claim.at)},
                                                 {"deadline", to_milliseconds(claim.deadline)}}));
}

core::Result<Claim> parse_claim(std::string_view bytes) {
  const auto value = core::parse_json(bytes);
  if (!value) return value.error();
  detail::ObjectReader reader(*value, "the claim");
  Claim claim;
  claim.nonce = reader.text("nonce", 64);
  claim.request_id = reader.text("requestId", 128);
  claim.at = from_milliseconds(reader.integer("at", 0, kLatest));
  claim.deadline = from_milliseconds(reader.integer("deadline", 0, kLatest));
  if (auto done = reader.finish(); !done) return std::move(done).error();
  return claim;
}

core::Result<Claimed> claim_part(Store& store, const std::string& key, const Claim& claim,
                                 int attempts, const std::function<void()>& pause) {
  for (;;) {
    auto claimed = try_to_claim(store, key, claim);
    if (claimed || --attempts <= 0) return claimed;
    pause();
  }
}

}  // namespace slsart::run::fleet
