#include "run/store.h"

#include <algorithm>

#include "core/text.h"

namespace slsart::run {
namespace {

bool may_be_in_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '/';
}

}  // namespace

core::Result<void> check_store_key(std::string_view key) {
  const auto refuse = [key](const char* why) {
    return core::Error{core::ErrorCode::kInvalidInput,
                       "\"" + std::string(key.substr(0, 80)) + "\" is no key of a store: " + why};
  };
  if (key.size() > Store::kMaxKeyBytes) return refuse("it is too long");
  if (!std::all_of(key.begin(), key.end(), may_be_in_key)) {
    return refuse("it may have letters, digits and \"._-/\"");
  }
  for (const std::string_view part : core::split(key, '/')) {
    if (part.empty()) return refuse("it has an empty part");
    if (part == "." || part == "..") return refuse("it has a part that is not a name");
  }
  if (key.front() == '.') return refuse("it begins with a dot");
  return {};
}

}  // namespace slsart::run
