#include "run/fleet/keys.h"

#include <algorithm>

#include "core/text.h"

namespace slsart::run::fleet::keys {
namespace {

std::string of_run(std::string_view run, std::string_view name) {
  return "runs/" + std::string(run) + "/" + std::string(name);
}

}  // namespace

bool is_run_id(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), fits);
}

std::string ordered(std::uint64_t number) {
  std::string text = std::to_string(number);
  if (text.size() < 8) text.insert(0, 8 - text.size(), '0');
  return text;
}

std::string index_entry(std::uint64_t submitted_ms, std::string_view run) {
  std::string time = std::to_string(submitted_ms);
  if (time.size() < 14) time.insert(0, 14 - time.size(), '0');
  return std::string(kIndex) + time + "." + std::string(run);
}

std::string plan(std::string_view run) {
  return of_run(run, "plan");
}
std::string chunks(std::string_view run) {
  return of_run(run, "chunks");
}
std::string file(std::string_view run, std::string_view digest) {
  return of_run(run, "files/") + std::string(digest);
}
std::string start(std::string_view run) {
  return of_run(run, "start");
}
std::string stop(std::string_view run) {
  return of_run(run, "stop");
}
std::string end(std::string_view run) {
  return of_run(run, "end");
}
std::string result(std::string_view run) {
  return of_run(run, "result");
}
std::string leases(std::string_view run) {
  return of_run(run, "lease/");
}
std::string lease(std::string_view run, std::uint64_t generation) {
  return leases(run) + ordered(generation);
}
std::string dispatches(std::string_view run) {
  return of_run(run, "dispatch/");
}
std::string dispatch(std::string_view run, std::uint64_t number) {
  return dispatches(run) + ordered(number);
}
std::string claims(std::string_view run) {
  return of_run(run, "claims/");
}
std::string claim(std::string_view run, std::string_view part) {
  return claims(run) + std::string(part);
}
std::string refusals(std::string_view run) {
  return of_run(run, "refused/");
}
std::string refusal(std::string_view run, std::string_view part, std::string_view nonce) {
  return refusals(run) + std::string(part) + "." + std::string(nonce);
}
std::string finals(std::string_view run) {
  return of_run(run, "final/");
}
std::string final_state(std::string_view run, std::string_view part) {
  return finals(run) + std::string(part);
}
std::string deltas(std::string_view run) {
  return of_run(run, "deltas/");
}
std::string delta(std::string_view run, std::uint64_t slot, std::uint32_t chunk,
                  std::uint32_t number) {
  return deltas(run) + ordered(slot) + "/" + ordered(chunk) + "." + ordered(number);
}

bool parse_delta(std::string_view run, std::string_view key, DeltaName& out) {
  const std::string prefix = deltas(run);
  if (!key.starts_with(prefix)) return false;
  key.remove_prefix(prefix.size());
  const std::size_t slash = key.find('/');
  const std::size_t dot = key.find('.');
  if (slash == std::string_view::npos || dot == std::string_view::npos || dot < slash) return false;
  const auto slot = core::parse_integer(key.substr(0, slash));
  const auto chunk = core::parse_integer(key.substr(slash + 1, dot - slash - 1));
  const auto number = core::parse_integer(key.substr(dot + 1));
  if (!slot || !chunk || !number || *slot < 0 || *chunk < 0 || *number < 0) return false;
  if (*chunk > UINT32_MAX || *number > UINT32_MAX) return false;
  out = {.slot = static_cast<std::uint64_t>(*slot),
         .chunk = static_cast<std::uint32_t>(*chunk),
         .number = static_cast<std::uint32_t>(*number)};
  return true;
}

}  // namespace slsart::run::fleet::keys
