// Hot path: see architecture §9
#include "expr/capture/selector.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/text.h"
#include "expr/capture/html_document.h"
#include "expr/capture/pick.h"
#include "expr/capture/selector_program.h"

namespace slsart::expr::capture {
namespace {

using Index = HtmlDocument::Index;
using Node = HtmlDocument::Node;
using Kind = SimpleSelector::Kind;
using Compare = SimpleSelector::Compare;
constexpr Index kNone = HtmlDocument::kNone;

// Elements looked at in one search. Ordinary pages need some hundred thousand.
constexpr std::int64_t kMostSteps = 20'000'000;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

// Finds what a selector means on one page. Gives up when its steps are used up.
class Search {
 public:
  explicit Search(const HtmlDocument& page) : page_(page) {}

  bool is_exhausted() const { return steps_ < 0; }

  bool matches_any(const std::vector<ComplexSelector>& groups, Index index, Index root) {
    return std::any_of(groups.begin(), groups.end(), [&](const ComplexSelector& one) {
      return matches(one, one.parts.size() - 1, index, root);
    });
  }

 private:
  // Whether the parts up to `last` fit when `index` stands for the last one. With `root`, the first
  // part's combinator leads to it (:has).
  bool matches(const ComplexSelector& complex, std::size_t last, Index index, Index root) {
    if (!fits(complex.parts[last], index)) return false;
    const Combinator combinator = complex.parts[last].combinator;
    if (last == 0) return combinator == Combinator::kNone || leads_to(combinator, index, root);
    const auto go_on = [&](Index from) { return matches(complex, last - 1, from, root); };
    switch (combinator) {
      case Combinator::kChild: {
        const Index parent = node(index).parent;
        return parent != kNone && go_on(parent);
      }
      case Combinator::kNext: {
        const Index before = element_before(index);
        return before != kNone && go_on(before);
      }
      case Combinator::kLater:
        for (Index at = element_before(index); at != kNone; at = element_before(at)) {
          if (go_on(at)) return true;
        }
        return false;
      case Combinator::kNone:
      case Combinator::kDescendant:
        break;
    }
    for (Index at = node(index).parent; at != kNone; at = node(at).parent) {
      if (go_on(at)) return true;
    }
    return false;
  }

  bool leads_to(Combinator combinator, Index index, Index root) {
    if (combinator == Combinator::kChild) return node(index).parent == root;
    if (combinator == Combinator::kNext) return element_before(index) == root;
    if (combinator != Combinator::kLater) return true;
    for (Index at = element_before(index); at != kNone; at = element_before(at)) {
      if (at == root) return true;
    }
    return false;
  }

  const Node& node(Index index) const { return page_.node(index); }

  Index element_before(Index index) {
    Index at = node(index).previous;
    while (at != kNone && !node(at).is_element()) at = node(at).previous;
    --steps_;
    return at;
  }
  Index element_after(Index index) {
    Index at = node(index).next;
    while (at != kNone && !node(at).is_element()) at = node(at).next;
    --steps_;
    return at;
  }

  bool fits(const CompoundSelector& compound, Index index) {
    if (--steps_ < 0) return false;
    return std::all_of(compound.simples.begin(), compound.simples.end(),
                       [&](const SimpleSelector& simple) { return fits(simple, index); });
  }

  bool fits(const SimpleSelector& simple, Index index) {
    switch (simple.kind) {
      case Kind::kTag:
        return core::equals_ignoring_case(node(index).name, simple.name);
      case Kind::kAttribute:
        return fits_attribute(simple, node(index));
      case Kind::kNth:
        return fits_position(simple, index);
      case Kind::kOnly:
        return sibling_count(index, false, simple.of_type) == 0 &&
               sibling_count(index, true, simple.of_type) == 0;
      case Kind::kEmpty:
        return node(index).first_child == kNone;
      case Kind::kRoot:
        return index == 0;
      case Kind::kContains: {
        std::string text;
        page_.append_text(index, text);
        steps_ -= static_cast<std::int64_t>(text.size() / 16);
        return text.find(simple.value) != std::string::npos;
      }
      case Kind::kNot:
        return !matches_any(simple.inner, index, kNone);
      case Kind::kIs:
        return matches_any(simple.inner, index, kNone);
      case Kind::kHas:
        return has(simple, index);
    }
    return false;
  }

  // The elements looked at are those below, or behind for `+` and `~`.
  bool has(const SimpleSelector& simple, Index root) {
    const auto is_sideways = [](const ComplexSelector& one) {
      const Combinator first = one.parts.front().combinator;
      return first == Combinator::kNext || first == Combinator::kLater;
    };
    const Index top = std::any_of(simple.inner.begin(), simple.inner.end(), is_sideways)
                          ? node(root).parent
                          : root;
    for (Index at = root + 1; at < page_.nodes().size() && is_below(at, top); ++at) {
      if (steps_ < 0) return false;
      const auto holds = [&](const ComplexSelector& one) {
        if (!is_sideways(one) && !is_below(at, root)) return false;
        return matches(one, one.parts.size() - 1, at, root);
      };
      if (node(at).is_element() && std::any_of(simple.inner.begin(), simple.inner.end(), holds))
        return true;
    }
    return false;
  }

