#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"
#include "expr/detail/condition_program.h"
#include "expr/detail/path.h"
#include "expr/extractor.h"

namespace slsart::expr::detail {
namespace {

using Op = ConditionOp;
using Node = ConditionNode;

// Evaluation and destruction recurse over the tree.
constexpr int kMaxNesting = 50;
constexpr std::size_t kMaxNodes = 500;
constexpr int kChoosePrecedence = 0;

struct Operator {
  std::string_view text;
  Op op;
  int precedence;
};

// Longer ones first where one begins with another.
constexpr std::array<Operator, 17> kOperators = {{{"or", Op::kOr, 1},
                                                  {"and", Op::kAnd, 2},
                                                  {"in", Op::kIn, 3},
                                                  {"not in", Op::kNotIn, 3},
                                                  {"==", Op::kEqual, 4},
                                                  {"!=", Op::kNotEqual, 4},
                                                  {"~=", Op::kMatches, 4},
                                                  {"<=", Op::kLessEqual, 5},
                                                  {">=", Op::kGreaterEqual, 5},
                                                  {"<", Op::kLess, 5},
                                                  {">", Op::kGreater, 5},
                                                  {"+", Op::kAdd, 6},
                                                  {"-", Op::kSubtract, 6},
                                                  {"*", Op::kMultiply, 7},
                                                  {"/", Op::kDivide, 7},
                                                  {"%", Op::kRemainder, 7},
                                                  {"^", Op::kPower, 8}}};

struct FunctionRow {
  std::string_view name;
  ConditionFunction function;
};
constexpr std::array<FunctionRow, 9> kFunctions = {{{"abs", ConditionFunction::kAbs},
                                                    {"ceil", ConditionFunction::kCeil},
                                                    {"floor", ConditionFunction::kFloor},
                                                    {"log", ConditionFunction::kLog},
                                                    {"max", ConditionFunction::kMax},
                                                    {"min", ConditionFunction::kMin},
                                                    {"random", ConditionFunction::kRandom},
                                                    {"round", ConditionFunction::kRound},
                                                    {"sqrt", ConditionFunction::kSqrt}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
  return is_word(c) ? !is_digit(c) : c == '$';
}
bool is_in_name(char c) {
  return is_word(c) || c == '$' || c == '.';
}

core::Error fault(std::size_t offset, std::string message, std::string hint = {}) {
  return core::Error{.code = core::ErrorCode::kInvalidInput,
                     .message = std::move(message),
                     .hint = std::move(hint),
                     .offset = offset};
}

class Parser {
 public:
  Parser(std::string_view text, std::span<const std::string> known, SingleQuotes quotes)
      : text_(text), known_(known), quotes_(quotes) {}

  core::Result<Condition::Program> parse() {
    auto root = choice();
    if (!root) return std::move(root).error();
    skip_blanks();
    if (at_ < text_.size()) return unexpected();
    program_.root = *std::move(root);
    return std::move(program_);
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  core::Error unexpected() const {
    if (at_ >= text_.size()) return fault(text_.size(), "the expression ends too early");
    constexpr const char* kHint =
        "for example: errors.ETIMEDOUT < 10 and http.response_time.p99 < 500; a name with other "
        "characters stands in single quotes";
    const std::string found = peek() == '=' ? "\"=\"; equality is ==" : std::string(1, peek());
    return fault(
        at_,
        peek() == '=' ? "this is no operator: " + found : "this does not belong here: " + found,
        kHint);
  }
  // Whether `word` stands here and ends here.
  bool at_word(std::string_view word, std::size_t at) const {
    if (text_.substr(at, word.size()) != word) return false;
    return at + word.size() >= text_.size() || !is_in_name(text_[at + word.size()]);
  }

  const Operator* find_operator() {
    skip_blanks();
    if (starts_known_name()) return nullptr;
    for (const Operator& row : kOperators) {
      if (row.op == Op::kNotIn) {
        if (!at_word("not", at_)) continue;
        std::size_t next = text_.find_first_not_of(" \t\r\n", at_ + 3);
        if (next == std::string_view::npos || !at_word("in", next)) continue;
        operator_end_ = next + 2;
        return &row;
      }
      const bool is_alphabetic = is_word(row.text[0]);
      const bool found =
          is_alphabetic ? at_word(row.text, at_) : text_.substr(at_, row.text.size()) == row.text;
      if (!found) continue;
      operator_end_ = at_ + row.text.size();
      return &row;
    }
    return nullptr;
  }

  core::Result<Node> choice() {
    if (auto deep = enter(); !deep) return std::move(deep).error();
    auto left = binary(kChoosePrecedence + 1);
    while (left && take('?')) {
      auto then = binary(kChoosePrecedence + 1);
      if (!then) return then;
      if (!take(':')) return fault(at_, "\":\" is missing after this \"?\"");
      auto otherwise = choice();
      if (!otherwise) return otherwise;
      left = make(Op::kChoose, *std::move(left), *std::move(then), *std::move(otherwise));
    }
    --nesting_;
    return left;
  }

  core::Result<Node> binary(int lowest) {
    auto left = unary();
    while (left) {
      const Operator* const found = find_operator();
      if (found == nullptr || found->precedence < lowest) break;
      at_ = operator_end_;
      auto right = binary(found->precedence + 1);
      if (!right) return right;
      left = make(found->op, *std::move(left), *std::move(right));
      if (left && found->op == Op::kMatches) compile_pattern(*left);
    }
    return left;
  }

  core::Result<Node> unary() {
    skip_blanks();
    if (starts_known_name()) return operand();
    const bool is_not = at_word("not", at_);
    if (!is_not && peek() != '-') return operand();
    at_ += is_not ? 3 : 1;
    if (auto deep = enter(); !deep) return std::move(deep).error();
    // `- a ^ b` is `(- a) ^ b` and `not a == b` is `(not a) == b` in the reference's grammar.
    auto inner = unary();
    --nesting_;
    if (!inner) return inner;
    return make(is_not ? Op::kNot : Op::kNegate, *std::move(inner));
  }

  core::Result<Node> operand() {
    skip_blanks();
    const std::size_t begin = at_;
    if (const std::string* name = known_name()) {
      at_ += name->size();
      return name_or_property(*name, begin);
    }
    if (peek() == '(') return parenthesis();
    if (is_digit(peek())) return number();
    if (peek() == '"' || (peek() == '\'' && quotes_ == SingleQuotes::kText)) {
      auto text = quoted();
      if (!text) return std::move(text).error();
      return literal(core::Value(*std::move(text)));
    }
    if (peek() == '\'') {
      auto text = quoted();
      if (!text) return std::move(text).error();
      return name_or_property(*std::move(text), begin);
    }
    if (!is_name_start(peek())) return unexpected();
    while (is_in_name(peek())) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    skip_blanks();
    if (peek() == '(') return call(word, begin);
    return name_or_property(std::string(word), begin);
  }

  core::Result<Node> parenthesis() {
    const std::size_t begin = at_++;
    auto first = choice();
    if (!first) return first;
    if (take(')')) return first;
    Node list;
    list.op = Op::kList;
    list.operands.push_back(*std::move(first));
    while (take(',')) {
      auto next = choice();
      if (!next) return next;
      list.operands.push_back(*std::move(next));
    }
    if (take(')')) return counted(std::move(list));
    if (at_ < text_.size()) return unexpected();
    return fault(begin, "this parenthesis is never closed");
  }

  core::Result<Node> number() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    if (peek() == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) {
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    if (is_in_name(peek())) return fault(begin, "this is neither a number nor a name");
    const std::string_view text = text_.substr(begin, at_ - begin);
    if (const auto whole = core::parse_integer(text)) return literal(core::Value(*whole));
    return literal(core::Value(core::parse_number(text).value_or(0)));
  }

  // A backslash escapes the quote and itself.
  core::Result<std::string> quoted() {
    const std::size_t begin = at_;
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size() && peek() != quote) {
      if (peek() == '\\') {
        ++at_;
        if (peek() != quote && peek() != '\\') {
          return fault(at_ - 1, "a backslash stands only before a quote or a backslash");
        }
      }
      out += text_[at_++];
    }
    if (at_ >= text_.size()) return fault(begin, "this quote is never closed");
    ++at_;
    return out;
  }

  core::Result<Node> call(std::string_view word, std::size_t begin) {
    const auto* const row = std::find_if(kFunctions.begin(), kFunctions.end(),
                                         [&](const FunctionRow& r) { return r.name == word; });
    if (row == kFunctions.end()) {
      return core::Error{.code = core::ErrorCode::kNotFound,
                         .message = "there is no function " + std::string(word),
                         .hint =
                             "the functions are abs, ceil, floor, log, max, min, random, "
                             "round, sqrt",
                         .offset = begin};
    }
    ++at_;
    Node node;
    node.op = Op::kCall;
    node.function = row->function;
    if (take(')')) return counted(std::move(node));
    do {
      auto argument = choice();
      if (!argument) return argument;
      node.operands.push_back(*std::move(argument));
    } while (take(','));
    if (!take(')')) return unexpected();
    return counted(std::move(node));
  }

  core::Result<Node> name_or_property(std::string name, std::size_t begin) {
    skip_blanks();
    if (at_word("of", at_) && !starts_known_name()) {
      at_ += 2;
      if (auto deep = enter(); !deep) return std::move(deep).error();
      auto owner = operand();
      --nesting_;
      if (!owner) return owner;
      auto node = make(Op::kProperty, *std::move(owner));
      if (node) node->value = core::Value(std::move(name));
      return node;
    }
    const auto same = [&](const Condition::Name& known) { return known.text == name; };
    auto& names = program_.names;
    const auto found = std::find_if(names.begin(), names.end(), same);
    Node node;
    node.op = Op::kName;
    node.name = static_cast<std::size_t>(found - names.begin());
    if (found == names.end()) names.push_back({std::move(name), begin});
    return counted(std::move(node));
  }

  // The longest known name that stands here, as a whole word.
  const std::string* known_name() const {
    const std::string* longest = nullptr;
    for (const std::string& name : known_) {
      if (longest != nullptr && name.size() <= longest->size()) continue;
      if (!name.empty() && text_.substr(at_, name.size()) == name &&
          (!is_in_name(name.back()) || at_word(name, at_))) {
        longest = &name;
      }
    }
    return longest;
  }
  bool starts_known_name() const { return known_name() != nullptr; }

  static void compile_pattern(Node& node) {
    const Node& right = node.operands[1];
    if (right.op != Op::kLiteral || !right.value.is_string()) return;
    auto pattern = capture::Regexp::compile(right.value.as_string(), RegexpOptions{});
    if (pattern) node.pattern = *std::move(pattern);
  }

  core::Result<void> enter() {
    if (++nesting_ > kMaxNesting) return fault(at_, "this expression is nested too deeply");
    return {};
  }
  core::Result<Node> counted(Node node) {
    if (++size_ > kMaxNodes) return fault(at_, "this expression is too long");
    return node;
  }
  core::Result<Node> literal(core::Value value) {
    Node node;
    node.value = std::move(value);
    return counted(std::move(node));
  }
  template <typename... Nodes>
  core::Result<Node> make(Op op, Nodes... operands) {
    Node node;
    node.op = op;
    node.operands.reserve(sizeof...(operands));
    (node.operands.push_back(std::move(operands)), ...);
    return counted(std::move(node));
  }

  std::string_view text_;
  std::span<const std::string> known_;
  SingleQuotes quotes_;
  std::size_t at_ = 0;
  std::size_t operator_end_ = 0;
  int nesting_ = 0;
  std::size_t size_ = 0;
  Condition::Program program_;
};

}  // namespace

core::Result<Condition::Program> parse_condition(std::string_view text,
                                                 std::span<const std::string> known,
                                                 SingleQuotes quotes) {
  return Parser(text, known, quotes).parse();
}

}  // namespace slsart::expr::detail
