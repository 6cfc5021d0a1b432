#include <array>
#include <utility>

#include "core/text.h"
#include "expr/capture/selector_program.h"

namespace slsart::expr::capture {
namespace {

using Kind = SimpleSelector::Kind;
using Compare = SimpleSelector::Compare;

constexpr int kMaxNesting = 8;
constexpr std::size_t kMaxLength = 10'000;

core::Error fault(std::size_t offset, std::string message, std::string hint = {}) {
  return core::Error{.code = core::ErrorCode::kInvalidInput,
                     .message = std::move(message),
                     .hint = std::move(hint),
                     .offset = offset};
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_identifier(char c) {
  const char low = static_cast<char>(c | 0x20);
  return (low >= 'a' && low <= 'z') || is_digit(c) || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

SimpleSelector nth(bool from_end, bool of_type, int a = 0, int b = 1) {
  return {.kind = Kind::kNth, .from_end = from_end, .of_type = of_type, .a = a, .b = b};
}
SimpleSelector only(bool of_type) {
  return {.kind = Kind::kOnly, .of_type = of_type};
}
SimpleSelector attribute(std::string_view name, Compare compare = Compare::kPresent,
                         std::string_view value = {}) {
  return {.kind = Kind::kAttribute,
          .compare = compare,
          .name = std::string(name),
          .value = std::string(value)};
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  core::Result<std::vector<ComplexSelector>> parse() {
    if (text_.size() > kMaxLength) return fault(0, "the selector is too long");
    auto groups = list();
    if (!groups) return groups;
    if (at_ < text_.size()) return unexpected();
    return groups;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (is_blank(peek())) ++at_;
  }
  core::Error unexpected() const {
    if (at_ >= text_.size()) return fault(text_.size(), "the selector ends too early");
    return fault(at_, "this does not belong into a selector: " + std::string(1, text_[at_]),
                 "for example: div.item > a[href^='/p/']");
  }

  core::Result<std::vector<ComplexSelector>> list() {
    std::vector<ComplexSelector> groups;
    for (;;) {
      auto one = complex();
      if (!one) return std::move(one).error();
      groups.push_back(*std::move(one));
      if (peek() != ',') return groups;
      ++at_;
    }
  }

  core::Result<ComplexSelector> complex() {
    ComplexSelector result;
    Combinator combinator = Combinator::kNone;
    skip_blanks();
    // `:has(> a)`: the combinator stands before the first part.
    if (nesting_ > 0) combinator = take_combinator(Combinator::kNone);
    for (;;) {
      auto part = compound();
      if (!part) return std::move(part).error();
      part->combinator = combinator;
      result.parts.push_back(*std::move(part));
      const bool was_blank = is_blank(peek());
      skip_blanks();
      combinator = take_combinator(was_blank ? Combinator::kDescendant : Combinator::kNone);
      const bool ends = peek() == '\0' || peek() == ',' || peek() == ')';
      const bool is_explicit =
          combinator != Combinator::kNone && combinator != Combinator::kDescendant;
      if (ends && !is_explicit) return result;
      if (combinator == Combinator::kNone) return unexpected();
    }
  }

  Combinator take_combinator(Combinator otherwise) {
    const char c = peek();
    if (c != '>' && c != '+' && c != '~') return otherwise;
    ++at_;
    skip_blanks();
    return c == '>' ? Combinator::kChild : c == '+' ? Combinator::kNext : Combinator::kLater;
  }

  core::Result<CompoundSelector> compound() {
    CompoundSelector result;
    const std::size_t begin = at_;
    if (peek() == '*') {
      ++at_;
    } else if (is_identifier(peek()) || peek() == '\\') {
      auto name = identifier();
      if (!name) return std::move(name).error();
      result.simples.push_back({.kind = Kind::kTag, .name = core::to_lower(*name)});
    }
    for (;;) {
      core::Result<SimpleSelector> simple = fault(at_, "");
      switch (peek()) {
        case '#':
        case '.':
          simple = id_or_class();
          break;
        case '[':
          simple = in_brackets();
          break;
        case ':':
          simple = pseudo();
          break;
        default:
          if (at_ == begin) return unexpected();
          return result;
      }
      if (!simple) return std::move(simple).error();
      result.simples.push_back(*std::move(simple));
    }
  }

  core::Result<std::string> identifier() {
    std::string name;
    const std::size_t begin = at_;
    while (at_ < text_.size()) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        name += text_[at_ + 1];  // `\:` is a colon; code points are not needed by anyone
        at_ += 2;
      } else if (is_identifier(text_[at_])) {
        name += text_[at_++];
      } else {
        break;
      }
    }
    if (name.empty()) return at_ > begin ? fault(begin, "expected a name") : unexpected();
    return name;
  }

  core::Result<SimpleSelector> id_or_class() {
    const bool is_id = text_[at_++] == '#';
    auto name = identifier();
    if (!name) return std::move(name).error();
    return is_id ? attribute("id", Compare::kEqual, *name)
                 : attribute("class", Compare::kWord, *name);
  }

  core::Result<std::string> text_or_identifier() {
    const char quote = peek();
    if (quote != '"' && quote != '\'') return identifier();
    const std::size_t begin = at_++;
    std::string value;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_++];
    }
    if (at_ >= text_.size()) return fault(begin, "this quote is never closed");
    ++at_;
    return value;
  }

