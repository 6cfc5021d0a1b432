#pragma once

#include <cstddef>
#include <utility>

#include "core/rng.h"
#include "core/value.h"
#include "expr/extractor.h"

namespace slsart::expr::capture {

// Whether results behind the first `count` cannot matter.
inline bool is_enough(const SelectionOptions& options, std::size_t count) {
  return options.pick == Pick::kNumber && count > options.number;
}

// The result that the options ask for, out of `count`; value_of(i) gives the i-th.
template <typename ValueOf>
core::Value pick(const SelectionOptions& options, std::size_t count, core::Rng& rng,
                 ValueOf&& value_of) {
  if (options.pick == Pick::kAll) {
    core::Value::List all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(value_of(i));
    return all.empty() ? core::Value() : core::Value(std::move(all));
  }
  if (count == 0) return {};
  std::size_t chosen = options.number;
  if (options.pick == Pick::kLast) chosen = count - 1;
  if (options.pick == Pick::kRandom) chosen = static_cast<std::size_t>(rng.below(count));
  return chosen < count ? value_of(chosen) : core::Value();
}

}  // namespace slsart::expr::capture
