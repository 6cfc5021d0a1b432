#include "expr/capture/json_walk.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

namespace slsart::expr::capture {
namespace {

using core::Value;
using Kind = JsonStep::Kind;

class Walker {
 public:
  Walker(const Value& document, std::size_t budget) : root_(document), budget_(budget) {}

  std::vector<Value> run(std::span<const JsonStep> steps) {
    std::vector<const Value*> now = {&root_};
    for (const JsonStep& step : steps) {
      results_.clear();
      for (const Value* value : now) {
        step.is_descendant ? apply_below(step, *value) : apply(step, *value);
      }
      now = std::exchange(results_, {});
      if (is_spent()) return {};
    }
    std::vector<Value> values;
    values.reserve(now.size());
    for (const Value* value : now) values.push_back(*value);
    return values;
  }

 private:
  bool is_spent() const { return budget_ == 0; }
  // Pays for looking at one value.
  bool pay(std::size_t price = 1) {
    budget_ -= std::min(price, budget_);
    return !is_spent();
  }
  void add(const Value* value) {
    if (value != nullptr && pay()) results_.push_back(value);
  }

  template <typename Visit>
  void for_each_child(const Value& value, Visit visit) {
    if (value.is_list()) {
      for (const Value& item : value.as_list()) {
        if (!pay()) return;
        visit(item);
      }
    } else if (value.is_object()) {
      for (const core::Member& member : value.as_object()) {
        if (!pay()) return;
        visit(member.value);
      }
    }
  }

  // The step on a value and on all lists and objects below it, outer ones first (handlers.js,
  // traverser). Recursion is as deep as the document, which the parser bounds.
  void apply_below(const JsonStep& step, const Value& value) {
    if (!value.is_list() && !value.is_object()) return;
    apply(step, value);
    for_each_child(value, [&](const Value& child) { apply_below(step, child); });
  }

  void apply(const JsonStep& step, const Value& value) {
    switch (step.kind) {
      case Kind::kName:
        return apply_name(step, value);
      case Kind::kIndex:
        return add(item(value, step.index));
      case Kind::kAll:
        return for_each_child(value, [&](const Value& child) { add(&child); });
      case Kind::kSlice:
        return apply_slice(step, value);
      case Kind::kUnion:
        return apply_union(step, value);
      case Kind::kFilter:
        return for_each_child(value, [&](const Value& child) {
          if (!pay(step.expression.size)) return;
          if (evaluate(step.expression, child, root_).is_truthy()) add(&child);
        });
      case Kind::kScript:
        return apply_script(step, value);
    }
  }

  static const Value* item(const Value& value, std::int64_t index) {
    if (!value.is_list() || index < 0) return nullptr;
    const auto& items = value.as_list();
    const auto at = static_cast<std::size_t>(index);
    return at < items.size() ? &items[at] : nullptr;
  }

  void apply_name(const JsonStep& step, const Value& value) {
    if (value.is_object()) return add(value.find(step.name));
    // `..length` looks at keys only, and length is none.
    if (value.is_list() && step.name == "length" && !step.is_descendant) {
      made_.emplace_back(static_cast<std::int64_t>(value.as_list().size()));
      return add(&made_.back());
    }
    add(item(value, step.index));
  }

  // The npm package slice's rules: negative borders count from the end.
  void apply_slice(const JsonStep& step, const Value& value) {
    if (!value.is_list()) return;
    const auto size = static_cast<std::int64_t>(value.as_list().size());
    const std::int64_t stride = step.stride.value_or(1);
    const auto place = [&](std::int64_t at) { return at < 0 ? size + at : at; };
    if (stride > 0) {
      const std::int64_t end = std::min(place(step.end.value_or(size)), size);
      std::int64_t at = std::max<std::int64_t>(place(step.start.value_or(0)), 0);
      for (; at < end && !is_spent(); at += stride) add(item(value, at));
    } else {
      const std::int64_t end = step.end ? std::max<std::int64_t>(place(*step.end), -1) : -1;
      std::int64_t at = std::min(place(step.start.value_or(size - 1)), size - 1);
      for (; at > end && !is_spent(); at += stride) add(item(value, at));
    }
  }

  // Every value once, however many parts name it.
  void apply_union(const JsonStep& step, const Value& value) {
    const std::size_t begin = results_.size();
    for (const JsonStep& part : step.parts) {
      const std::size_t before = results_.size();
      apply(part, value);
      const auto first = results_.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto added = results_.begin() + static_cast<std::ptrdiff_t>(before);
      const auto is_known = [&](const Value* found) {
        pay(static_cast<std::size_t>(added - first));
        return !is_spent() && std::find(first, added, found) != added;
      };
      results_.erase(std::remove_if(added, results_.end(), is_known), results_.end());
    }
  }

  void apply_script(const JsonStep& step, const Value& value) {
    if (!pay(step.expression.size)) return;
    const Value key = evaluate(step.expression, value, root_);
    if (key.kind() == Value::Kind::kInteger) return add(item(value, key.as_integer()));
    if (key.is_string()) add(value.find(key.as_string()));
  }

  const Value& root_;
  std::size_t budget_;
  std::vector<const Value*> results_;
  std::deque<Value>
      made_;  // lengths: values that are found but in no document; a deque moves nothing
};

}  // namespace

std::vector<core::Value> walk_json(const core::Value& document, std::span<const JsonStep> steps,
                                   std::size_t budget) {
  return Walker(document, budget).run(steps);
}

}  // namespace slsart::expr::capture