  bool is_below(Index index, Index ancestor) {
    if (ancestor == kNone) return true;
    while (index > ancestor) {
      --steps_;
      index = node(index).parent;
      if (index == kNone) return false;
    }
    return index == ancestor;
  }

  bool fits_attribute(const SimpleSelector& simple, const Node& element) {
    const HtmlDocument::Attribute* const found = page_.find_attribute(element, simple.name);
    if (found == nullptr) return simple.compare == Compare::kUnequal;
    if (simple.compare == Compare::kPresent) return true;
    std::string_view value = found->value;
    std::string decoded;
    if (value.find('&') != std::string_view::npos) {
      append_decoded(value, decoded);
      value = decoded;
    }
    if (!simple.ignores_case) return compare(simple.compare, value, simple.value);
    return compare(simple.compare, core::to_lower(value), core::to_lower(simple.value));
  }

  static bool compare(Compare how, std::string_view value, std::string_view wanted) {
    switch (how) {
      case Compare::kPresent:
        return true;
      case Compare::kEqual:
        return value == wanted;
      case Compare::kUnequal:
        return value != wanted;
      case Compare::kDash:
        return value.starts_with(wanted) &&
               (value.size() == wanted.size() || value[wanted.size()] == '-');
      case Compare::kPrefix:
        return !wanted.empty() && value.starts_with(wanted);
      case Compare::kSuffix:
        return !wanted.empty() && value.ends_with(wanted);
      case Compare::kPart:
        return !wanted.empty() && value.find(wanted) != std::string_view::npos;
      case Compare::kWord:
        return has_word(value, wanted);
    }
    return false;
  }

  static bool has_word(std::string_view value, std::string_view word) {
    if (word.empty()) return false;
    for (std::size_t at = value.find(word); at != std::string_view::npos;
         at = value.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      if ((at == 0 || is_blank(value[at - 1])) && (end == value.size() || is_blank(value[end])))
        return true;
    }
    return false;
  }

  std::int64_t sibling_count(Index index, bool after, bool of_type) {
    std::int64_t count = 0;
    const auto step = [&](Index from) {
      return after ? element_after(from) : element_before(from);
    };
    for (Index at = step(index); at != kNone && steps_ >= 0; at = step(at)) {
      if (!of_type || core::equals_ignoring_case(node(at).name, node(index).name)) ++count;
    }
    return count;
  }

  bool fits_position(const SimpleSelector& simple, Index index) {
    if (simple.a == 0 && simple.b == 1 && !simple.of_type) {
      return (simple.from_end ? element_after(index) : element_before(index)) == kNone;
    }
    const std::int64_t position = sibling_count(index, simple.from_end, simple.of_type) + 1;
    const std::int64_t left = position - simple.b;
    if (simple.a == 0) return left == 0;
    return left % simple.a == 0 && left / simple.a >= 0;
  }

  const HtmlDocument& page_;
  std::int64_t steps_ = kMostSteps;
};

core::Value value_of(const HtmlDocument& page, Index index, const SelectionOptions& options) {
  std::string text;
  if (options.attr.empty()) {
    page.append_text(index, text);
    return core::Value(std::move(text));
  }
  const HtmlDocument::Attribute* const found = page.find_attribute(page.node(index), options.attr);
  if (found == nullptr) return {};
  append_decoded(found->value, text);
  return core::Value(std::move(text));
}

}  // namespace

core::Result<Selector> Selector::compile(std::string_view text, const SelectionOptions& options) {
  auto groups = parse_selector(text);
  if (!groups) return std::move(groups).error();
  Selector selector;
  selector.program_ =
      std::make_shared<const Program>(Program{.groups = *std::move(groups), .options = options});
  return selector;
}

core::Value Selector::find(std::string_view text, core::Rng& rng) const {
  thread_local HtmlDocument page;
  thread_local std::vector<Index> found;
  page.read(text);
  found.clear();
  Search search(page);
  const SelectionOptions& options = program_->options;
  for (Index index = 0; index < page.nodes().size(); ++index) {
    if (!page.node(index).is_element()) continue;
    if (!search.matches_any(program_->groups, index, kNone)) continue;
    found.push_back(index);
    if (is_enough(options, found.size())) break;
  }
  if (search.is_exhausted()) return {};
  return pick(options, found.size(), rng,
              [&](std::size_t i) { return value_of(page, found[i], options); });
}

}  // namespace slsart::expr::capture
