#include "core/symbol.h"

#include "core/check.h"

namespace slsart::core {

Symbol SymbolTable::intern(std::string_view name) {
  if (const auto found = ids_.find(name); found != ids_.end()) return found->second;
  const Symbol symbol{static_cast<std::uint32_t>(names_.size())};
  ids_.emplace(names_.emplace_back(name), symbol);
  return symbol;
}

const Symbol* SymbolTable::find(std::string_view name) const {
  const auto found = ids_.find(name);
  return found == ids_.end() ? nullptr : &found->second;
}

std::string_view SymbolTable::name(Symbol symbol) const {
  SLSART_CHECK(symbol.id < names_.size());
  return names_[symbol.id];
}

}  // namespace slsart::core
