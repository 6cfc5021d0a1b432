#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "core/text.h"
#include "expr/capture/json_expression.h"
#include "expr/detail/path.h"

namespace slsart::expr::capture {
namespace {

using Op = JsonExpression::Op;

// Evaluation and destruction recurse over the tree.
constexpr int kMaxNesting = 50;
constexpr std::size_t kMaxNodes = 500;

struct Operator {
  std::string_view text;
  Op op;
  int precedence;
};

// Longer ones first where one begins with another.
constexpr std::array<Operator, 15> kOperators = {{{"===", Op::kStrictEqual, 3},
                                                  {"!==", Op::kStrictNotEqual, 3},
                                                  {"==", Op::kEqual, 3},
                                                  {"!=", Op::kNotEqual, 3},
                                                  {"<=", Op::kLessEqual, 4},
                                                  {">=", Op::kGreaterEqual, 4},
                                                  {"<", Op::kLess, 4},
                                                  {">", Op::kGreater, 4},
                                                  {"||", Op::kOr, 1},
                                                  {"&&", Op::kAnd, 2},
                                                  {"+", Op::kAdd, 5},
                                                  {"-", Op::kSubtract, 5},
                                                  {"*", Op::kMultiply, 6},
                                                  {"/", Op::kDivide, 6},
                                                  {"%", Op::kRemainder, 6}}};

core::Error fault(std::size_t offset, std::string message) {
  return core::Error{.code = core::ErrorCode::kInvalidInput,
                     .message = std::move(message),
                     .hint = {},
                     .offset = offset};
}

std::optional<unsigned> hex4(std::string_view text, std::size_t at) {
  unsigned value = 0;
  if (at + 4 > text.size()) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 4, value, 16);
  if (error != std::errc() || end != text.data() + at + 4) return std::nullopt;
  return value;
}

void append_utf8(unsigned c, std::string& out) {
  const auto add = [&](unsigned byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xC0 | (c >> 6));
    add(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    add(0xE0 | (c >> 12));
    add(0x80 | ((c >> 6) & 0x3F));
    add(0x80 | (c & 0x3F));
  } else {
    add(0xF0 | (c >> 18));
    add(0x80 | ((c >> 12) & 0x3F));
    add(0x80 | ((c >> 6) & 0x3F));
    add(0x80 | (c & 0x3F));
  }
}

// `\uXXXX` at `at`, a surrogate pair as one character; nothing that could not be in a UTF-8
// document.
bool append_unicode_escape(std::string_view text, std::size_t& at, std::string& out) {
  const auto first = hex4(text, at + 2);
  if (!first) return false;
  at += 6;
  unsigned c = *first;
  if (c >= 0xD800 && c < 0xDC00 && text.substr(at, 2) == "\\u") {
    const auto second = hex4(text, at + 2);
    if (second && *second >= 0xDC00 && *second < 0xE000) {
      c = 0x10000 + ((c - 0xD800) << 10) + (*second - 0xDC00);
      at += 6;
    }
  }
  if (c >= 0xD800 && c < 0xE000) return false;
  append_utf8(c, out);
  return true;
}

char unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

class Parser {
 public:
  Parser(std::string_view text, std::size_t begin) : text_(text), at_(begin) {}

