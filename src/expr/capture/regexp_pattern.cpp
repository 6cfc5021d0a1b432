#include "expr/capture/regexp_pattern.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/text.h"
#include "expr/detail/path.h"

namespace slsart::expr::capture {
namespace {

// JavaScript's \s beyond PCRE2's, which is ASCII.
constexpr std::string_view kMoreBlanks =
    "\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_octal(char c) {
  return c >= '0' && c <= '7';
}
bool is_letter(char c) {
  return detail::is_word(c) && !is_digit(c) && c != '_';
}

core::Error fault(std::size_t offset, std::string message) {
  return core::Error{.code = core::ErrorCode::kInvalidInput,
                     .message = std::move(message),
                     .hint = {},
                     .offset = offset};
}

// What a class or an escape stands for: one character, or text that stands for several.
struct Atom {
  std::uint32_t character = 0;
  std::string set;  // if not empty: PCRE2's text for a set of characters
};

std::string hex(std::uint32_t character) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), character, 16).ptr;
  return "\\x{" + std::string(digits.data(), end) + "}";
}

// Unicode's long names of general categories, as far as patterns use them; PCRE2 knows the short
// ones.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kCategories = {{
    {"Letter", "L"},
    {"Lowercase_Letter", "Ll"},
    {"Uppercase_Letter", "Lu"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"Letter_Number", "Nl"},
    {"Punctuation", "P"},
    {"Symbol", "S"},
    {"Currency_Symbol", "Sc"},
    {"Math_Symbol", "Sm"},
    {"Separator", "Z"},
    {"Other", "C"},
}};

class Translator {
 public:
  Translator(std::string_view source, RegexpMode mode)
      : source_(source), is_unicode_(mode == RegexpMode::kUnicode) {}