  core::Result<SimpleSelector> in_brackets() {
    const std::size_t begin = at_++;
    skip_blanks();
    auto name = identifier();
    if (!name) return std::move(name).error();
    SimpleSelector result = attribute(core::to_lower(*name));
    skip_blanks();
    if (peek() != ']') {
      if (auto read = comparison(result); !read) return std::move(read).error();
    }
    if (at_ >= text_.size()) return fault(begin, "this bracket is never closed");
    if (peek() != ']') return unexpected();
    ++at_;
    return result;
  }

  core::Result<void> comparison(SimpleSelector& into) {
    constexpr std::array kSigns{
        std::pair{'~', Compare::kWord},   std::pair{'|', Compare::kDash},
        std::pair{'^', Compare::kPrefix}, std::pair{'$', Compare::kSuffix},
        std::pair{'*', Compare::kPart},   std::pair{'!', Compare::kUnequal}};
    into.compare = Compare::kEqual;
    for (const auto& [sign, compare] : kSigns) {
      if (peek() != sign) continue;
      into.compare = compare;
      ++at_;
      break;
    }
    if (peek() != '=') return unexpected();
    ++at_;
    skip_blanks();
    auto value = text_or_identifier();
    if (!value) return std::move(value).error();
    into.value = *std::move(value);
    skip_blanks();
    if ((peek() | 0x20) == 'i' || (peek() | 0x20) == 's') {
      into.ignores_case = (peek() | 0x20) == 'i';
      ++at_;
      skip_blanks();
    }
    return {};
  }

  core::Result<SimpleSelector> pseudo() {
    const std::size_t begin = at_++;
    auto written = identifier();
    if (!written) return std::move(written).error();
    const std::string name = core::to_lower(*written);
    const std::pair<std::string_view, SimpleSelector> plain[] = {
        {"first-child", nth(false, false)},  {"last-child", nth(true, false)},
        {"first-of-type", nth(false, true)}, {"last-of-type", nth(true, true)},
        {"only-child", only(false)},         {"only-of-type", only(true)},
        {"empty", {.kind = Kind::kEmpty}},   {"root", {.kind = Kind::kRoot}},
        {"checked", attribute("checked")},   {"selected", attribute("selected")},
        {"disabled", attribute("disabled")},
    };
    for (const auto& [known, selector] : plain) {
      if (known == name) return selector;
    }
    if (name == "enabled") {
      SimpleSelector result{.kind = Kind::kNot};
      result.inner.push_back({.parts = {{.simples = {attribute("disabled")}}}});
      return result;
    }
    return pseudo_with_argument(name, begin);
  }

