#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace slsart::expr::detail {

// Which bytes may stand in names: the reference's (word characters, blanks, `$` and `-`), or also
// those of other languages' letters.
enum class Letters { kReference, kAny };

bool is_word(char c);  // [A-Za-z0-9_]
bool is_name_char(char c, Letters letters);

// A variable and the way into it: `user.list[0]['x-y']` is user, then list, 0, x-y.
struct Path {
  std::string root;
  std::vector<std::string> steps;
  std::size_t end = 0;  // the first byte that is no part of it; blanks before it are skipped
};

// Reads a path that begins at `begin` and goes as far as it can; what follows is the caller's
// business. Errors carry the offset in `text`.
core::Result<Path> parse_path(std::string_view text, std::size_t begin, Letters letters);

// The position in a list that a step names: 0, 1, 2 … written without leading zeros.
std::optional<std::size_t> list_index(std::string_view step);

// JavaScript's `length` of a string: UTF-16 units.
std::size_t utf16_length(std::string_view text);

}  // namespace slsart::expr::detail