  core::Result<RegexpPattern> run() {
    if (auto known = find_groups(); !known) return std::move(known).error();
    while (at_ < source_.size()) {
      begin_ = at_;
      if (auto read = term(); !read) return std::move(read).error();
    }
    if (!open_.empty()) return fault(open_.back(), "this group is never closed");
    pattern_.offsets.push_back(static_cast<std::uint32_t>(source_.size()));
    return std::move(pattern_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  bool starts(std::string_view text) const { return source_.substr(at_, text.size()) == text; }
  // Appends text that stems from the term being read.
  void emit(std::string_view text) {
    pattern_.text += text;
    pattern_.offsets.resize(pattern_.text.size(), static_cast<std::uint32_t>(begin_));
  }

  // References may come before their group, so groups are counted first.
  core::Result<void> find_groups() {
    bool in_class = false;
    for (std::size_t i = 0; i < source_.size(); ++i) {
      const char c = source_[i];
      if (c == '\\') {
        ++i;
      } else if (in_class ? c == ']' : c == '[') {
        in_class = !in_class;
      } else if (c == '(' && !in_class) {
        if (auto read = note_group(i); !read) return read;
      }
    }
    return {};
  }

  core::Result<void> note_group(std::size_t at) {
    if (source_.substr(at + 1, 1) != "?") {
      ++pattern_.group_count;
      return {};
    }
    if (source_.substr(at + 1, 2) != "?<") return {};
    if (source_.substr(at + 3, 1) == "=" || source_.substr(at + 3, 1) == "!") return {};
    const auto name = group_name(at + 3);
    if (!name) return fault(at + 3, "a group's name is missing or has a character it cannot have");
    if (number_of(*name)) return fault(at + 3, "two groups have this name");
    pattern_.group_names.emplace_back(*name, ++pattern_.group_count);
    return {};
  }

  std::optional<std::string> group_name(std::size_t begin) const {
    std::size_t end = begin;
    while (end < source_.size() && (detail::is_word(source_[end]) || source_[end] == '$' ||
                                    static_cast<unsigned char>(source_[end]) >= 0x80)) {
      ++end;
    }
    if (end == begin || is_digit(source_[begin]) || source_.substr(end, 1) != ">") {
      return std::nullopt;
    }
    return std::string(source_.substr(begin, end - begin));
  }

  std::optional<std::uint32_t> number_of(std::string_view name) const {
    for (const auto& [known, number] : pattern_.group_names) {
      if (known == name) return number;
    }
    return std::nullopt;
  }

  core::Result<void> term() {
    switch (peek()) {
      case '(':
        return open_group();
      case ')':
        return close_group();
      case '[':
        return char_class();
      case '\\':
        return escape();
      case '*':
      case '+':
      case '?':
        return quantifier(1);
      case '{':
        return brace();
      case ']':
      case '}':
        if (is_unicode_) return fault(at_, "this bracket closes nothing");
        emit(peek() == ']' ? "\\]" : "\\}");
        return step_over(1, true);
      case '|':
      case '^':
      case '$':
        emit(source_.substr(at_, 1));
        return step_over(1, false);
      default:
        emit(source_.substr(at_, 1));
        return step_over(1, true);
    }
  }

  core::Result<void> step_over(std::size_t size, bool is_repeatable) {
    at_ += size;
    is_repeatable_ = is_repeatable;
    return {};
  }

  core::Result<void> open_group() {
    open_.push_back(at_);
    for (const std::string_view opening : {"(?:", "(?=", "(?!", "(?<=", "(?<!"}) {
      if (!starts(opening)) continue;
      lookbehinds_.push_back(opening.size() == 4);
      emit(opening);
      return step_over(opening.size(), false);
    }
    lookbehinds_.push_back(false);
    emit("(");
    const auto name = starts("(?<") ? group_name(at_ + 3) : std::nullopt;
    if (name) return step_over(name->size() + 4, false);
    if (starts("(?")) return fault(at_, "JavaScript has no group of this kind");
    return step_over(1, false);
  }

  core::Result<void> close_group() {
    if (open_.empty()) return fault(at_, "this parenthesis closes nothing");
    const bool is_lookbehind = lookbehinds_.back();
    open_.pop_back();
    lookbehinds_.pop_back();
    emit(")");
    return step_over(1, !is_lookbehind);
  }

  // The `?` of lazy quantifiers is taken along, so any further mark has nothing to repeat.
  core::Result<void> quantifier(std::size_t size) {
    if (!is_repeatable_) return fault(at_, "there is nothing to repeat");
    if (peek(size) == '?') ++size;
    emit(source_.substr(at_, size));
    return step_over(size, false);
  }

  core::Result<void> brace() {
    std::size_t i = at_ + 1;
    const auto skip_digits = [&] {
      const std::size_t first = i;
      while (i < source_.size() && is_digit(source_[i])) ++i;
      return i > first;
    };
    bool is_quantifier = skip_digits();
    if (is_quantifier && source_.substr(i, 1) == ",") {
      ++i;
      skip_digits();
    }
    is_quantifier = is_quantifier && source_.substr(i, 1) == "}";
    if (is_quantifier) return quantifier(i + 1 - at_);
    if (is_unicode_) return fault(at_, "this quantifier is not complete");
    emit("\\{");
    return step_over(1, true);
  }

  core::Result<void> escape() {
    const char c = peek(1);
    if (c == 'b' || c == 'B') {
      emit(source_.substr(at_, 2));
      return step_over(2, false);
    }
    if (c >= '1' && c <= '9') {
      if (const auto size = back_reference()) return step_over(size, true);
    }
    if (c == 'k' && (is_unicode_ || !pattern_.group_names.empty())) return named_reference();
    auto atom = escaped_atom();
    if (!atom) return std::move(atom).error();
    if (atom->set.empty()) {
      emit(is_surrogate(atom->character) ? "(?!)" : hex(atom->character));
    } else {
      emit(atom->set == "\\S" ? "[^\\s" + std::string(kMoreBlanks) + "]" : "[" + atom->set + "]");
    }
    is_repeatable_ = true;
    return {};
  }

  // A number of a group there is; its length in the source, else 0.
  std::size_t back_reference() {
    std::size_t end = at_ + 1;
    while (end < source_.size() && is_digit(source_[end])) ++end;
    const auto number = core::parse_integer(source_.substr(at_ + 1, end - at_ - 1));
    if (!number || *number > pattern_.group_count) return 0;
    emit("\\g{" + std::to_string(*number) + "}");
    return end - at_;
  }

  core::Result<void> named_reference() {
    const auto name = peek(2) == '<' ? group_name(at_ + 3) : std::nullopt;
    const auto number = name ? number_of(*name) : std::nullopt;
    if (!number) return fault(at_, "there is no group of this name");
    emit("\\g{" + std::to_string(*number) + "}");
    return step_over(name->size() + 4, true);
  }

  static bool is_surrogate(std::uint32_t c) { return c >= 0xD800 && c < 0xE000; }

  std::optional<std::uint32_t> hex_digits(std::size_t begin, std::size_t size) const {
    if (size == 0 || begin + size > source_.size()) return std::nullopt;
    std::uint32_t value = 0;
    const char* first = source_.data() + begin;
    const auto [end, error] = std::from_chars(first, first + size, value, 16);
    if (error != std::errc() || end != first + size) return std::nullopt;
    return value;
  }

  // An escape that means a character or a set of them, in a class or outside.
  core::Result<Atom> escaped_atom() {
    const std::size_t begin = at_;
    ++at_;
    if (at_ >= source_.size()) return fault(begin, "the pattern ends with a lone backslash");
    const char c = source_[at_++];
    switch (c) {
      case 'd':
      case 'D':
      case 'w':
      case 'W':
      case 'S':
        return Atom{0, std::string("\\") + c};
      case 's':
        return Atom{0, "\\s" + std::string(kMoreBlanks)};
      case 't':
        return Atom{'\t', {}};
      case 'n':
        return Atom{'\n', {}};
      case 'v':
        return Atom{'\v', {}};
      case 'f':
        return Atom{'\f', {}};
      case 'r':
        return Atom{'\r', {}};
      case 'x':
      case 'u':
        return coded_character(c, begin);
      case 'c':
        return control_character(begin);
      case 'p':
      case 'P':
        if (is_unicode_) return property(c, begin);
        break;
      default:
        break;
    }
    if (is_digit(c)) return octal_character(c, begin);
    return identity(c, begin);
  }

  core::Result<Atom> identity(char c, std::size_t begin) {
    constexpr std::string_view kSyntax = "^$\\.*+?()[]{}|/-";
    if (is_unicode_ && kSyntax.find(c) == std::string_view::npos) {
      return fault(begin, "JavaScript has no such escape");
    }
    --at_;
    return plain_atom();
  }

  core::Result<Atom> coded_character(char c, std::size_t begin) {
    if (c == 'u' && is_unicode_ && peek() == '{') {
      const std::size_t close = source_.find('}', at_);
      const auto code = close == std::string_view::npos || close - at_ > 9
                            ? std::nullopt
                            : hex_digits(at_ + 1, close - at_ - 1);
      if (!code || *code > 0x10FFFF) return fault(begin, "this is no character");
      at_ = close + 1;
      return Atom{*code, {}};
    }
    const std::size_t size = c == 'x' ? 2 : 4;
    const auto code = hex_digits(at_, size);
    if (!code) {
      if (is_unicode_) return fault(begin, "this is no character");
      return Atom{static_cast<std::uint32_t>(c), {}};
    }
    at_ += size;
    return Atom{size == 4 ? with_low_surrogate(*code) : *code, {}};
  }

  // Both halves of a surrogate pair are one character in UTF-8.
  std::uint32_t with_low_surrogate(std::uint32_t high) {
    if (high < 0xD800 || high >= 0xDC00 || !starts("\\u")) return high;
    const auto low = hex_digits(at_ + 2, 4);
    if (!low || *low < 0xDC00 || *low >= 0xE000) return high;
    at_ += 6;
    return 0x10000 + ((high - 0xD800) << 10) + (*low - 0xDC00);
  }

  core::Result<Atom> control_character(std::size_t begin) {
    if (is_letter(peek())) return Atom{static_cast<std::uint32_t>(source_[at_++]) & 31, {}};
    if (is_unicode_) return fault(begin, "JavaScript has no such escape");
    at_ = begin + 1;  // the backslash stands for itself
    return Atom{'\\', {}};
  }

  core::Result<Atom> octal_character(char c, std::size_t begin) {
    if (is_unicode_ && (c != '0' || is_digit(peek()))) {
      return fault(begin, "there is no group of this number");
    }
    if (!is_octal(c)) return Atom{static_cast<std::uint32_t>(c), {}};
    auto value = static_cast<std::uint32_t>(c - '0');
    const int most = c <= '3' ? 2 : 1;
    for (int i = 0; i < most && is_octal(peek()); ++i) {
      value = value * 8 + static_cast<std::uint32_t>(source_[at_++] - '0');
    }
    return Atom{value, {}};
  }

  core::Result<Atom> property(char c, std::size_t begin) {
    const std::size_t close = source_.find('}', at_);
    if (peek() != '{' || close == std::string_view::npos) {
      return fault(begin, "this property is not complete");
    }
    std::string name(source_.substr(at_ + 1, close - at_ - 1));
    at_ = close + 1;
    for (const std::string_view prefix : {"General_Category=", "gc="}) {
      if (name.starts_with(prefix)) name.erase(0, prefix.size());
    }
    for (const auto& [long_name, short_name] : kCategories) {
      if (name == long_name) name = short_name;
    }
    if (name == "ASCII") return Atom{0, c == 'p' ? "\\x{0}-\\x{7f}" : "\\x{80}-\\x{10ffff}"};
    const bool is_word = std::all_of(name.begin(), name.end(), [](char letter) {
      return detail::is_word(letter) || letter == '=';
    });
    if (!is_word || name.empty()) return fault(begin, "there is no such property");
    std::replace(name.begin(), name.end(), '=', ':');
    return Atom{0, std::string("\\") + c + "{" + name + "}"};
  }

  // The UTF-8 character at the cursor; a byte that begins none stands for itself.
  Atom plain_atom() {
    const auto first = static_cast<unsigned char>(source_[at_]);
    const std::size_t size = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t c = size == 1 ? first : first & (0xFFU >> (size + 1));
    if (at_ + size > source_.size())
      return Atom{static_cast<std::uint32_t>(source_[at_++]) & 0xFF, {}};
    for (std::size_t i = 1; i < size; ++i) {
      c = (c << 6) | (static_cast<unsigned char>(source_[at_ + i]) & 0x3F);
    }
    at_ += size;
    return Atom{c, {}};
  }

  core::Result<void> char_class() {
    const std::size_t begin = at_;
    const bool is_negated = peek(1) == '^';
    emit(is_negated ? "[^" : "[");
    at_ += is_negated ? 2 : 1;
    while (peek() != ']' || at_ >= source_.size()) {
      if (at_ >= source_.size()) return fault(begin, "this class is never closed");
      begin_ = at_;
      if (auto read = class_range(); !read) return read;
    }
    begin_ = at_;
    emit("]");
    return step_over(1, true);
  }

  core::Result<Atom> class_atom() {
    if (peek() != '\\') return plain_atom();
    if (peek(1) != 'b') return escaped_atom();
    at_ += 2;
    return Atom{'\b', {}};
  }

  core::Result<void> class_range() {
    auto low = class_atom();
    if (!low) return std::move(low).error();
    const bool is_range = peek() == '-' && at_ + 1 < source_.size() && peek(1) != ']';
    if (!is_range) {
      emit_member(*low);
      return {};
    }
    ++at_;
    auto high = class_atom();
    if (!high) return std::move(high).error();
    if (!low->set.empty() || !high->set.empty()) {
      if (is_unicode_) return fault(begin_, "a set cannot be a border of a range");
      emit_member(*low);
      emit("\\-");
      emit_member(*high);
    } else if (low->character > high->character) {
      return fault(begin_, "the range is out of order");
    } else {
      emit_range(low->character, high->character);
    }
    return {};
  }

  void emit_member(const Atom& atom) {
    if (!atom.set.empty()) {
      emit(atom.set);
    } else if (!is_surrogate(atom.character)) {
      emit(hex(atom.character));
    }
  }

  // Halves of pairs are no characters in UTF-8 and cannot be borders there.
  void emit_range(std::uint32_t low, std::uint32_t high) {
    if (is_surrogate(low)) low = 0xE000;
    if (is_surrogate(high)) high = 0xD7FF;
    if (low <= high) emit(hex(low) + "-" + hex(high));
  }

  std::string_view source_;
  bool is_unicode_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;  // of the term being read
  RegexpPattern pattern_;
  std::vector<std::size_t> open_;  // where groups begin
  std::vector<bool> lookbehinds_;  // and which of them cannot be repeated
  bool is_repeatable_ = false;
};

}  // namespace

core::Result<RegexpPattern> translate_regexp(std::string_view source, RegexpMode mode) {
  return Translator(source, mode).run();
}

}  // namespace slsart::expr::capture
