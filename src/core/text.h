#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace slsart::core {

// Small functions on text that more than one room needs. ASCII rules throughout: protocols and
// scripts are not locale dependent.

std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);  // blanks, tabs, line ends
std::vector<std::string_view> split(std::string_view text, char separator);

// The candidate nearest to `word` (edit distance with transpositions, case ignored) when it is near
// enough to be a slip: at most a third of the word's length, at least one. Empty when none is.
std::string_view nearest_name(std::string_view word, std::span<const std::string_view> candidates);

// The whole text as a number; nothing may be left over. No leading '+', no white space.
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<double> parse_number(std::string_view text);

// application/x-www-form-urlencoded (a space becomes '+') and percent encoding of a URL component
// (RFC 3986 unreserved characters stay).
void append_form_encoded(std::string_view text, std::string& out);
void append_percent_encoded(std::string_view text, std::string& out);

std::string to_base64(std::string_view bytes);  // RFC 4648, padded

// An address as reports and consoles show it: "http://ann:secret@host/" becomes "http://***@host/".
std::string without_credentials(std::string_view url);

// Reads a whole file. Errors: not found, a directory, not readable, above `limit_bytes`.
Result<std::string> read_file(const std::string& path, std::size_t limit_bytes = 1u << 30);
// Writes a whole file by way of a neighbour that is renamed over it: readers see the old or the new
// content, never half of it.
Result<void> write_file(const std::string& path, std::string_view content);

// Whether the value under a key of this name is kept out of what is printed: passwords, tokens.
bool names_a_secret(std::string_view key);

}  // namespace slsart::core
