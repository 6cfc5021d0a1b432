// Hot path: see architecture §9
#include "expr/functions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

#include "expr/fake_data.h"

namespace slsart::expr {
namespace {

using Arguments = std::span<const core::Value>;

// lodash's `_.random`, which the reference calls: both borders included and in any order; one
// argument is the upper border, none is 0 … 1.
core::Value random_number(Arguments arguments, core::Rng& rng) {
  std::int64_t low = arguments.size() > 1 ? arguments[0].as_integer() : 0;
  std::int64_t high = arguments.empty() ? 1 : arguments.back().as_integer();
  if (low > high) std::swap(low, high);
  // Unsigned arithmetic: the distance of two int64 always fits, and wraps to 0 for all of them.
  const std::uint64_t width =
      static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  const std::uint64_t drawn = width == 0 ? rng.next() : rng.below(width);
  return core::Value(static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + drawn));
}

void append_random_string(Arguments arguments, core::Rng& rng, std::string& out) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::int64_t kMaxSize = 1 << 20;
  const std::int64_t size = arguments.empty() ? 10 : arguments[0].as_integer();
  for (std::int64_t i = std::min(size, kMaxSize); i > 0; --i) {
    out += kLetters[rng.below(kLetters.size())];
  }
}

// RFC 4122 §4.4.
void append_uuid(Arguments, core::Rng& rng, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  std::uint64_t bits = 0;
  int left = 0;
  for (const char c : kShape) {
    if (c != 'x' && c != 'y') {
      out += c;
      continue;
    }
    if (left == 0) bits = rng.next();
    left = left == 0 ? 15 : left - 1;
    const std::uint64_t digit = bits & 15;
    out += kHex[c == 'y' ? 8 + (digit & 3) : digit];
    bits >>= 4;
  }
}

template <void (*append)(Arguments, core::Rng&, std::string&)>
core::Value as_value(Arguments arguments, core::Rng& rng) {
  std::string text;
  append(arguments, rng, text);
  return core::Value(std::move(text));
}

constexpr std::array<Function, 3> kFunctions = {{
    {.name = "$randomNumber",
     .min_arguments = 0,
     .max_arguments = 2,
     .call = random_number,
     .append = nullptr,
     .argument_kind = ArgumentKind::kInteger,
     .doc = "$randomNumber(min, max): a whole number, both borders included"},
    {.name = "$randomString",
     .min_arguments = 0,
     .max_arguments = 1,
     .call = as_value<append_random_string>,
     .append = append_random_string,
     .argument_kind = ArgumentKind::kInteger,
     .doc = "$randomString(length): letters and digits; without a length 10 of them"},
    {.name = "$uuid",
     .min_arguments = 0,
     .max_arguments = 0,
     .call = as_value<append_uuid>,
     .append = append_uuid,
     .argument_kind = ArgumentKind::kAny,
     .doc = "$uuid(): a new random UUID at every use (the variable $uuid is one per user)"},
}};

}  // namespace

std::span<const Function> functions() {
  static const std::vector<Function> all = [] {
    std::vector<Function> both(kFunctions.begin(), kFunctions.end());
    both.insert(both.end(), fake_functions().begin(), fake_functions().end());
    std::ranges::sort(both, {}, &Function::name);
    return both;
  }();
  return all;
}

const Function* find_function(std::string_view name) {
  const auto all = functions();
  const auto found = std::ranges::find(all, name, &Function::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace slsart::expr
