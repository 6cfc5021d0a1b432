// Hot path: see architecture §9
#include "expr/variables.h"

#include <algorithm>

#include "expr/detail/path.h"

namespace slsart::expr {
namespace {

// Enough for any list a script fills by hand; a slip such as `a[999999999]` must not eat the
// memory.
constexpr std::size_t kMaxIndex = 10'000;

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

core::Error name_error(std::size_t offset, std::string message) {
  return core::Error{.code = core::ErrorCode::kInvalidInput,
                     .message = std::move(message),
                     .hint = "a variable is written like token, user.id or list[0]",
                     .offset = offset};
}

// The place `step` names below `parent`, made if it is not there; lodash's rule for `_.set`: a list
// for an index, else an object, in the place of anything that is neither.
core::Value& descend(core::Value& parent, const std::string& step) {
  const auto index = detail::list_index(step);
  if (parent.is_list() && index && *index <= kMaxIndex) {
    auto& items = parent.as_list();
    if (items.size() <= *index) items.resize(*index + 1);
    return items[*index];
  }
  if (!parent.is_object()) {
    parent = core::Value(core::Value::Object());
    if (index && *index <= kMaxIndex) {
      parent = core::Value(core::Value::List(*index + 1));
      return parent.as_list()[*index];
    }
  }
  if (core::Value* present = parent.find(step)) return *present;
  return parent.set(step, core::Value());
}

}  // namespace

const core::Value* Variables::find(core::Symbol name) const {
  for (const auto& [symbol, value] : entries_) {
    if (symbol == name) return &value;
  }
  return nullptr;
}

core::Value* Variables::find(core::Symbol name) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].first != name) continue;
    mark_changed(i);
    return &entries_[i].second;
  }
  return nullptr;
}

void Variables::set(core::Symbol name, core::Value value) {
  if (core::Value* present = find(name)) {
    *present = std::move(value);
  } else {
    mark_changed(entries_.size());
    entries_.emplace_back(name, std::move(value));
  }
}

void Variables::set_told(core::Symbol name, core::Value value) {
  const std::uint64_t before = changed_;
  const bool shares_last_bit = entries_.size() >= 63;
  set(name, std::move(value));
  if (!shares_last_bit) changed_ = before;
}

void Variables::erase(core::Symbol name) {
  std::erase_if(entries_, [name](const auto& entry) { return entry.first == name; });
  mark_all_changed();
}

void Variables::clear() {
  entries_.clear();
  changed_ = 0;
}

const core::Value* Scope::find(core::Symbol name) const {
  if (user != nullptr) {
    if (const core::Value* value = user->find(name)) return value;
  }
  return shared != nullptr ? shared->find(name) : nullptr;
}

core::Result<VariableName> VariableName::parse(std::string_view text, core::SymbolTable& symbols) {
  auto path = detail::parse_path(text, 0, detail::Letters::kAny);
  if (!path) {
    return name_error(*path.error().offset, path.error().message + " in a variable's name");
  }
  if (path->end != text.size()) {
    return name_error(path->end, "this character cannot stand in a variable's name");
  }
  for (const std::string& step : path->steps) {
    const bool is_index = is_digits(step);
    const auto index = detail::list_index(step);
    if (is_index && (step.size() > 5 || (index && *index > kMaxIndex))) {
      return name_error(text.find(step), "the index is above " + std::to_string(kMaxIndex));
    }
  }
  VariableName name;
  name.root_ = symbols.intern(path->root);
  name.path_ = std::move(path->steps);
  return name;
}

void VariableName::assign(Variables& variables, core::Value value) const {
  if (path_.empty()) {
    variables.set(root_, std::move(value));
    return;
  }
  if (variables.find(root_) == nullptr) variables.set(root_, core::Value());
  core::Value* place = variables.find(root_);
  for (const std::string& step : path_) place = &descend(*place, step);
  *place = std::move(value);
}

}  // namespace slsart::expr
