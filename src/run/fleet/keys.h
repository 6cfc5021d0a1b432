#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// The names of a run's objects in the store; docs/run-store.md says what is in them.
namespace slsart::run::fleet::keys {

inline constexpr std::string_view kIndex = "index/";

// Whether a run may have this id: 1 to 64 letters, digits, "-" and "_".
bool is_run_id(std::string_view text);

// A number that sorts as text: eight digits, or more.
std::string ordered(std::uint64_t number);

std::string index_entry(std::uint64_t submitted_ms, std::string_view run);
std::string plan(std::string_view run);
std::string chunks(std::string_view run);
std::string file(std::string_view run, std::string_view digest);
std::string start(std::string_view run);
std::string stop(std::string_view run);
std::string end(std::string_view run);
std::string result(std::string_view run);
std::string leases(std::string_view run);  // ends in "/", as all names of groups
std::string lease(std::string_view run, std::uint64_t generation);
std::string dispatches(std::string_view run);
std::string dispatch(std::string_view run, std::uint64_t number);
std::string claims(std::string_view run);
// `part`: the number of a chunk, "before", "after", "drive-3".
std::string claim(std::string_view run, std::string_view part);
std::string refusals(std::string_view run);
std::string refusal(std::string_view run, std::string_view part, std::string_view nonce);
std::string finals(std::string_view run);
std::string final_state(std::string_view run, std::string_view part);
std::string deltas(std::string_view run);
// Deltas are ordered by the time of writing first, so that a reader can go on where it was.
std::string delta(std::string_view run, std::uint64_t slot, std::uint32_t chunk,
                  std::uint32_t number);

// The chunk and part number in the name of a delta.
struct DeltaName {
  std::uint64_t slot = 0;
  std::uint32_t chunk = 0;
  std::uint32_t number = 0;
};
// Requires: `key` begins with deltas(run). False: no such name.
bool parse_delta(std::string_view run, std::string_view key, DeltaName& out);

}  // namespace slsart::run::fleet::keys
