#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace slsart::core {

// An interned name: comparing two is comparing two integers. Only meaningful with its table.
struct Symbol {
  std::uint32_t id = 0;
  friend auto operator<=>(Symbol, Symbol) = default;
};

// Names of one run. Filled while a script is loaded; afterwards read from any thread without locks
// (intern() must not run at the same time as anything else).
class SymbolTable {
 public:
  Symbol intern(std::string_view name);
  // The symbol of a name that is already known, else nullptr.
  const Symbol* find(std::string_view name) const;
  // Valid as long as the table.
  std::string_view name(Symbol symbol) const;
  std::size_t size() const { return names_.size(); }

 private:
  std::deque<std::string> names_;  // a deque: the views used as keys must not move
  std::unordered_map<std::string_view, Symbol> ids_;
};

}  // namespace slsart::core