  core::Result<SimpleSelector> pseudo_with_argument(const std::string& name, std::size_t begin) {
    SimpleSelector result;
    const bool is_nth = name.starts_with("nth-");
    if (is_nth) {
      result = nth(name.starts_with("nth-last-"), name.ends_with("of-type"));
      if (!name.ends_with("-child") && !name.ends_with("-of-type")) return unknown(begin);
    } else if (name == "not") {
      result.kind = Kind::kNot;
    } else if (name == "is" || name == "where" || name == "matches") {
      result.kind = Kind::kIs;
    } else if (name == "has") {
      result.kind = Kind::kHas;
    } else if (name == "contains") {
      result.kind = Kind::kContains;
    } else {
      return unknown(begin);
    }
    if (peek() != '(') return fault(at_, "\":" + name + "\" needs an argument in brackets");
    const std::size_t opening = at_++;
    skip_blanks();
    if (auto read = argument(result); !read) return std::move(read).error();
    skip_blanks();
    if (at_ >= text_.size()) return fault(opening, "this bracket is never closed");
    if (peek() != ')') return unexpected();
    ++at_;
    return result;
  }

  core::Result<void> argument(SimpleSelector& into) {
    if (into.kind == Kind::kNth) return steps(into);
    if (into.kind == Kind::kContains) {
      auto value = text_or_identifier();
      if (!value) return std::move(value).error();
      into.value = *std::move(value);
      return {};
    }
    if (++nesting_ > kMaxNesting) return fault(at_, "the selector is nested too deeply");
    auto inner = list();
    --nesting_;
    if (!inner) return std::move(inner).error();
    into.inner = *std::move(inner);
    return {};
  }

  core::Error unknown(std::size_t begin) const {
    return core::Error{.code = core::ErrorCode::kUnsupported,
                       .message = "this pseudo-class is not known here",
                       .hint =
                           "known are :first-child, :last-child, :nth-child(), :not(), :is(), "
                           ":has(), :contains(), :empty and others; which of several elements "
                           "is taken is said by index",
                       .offset = begin};
  }

  // 3, odd, even, 2n+1, -n+3
  core::Result<void> steps(SimpleSelector& into) {
    const std::size_t begin = at_;
    const std::size_t end = std::min(text_.find(')', at_), text_.size());
    std::string text;
    for (; at_ < end; ++at_) {
      if (!is_blank(text_[at_])) text += static_cast<char>(core::to_lower(text_.substr(at_, 1))[0]);
    }
    if (text == "odd") text = "2n+1";
    if (text == "even") text = "2n";
    const std::size_t n = text.find('n');
    std::string_view before = n == std::string::npos ? "" : std::string_view(text).substr(0, n);
    std::string_view after = n == std::string::npos ? text : std::string_view(text).substr(n + 1);
    const auto number = [](std::string_view digits) -> std::optional<int> {
      if (digits.starts_with('+')) digits.remove_prefix(1);
      const auto value = core::parse_integer(digits);
      constexpr std::int64_t kMost = 1'000'000;
      if (!value || *value > kMost || *value < -kMost) return std::nullopt;
      return static_cast<int>(*value);
    };
    std::optional<int> a = 0;
    if (n != std::string::npos) {
      a = before.empty() || before == "+" ? 1 : before == "-" ? -1 : number(before);
    }
    const std::optional<int> b = after.empty() && n != std::string::npos ? 0 : number(after);
    if (!a || !b) return fault(begin, "expected a position such as 2, odd or 3n+1");
    into.a = *a;
    into.b = *b;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int nesting_ = 0;
};

}  // namespace

core::Result<std::vector<ComplexSelector>> parse_selector(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace slsart::expr::capture
