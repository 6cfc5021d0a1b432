#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/result.h"
#include "core/time.h"
#include "run/store.h"

namespace slsart::run::fleet {

// Who fires a part of a run. {"nonce":"…","requestId":"…","at":ms,"deadline":ms}
struct Claim {
  std::string nonce;  // of the executor, made for this claim only
  std::string request_id;
  core::WallTime at{};
  core::WallTime deadline{};  // when the executor is killed at the latest
};

std::string to_json(const Claim& claim);
core::Result<Claim> parse_claim(std::string_view bytes);

enum class Claimed { kOwn, kTaken };

// Claims a part of a run: exactly one of all who ask ever gets kOwn. A lost answer is no loss: on
// "exists" the claim is read, and only the own nonce means owned. Asks again after errors until
// `attempts` are used up, `pause` between them. Errors: the store's last one: not claimed as far as
// anyone knows, so nothing may be fired.
core::Result<Claimed> claim_part(Store& store, const std::string& key, const Claim& claim,
                                 int attempts, const std::function<void()>& pause);

}  // namespace slsart::run::fleet
