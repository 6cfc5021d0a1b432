#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace slsart::run::fleet::detail {

// Takes a JSON object apart member by member and keeps the first thing that is wrong with it.
// Strict: what was not taken is an error, so that a reader never guesses what a later version
// meant.
class ObjectReader {
 public:
  // `what` names the object in messages. Keeps a reference to `value`.
  ObjectReader(const core::Value& value, std::string what);

  bool has(std::string_view name) const;
  // Each gives its default after an error. A required member that is not there is one.
  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t least,
                                               std::int64_t most);
  std::uint64_t seed(std::string_view name);  // decimal digits as text: JSON readers keep 53 bits
  double number(std::string_view name, double least, double most);
  bool boolean(std::string_view name);
  std::string text(std::string_view name, std::size_t longest);
  std::string digest(std::string_view name);  // 64 hexadecimal digits
  const core::Value& any(std::string_view name);
  const core::Value::List& list(std::string_view name, std::size_t longest);

  void fail(const std::string& reason);
  bool failed() const { return !reason_.empty(); }
  // Error kInvalidInput: the first thing that was wrong, or a member nobody took.
  core::Result<void> finish();

 private:
  const core::Value* take(std::string_view name, bool is_required);

  const core::Value& value_;
  std::string what_;
  std::string reason_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace slsart::run::fleet::detail
