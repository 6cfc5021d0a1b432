#include "expr/detail/slot_parser.h"

#include <utility>

#include "core/text.h"

namespace slsart::expr::detail {
namespace {

std::string known_functions() {
  std::string names = "the functions are";
  const char* separator = " ";
  for (const Function& function : functions()) {
    names.append(separator).append(function.name);
    separator = ", ";
  }
  return names;
}

class SlotParser {
 public:
  SlotParser(std::string_view text, std::size_t begin, Letters letters)
      : text_(text), at_(begin), letters_(letters) {}

  core::Result<SlotText> parse() {
    skip_blanks();
    return is_call() ? call() : path();
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  static core::Error fault(std::size_t offset, std::string message) {
    return core::Error{.code = core::ErrorCode::kInvalidInput,
                       .message = std::move(message),
                       .hint = {},
                       .offset = offset};
  }

  bool is_call() const {
    if (peek() != '$') return false;
    std::size_t i = at_ + 1;
    while (i < text_.size() && is_word(text_[i])) ++i;
    while (i < text_.size() && (text_[i] == ' ' || text_[i] == '\t')) ++i;
    return i < text_.size() && text_[i] == '(';
  }

  core::Result<SlotText> path() {
    const std::size_t begin = at_;
    auto found = parse_path(text_, begin, letters_);
    if (!found) return std::move(found).error();
    SlotText slot;
    slot.end = found->end;
    slot.literal = core::trim(text_.substr(begin, slot.end - begin));
    slot.path = *std::move(found);
    return slot;
  }

  core::Result<SlotText> call() {
    const std::size_t begin = at_++;
    while (is_word(peek())) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    SlotText slot;
    slot.function = find_function(name);
    if (slot.function == nullptr) return unknown_function(name, begin);
    skip_blanks();
    ++at_;  // the parenthesis
    if (auto read = arguments(slot); !read) return std::move(read).error();
    if (slot.arguments.size() < slot.function->min_arguments) {
      return fault(at_ - 1, std::string(name) + " needs more arguments");
    }
    skip_blanks();
    slot.end = at_;
    return slot;
  }

  static core::Error unknown_function(std::string_view name, std::size_t offset) {
    std::vector<std::string_view> known;
    for (const Function& function : functions()) known.push_back(function.name);
    const std::string_view nearest = core::nearest_name(name, known);
    return core::Error{
        .code = core::ErrorCode::kNotFound,
        .message = "there is no function " + std::string(name),
        .hint = nearest.empty() ? known_functions() : "did you mean " + std::string(nearest) + "?",
        .offset = offset};
  }

  core::Result<void> arguments(SlotText& slot) {
    for (skip_blanks(); peek() != ')'; skip_blanks()) {
      if (!slot.arguments.empty()) {
        if (peek() != ',') return fault(at_, "\",\" or \")\" is missing");
        ++at_;
        skip_blanks();
      }
      const std::size_t begin = at_;
      if (slot.arguments.size() == slot.function->max_arguments) {
        return fault(begin, std::string(slot.function->name) + " takes fewer arguments");
      }
      auto value = argument();
      if (!value) return std::move(value).error();
      if (slot.function->argument_kind == ArgumentKind::kInteger && !as_integer(*value)) {
        return fault(begin, std::string(slot.function->name) + " takes whole numbers");
      }
      slot.arguments.push_back(*std::move(value));
    }
    ++at_;
    return {};
  }

  // Quoted numbers count as numbers, as in JavaScript's arithmetic.
  static bool as_integer(core::Value& value) {
    if (value.kind() == core::Value::Kind::kInteger) return true;
    const auto number = core::parse_integer(value.as_string());
    if (number) value = core::Value(*number);
    return number.has_value();
  }

  core::Result<core::Value> argument() {
    const std::size_t begin = at_;
    if (peek() == '"' || peek() == '\'') {
      const std::size_t close = text_.find(peek(), begin + 1);
      if (close == std::string_view::npos) return fault(begin, "this quote is never closed");
      at_ = close + 1;
      return core::Value(text_.substr(begin + 1, close - begin - 1));
    }
    while (is_word(peek()) || peek() == '-' || peek() == '$' || peek() == '.') ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.empty()) return fault(begin, "an argument is a whole number, a word or quoted text");
    const bool is_numeric = word.front() == '-' || (word.front() >= '0' && word.front() <= '9');
    if (!is_numeric) return core::Value(word);
    const auto number = core::parse_integer(word);
    if (!number) return fault(begin, "this is no whole number");
    return core::Value(*number);
  }

  std::string_view text_;
  std::size_t at_;
  Letters letters_;
};

}  // namespace

core::Result<SlotText> parse_slot(std::string_view text, std::size_t begin, Letters letters) {
  return SlotParser(text, begin, letters).parse();
}

}  // namespace slsart::expr::detail
