#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/rng.h"
#include "core/symbol.h"
#include "core/value.h"

namespace slsart::expr {

// The variables of one virtual user: a small flat map, searched linearly (users have few). Setting
// an existing name keeps its place. One thread.
class Variables {
 public:
  // nullptr when there is none of that name.
  const core::Value* find(core::Symbol name) const;
  core::Value* find(core::Symbol name);
  void set(core::Symbol name, core::Value value);
  void erase(core::Symbol name);
  // set() for a value that need not be told to who asks take_changed().
  void set_told(core::Symbol name, core::Value value);
  // What was set, or handed out to be changed, since the last call: bit i is the i-th entry, the
  // highest bit stands for its entry and all behind it.
  std::uint64_t take_changed() { return std::exchange(changed_, 0); }
  void mark_all_changed() { changed_ = ~std::uint64_t{0}; }
  static bool is_changed(std::uint64_t changed, std::size_t entry) {
    return ((changed >> std::min<std::size_t>(entry, 63)) & 1) != 0;
  }
  // Forgets everything, keeps the memory for the next user.
  void clear();
  std::size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  void mark_changed(std::size_t entry) {
    changed_ |= std::uint64_t{1} << std::min<std::size_t>(entry, 63);
  }

  std::vector<std::pair<core::Symbol, core::Value>> entries_;
  std::uint64_t changed_ = 0;
};

// What a template may look at while it is rendered. `user` hides `shared`, which holds what all
// users have in common (target, $environment, $processEnvironment, constants of config.variables).
// `rng` is the stream of the step being rendered; random functions draw from it in text order.
struct Scope {
  const Variables* user = nullptr;
  const Variables* shared = nullptr;
  core::Rng* rng = nullptr;

  const core::Value* find(core::Symbol name) const;
};

// The name of a variable to write to: `token`, or a path into an object such as `user.id` or
// `list[0]`.
class VariableName {
 public:
  VariableName() = default;
  static core::Result<VariableName> parse(std::string_view text, core::SymbolTable& symbols);
  // Writes through the path; what is in the way and is not an object (list) is replaced by one.
  void assign(Variables& variables, core::Value value) const;
  core::Symbol root() const { return root_; }

 private:
  core::Symbol root_;
  std::vector<std::string> path_;
};

}  // namespace slsart::expr
