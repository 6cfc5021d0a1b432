#include "script/script.h"

#include <algorithm>

namespace slsart::script {

std::optional<std::int64_t> Config::first_without_row(expr::AtEnd at_end) const {
  std::optional<std::int64_t> first;
  for (const expr::Payload& payload : payloads) {
    if (payload.options().at_end != at_end) continue;
    const auto rows = static_cast<std::int64_t>(payload.row_count());
    first = first ? std::min(*first, rows) : rows;
  }
  return first;
}

}  // namespace slsart::script