  core::Result<JsonExpression> parse(std::size_t& end) {
    auto expression = binary(1);
    if (!expression) return expression;
    skip_blanks();
    if (peek() != ')') {
      const bool at_end = at_ >= text_.size();
      return fault(at_, at_end ? "\")\" is missing" : "an operator or \")\" is missing");
    }
    end = at_;
    return expression;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  core::Result<JsonExpression> node(Op op, std::vector<JsonExpression> operands,
                                    core::Value value = {}) {
    JsonExpression made{
        .op = op, .value = std::move(value), .operands = std::move(operands), .size = 1};
    for (const JsonExpression& operand : made.operands) made.size += operand.size;
    if (made.size > kMaxNodes) return fault(at_, "the expression is too long");
    return made;
  }

  const Operator* peek_operator() const {
    for (const Operator& candidate : kOperators) {
      if (text_.substr(at_, candidate.text.size()) == candidate.text) return &candidate;
    }
    return nullptr;
  }

  core::Result<JsonExpression> binary(int lowest) {
    auto left = unary();
    for (;;) {
      if (!left) return left;
      skip_blanks();
      const Operator* op = peek_operator();
      if (op == nullptr || op->precedence < lowest) return left;
      at_ += op->text.size();
      auto right = binary(op->precedence + 1);
      if (!right) return right;
      std::vector<JsonExpression> operands;
      operands.push_back(*std::move(left));
      operands.push_back(*std::move(right));
      left = node(op->op, std::move(operands));
    }
  }

  core::Result<JsonExpression> unary() {
    skip_blanks();
    if (++nesting_ > kMaxNesting) return fault(at_, "the expression is nested too deeply");
    auto result = prefixed();
    --nesting_;
    return result;
  }

  core::Result<JsonExpression> prefixed() {
    const char sign = peek();
    if (sign != '!' && sign != '-') return postfix();
    ++at_;
    auto operand = unary();
    if (!operand) return operand;
    std::vector<JsonExpression> operands;
    operands.push_back(*std::move(operand));
    return node(sign == '!' ? Op::kNot : Op::kNegate, std::move(operands));
  }

  core::Result<JsonExpression> postfix() {
    auto owner = primary();
    while (owner) {
      skip_blanks();
      if (peek() != '.' && peek() != '[') return owner;
      auto key = peek() == '.' ? member_name() : subscript();
      if (!key) return key;
      std::vector<JsonExpression> operands;
      operands.push_back(*std::move(owner));
      operands.push_back(*std::move(key));
      owner = node(Op::kProperty, std::move(operands));
    }
    return owner;
  }

  core::Result<JsonExpression> member_name() {
    const std::size_t begin = ++at_;
    while (detail::is_word(peek()) || peek() == '$' || static_cast<unsigned char>(peek()) >= 0x80) {
      ++at_;
    }
    if (at_ == begin) return fault(at_, "a property's name is missing");
    if (peek() == '(') return fault(at_, "functions cannot be called here");
    return node(Op::kLiteral, {}, core::Value(text_.substr(begin, at_ - begin)));
  }

  core::Result<JsonExpression> subscript() {
    ++at_;
    auto key = binary(1);
    if (!key) return key;
    skip_blanks();
    if (peek() != ']') return fault(at_, "\"]\" is missing");
    ++at_;
    return key;
  }

  core::Result<JsonExpression> primary() {
    const char c = peek();
    if (c == '@' || c == '$') {
      ++at_;
      return node(c == '@' ? Op::kCurrent : Op::kRoot, {});
    }
    if (c == '(') {
      ++at_;
      std::size_t close = 0;
      auto inner = parse(close);
      if (inner) at_ = close + 1;
      return inner;
    }
    if (c == '"' || c == '\'') {
      auto text = parse_quoted(text_, at_, at_);
      if (!text) return std::move(text).error();
      return node(Op::kLiteral, {}, core::Value(*std::move(text)));
    }
    if ((c >= '0' && c <= '9') || c == '.') return number();
    return word();
  }

  core::Result<JsonExpression> number() {
    double value = 0;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc()) return fault(at_, "this is no number");
    const std::string_view digits(begin, static_cast<std::size_t>(end - begin));
    at_ += digits.size();
    const auto integer = core::parse_integer(digits);
    return node(Op::kLiteral, {}, integer ? core::Value(*integer) : core::Value(value));
  }

  core::Result<JsonExpression> word() {
    const std::size_t begin = at_;
    std::size_t end = at_;
    while (end < text_.size() && detail::is_word(text_[end])) ++end;
    const std::string_view name = text_.substr(begin, end - begin);
    core::Value value;
    if (name == "true" || name == "false") {
      value = core::Value(name == "true");
    } else if (name == "null") {
      value = core::Value(core::Value::Null{});
    } else if (name != "undefined") {
      return fault(begin, "a value is missing: @, $, a number, a quoted text, true, false or null");
    }
    at_ = end;
    return node(Op::kLiteral, {}, std::move(value));
  }

  std::string_view text_;
  std::size_t at_;
  int nesting_ = 0;
};

}  // namespace

core::Result<JsonExpression> parse_json_expression(std::string_view text, std::size_t begin,
                                                   std::size_t& end) {
  return Parser(text, begin).parse(end);
}

core::Result<std::string> parse_quoted(std::string_view text, std::size_t begin, std::size_t& end) {
  std::string out;
  const char quote = text[begin];
  std::size_t at = begin + 1;
  while (at < text.size() && text[at] != quote) {
    if (text[at] != '\\') {
      out += text[at++];
    } else if (text.substr(at, 2) == "\\u") {
      const std::size_t escape = at;
      if (!append_unicode_escape(text, at, out)) return fault(escape, "this is no character");
    } else if (at + 1 < text.size()) {
      out += unescaped(text[at + 1]);
      at += 2;
    } else {
      break;
    }
  }
  if (at >= text.size() || text[at] != quote) return fault(begin, "this quote is never closed");
  end = at + 1;
  return out;
}

}  // namespace slsart::expr::capture
