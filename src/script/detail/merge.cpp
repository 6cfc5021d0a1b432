#include "script/detail/merge.h"

namespace slsart::script::detail {

void merge_into(Node& base, const Node& over, Lists lists) {
  if (base.is_map() && over.is_map()) {
    for (const Entry& entry : over.entries) {
      if (Entry* known = base.entry(entry.key)) {
        merge_into(known->value, entry.value, lists);
        known->key_span = entry.key_span;
      } else {
        base.entries.push_back(entry);
      }
    }
  } else if (base.is_list() && over.is_list() && lists == Lists::kByIndex) {
    for (std::size_t i = 0; i < over.items.size(); ++i) {
      if (i < base.items.size()) {
        merge_into(base.items[i], over.items[i], lists);
      } else {
        base.items.push_back(over.items[i]);
      }
    }
  } else {
    base = over;
  }
}

}  // namespace slsart::script::detail
