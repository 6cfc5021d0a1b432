#pragma once

#include <string>
#include <string_view>

namespace slsart::core {

// SHA-256 (FIPS 180-4) as 64 hexadecimal digits, lower case.
std::string sha256(std::string_view bytes);

// Letters and digits that nobody can guess, from the system's random source, five bits each: for
// nonces, tokens and names that must not meet another.
std::string random_name(std::size_t letters);

}  // namespace slsart::core
