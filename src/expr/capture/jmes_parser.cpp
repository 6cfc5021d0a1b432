#include <algorithm>
#include <utility>

#include "core/text.h"
#include "expr/capture/jmes_program.h"
#include "expr/detail/path.h"

namespace slsart::expr::capture {
namespace {

using Op = JmesNode::Op;

constexpr std::size_t kMostBytes = 4096;
constexpr int kDeepest = 100;  // brackets inside brackets
constexpr int kMostNodes = 500;

constexpr std::array<JmesSignature, 26> kSignatures = {{
    {"abs", JmesFunction::kAbs, 1},
    {"avg", JmesFunction::kAvg, 1},
    {"ceil", JmesFunction::kCeil, 1},
    {"contains", JmesFunction::kContains, 2},
    {"ends_with", JmesFunction::kEndsWith, 2},
    {"floor", JmesFunction::kFloor, 1},
    {"join", JmesFunction::kJoin, 2},
    {"keys", JmesFunction::kKeys, 1},
    {"length", JmesFunction::kLength, 1},
    {"map", JmesFunction::kMap, 2, false, 0},
    {"max", JmesFunction::kMax, 1},
    {"max_by", JmesFunction::kMaxBy, 2, false, 1},
    {"merge", JmesFunction::kMerge, 1, true},
    {"min", JmesFunction::kMin, 1},
    {"min_by", JmesFunction::kMinBy, 2, false, 1},
    {"not_null", JmesFunction::kNotNull, 1, true},
    {"reverse", JmesFunction::kReverse, 1},
    {"sort", JmesFunction::kSort, 1},
    {"sort_by", JmesFunction::kSortBy, 2, false, 1},
    {"starts_with", JmesFunction::kStartsWith, 2},
    {"sum", JmesFunction::kSum, 1},
    {"to_array", JmesFunction::kToArray, 1},
    {"to_number", JmesFunction::kToNumber, 1},
    {"to_string", JmesFunction::kToString, 1},
    {"type", JmesFunction::kType, 1},
    {"values", JmesFunction::kValues, 1},
}};

// How tightly what follows an expression binds to it, as in the reference's table (npm's jmespath,
// bindingPower).
enum Power : int {
  kNone = 0,
  kPipe = 1,
  kOr = 2,
  kAnd = 3,
  kComparison = 5,
  kFlatten = 9,
  kProjectionEnd = 10,  // what binds less ends a projection
  kStar = 20,
  kFilter = 21,
  kDot = 40,
  kNot = 45,
  kBracket = 55,
};

struct Operator {
  std::string_view text;
  Power power;
  Op op;
};
// Longer ones first.
constexpr std::array<Operator, 13> kOperators = {{
    {"||", kOr, Op::kOr},
    {"&&", kAnd, Op::kAnd},
    {"==", kComparison, Op::kEqual},
    {"!=", kComparison, Op::kNotEqual},
    {"<=", kComparison, Op::kLessEqual},
    {">=", kComparison, Op::kGreaterEqual},
    {"<", kComparison, Op::kLess},
    {">", kComparison, Op::kGreater},
    {"|", kPipe, Op::kChain},
    {"[?", kFilter, Op::kFilter},
    {"[]", kFlatten, Op::kFlatten},
    {".", kDot, Op::kField},
    {"[", kBracket, Op::kIndex},
}};

core::Error fault(std::size_t offset, std::string message) {
  return core::Error{.code = core::ErrorCode::kInvalidInput,
                     .message = std::move(message),
                     .hint = "a JMESPath is written like items[0].id or items[?price > `10`]",
                     .offset = offset};
}

JmesNode make(Op op) {
  JmesNode node;
  node.op = op;
  return node;
}
JmesNode make(Op op, JmesNode first) {
  JmesNode node = make(op);
  node.operands.push_back(std::move(first));
  return node;
}
JmesNode make(Op op, JmesNode first, JmesNode second) {
  JmesNode node = make(op, std::move(first));
  node.operands.push_back(std::move(second));
  return node;
}

class Parser {
 public:
  using Node = core::Result<JmesNode>;

  explicit Parser(std::string_view text) : text_(text) {}

  Node parse() {
    if (text_.size() > kMostBytes) return fault(kMostBytes, "the expression is too long");
    Node node = expression(kNone);
    if (!node) return node;
    skip_blanks();
    if (at_ < text_.size()) return fault(at_, "this does not belong to the expression");
    return node;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  core::Result<void> expect(char c) {
    if (take(c)) return {};
    return fault(at_, std::string("\"") + c + "\" is missing");
  }

  // The operator that comes next; null: the expression ends here.
  const Operator* upcoming() {
    skip_blanks();
    const auto found = std::ranges::find_if(kOperators, [&](const Operator& known) {
      return text_.substr(at_, known.text.size()) == known.text;
    });
    return found == kOperators.end() ? nullptr : &*found;
  }

  // Operators that bind more tightly than `power` are taken.
  Node expression(int power) {
    if (++depth_ > kDeepest) return fault(at_, "the expression is nested too deeply");
    Node left = beginning();
    while (left) {
      if (++nodes_ > kMostNodes) return fault(at_, "the expression is too long");
      const Operator* const next = upcoming();
      if (next == nullptr || next->power <= power) break;
      left = continued(*next, *std::move(left));
    }
    --depth_;
    return left;
  }

  Node beginning() {
    skip_blanks();
    const char c = peek();
    const Operator* const next = upcoming();
    if (next != nullptr && (next->op == Op::kFilter || next->op == Op::kFlatten))
      return continued(*next, make(Op::kCurrent));
    switch (c) {
      case '*':
        ++at_;
        return projected(Op::kValues, make(Op::kCurrent), kStar);
      case '{':
        ++at_;
        return selected_object();
      case '[':
        ++at_;
        return is_index() || is_all() ? bracket(make(Op::kCurrent)) : selected_list();
      case '@':
        ++at_;
        return make(Op::kCurrent);
      case '!': {
        ++at_;
        Node operand = expression(kNot);
        if (!operand) return operand;
        return make(Op::kNot, *std::move(operand));
      }
      case '(':
        return parenthesis();
      case '"':
        return quoted_field();
      case '\'':
        return raw_text();
      case '`':
        return literal();
      default:
        return detail::is_word(c) && !(c >= '0' && c <= '9') ? word() : missing();
    }
  }

  Node missing() const {
    if (peek() == '&') return fault(at_, "\"&\" stands only before an argument of a function");
    const bool is_number = (peek() >= '0' && peek() <= '9') || peek() == '-';
    return fault(at_, is_number ? "a number stands between backticks: `10`"
                                : "a name, a value or \"@\" is missing");
  }

  Node parenthesis() {
    ++at_;
    Node inner = expression(kNone);
    if (!inner) return inner;
    if (auto closed = expect(')'); !closed) return std::move(closed).error();
    return inner;
  }

  Node continued(const Operator& next, JmesNode left) {
    at_ += next.text.size();
    switch (next.op) {
      case Op::kField:
        if (take('*')) return projected(Op::kValues, std::move(left), kDot);
        return joined(Op::kChain, std::move(left), behind_dot(kDot));
      case Op::kFilter:
        return filter(std::move(left));
      case Op::kFlatten:
        return projected(Op::kProjection, make(Op::kFlatten, std::move(left)), kFlatten);
      case Op::kIndex:
        return bracket(std::move(left));
      default:
        return joined(next.op, std::move(left), expression(next.power));
    }
  }

  static Node joined(Op op, JmesNode left, Node right) {
    if (!right) return right;
    return make(op, std::move(left), *std::move(right));
  }

  // Behind a dot: a name, a call, [a, b], {x: a} or *.
  Node behind_dot(int power) {
    skip_blanks();
    const char c = peek();
    if (c == '[') {
      ++at_;
      return selected_list();
    }
    if (c == '{') {
      ++at_;
      return selected_object();
    }
    const bool is_name = c == '"' || c == '*' || (detail::is_word(c) && !(c >= '0' && c <= '9'));
    if (!is_name) return fault(at_, "a name is missing");
    return expression(power);
  }

  // A projection of `left`: what follows is applied to each of its elements.
  Node projected(Op op, JmesNode left, int power) {
    return joined(op, std::move(left), projection_rest(power));
  }
  Node projection_rest(int power) {
    const Operator* const next = upcoming();
    if (next == nullptr || next->power < kProjectionEnd) return make(Op::kCurrent);
    if (next->op != Op::kField) return expression(power);
    ++at_;
    return behind_dot(power);
  }

  Node filter(JmesNode left) {
    Node condition = expression(kNone);
    if (!condition) return condition;
    if (auto closed = expect(']'); !closed) return std::move(closed).error();
    Node rest = projection_rest(kFilter);
    if (!rest) return rest;
    JmesNode node = make(Op::kFilter, std::move(left), *std::move(rest));
    node.operands.push_back(*std::move(condition));
    return node;
  }

  bool is_index() {
    skip_blanks();
    return peek() == ':' || peek() == '-' || (peek() >= '0' && peek() <= '9');
  }
  bool is_all() {
    skip_blanks();
    if (peek() != '*') return false;
    const std::size_t next = text_.find_first_not_of(" \t\r\n", at_ + 1);
    return next != std::string_view::npos && text_[next] == ']';
  }

  // Behind an opening bracket: [*], [3] or [1:5:2].
  Node bracket(JmesNode left) {
    if (is_all()) {
      take('*');
      take(']');
      return projected(Op::kProjection, std::move(left), kStar);
    }
    if (!is_index()) return fault(at_, "an index, a slice or \"*\" is missing");
    JmesNode part = make(Op::kIndex);
    for (std::size_t i = 0;; ++i) {
      const std::size_t begin = at_;
      auto read = number();
      if (!read) return std::move(read).error();
      part.range[i] = *read;
      if (i == 2 && part.range[i] == 0) return fault(begin, "the step cannot be 0");
      skip_blanks();
      if (i == 2 || peek() != ':') break;
      ++at_;
      part.op = Op::kSlice;
    }
    if (auto closed = expect(']'); !closed) return std::move(closed).error();
    const bool is_slice = part.op == Op::kSlice;
    JmesNode node = make(Op::kChain, std::move(left), std::move(part));
    return is_slice ? projected(Op::kProjection, std::move(node), kStar) : Node(std::move(node));
  }

  // Bounded, so that adding two never overflows.
  core::Result<std::optional<std::int64_t>> number() {
    constexpr std::size_t kMostDigits = 15;
    skip_blanks();
    const std::size_t begin = at_;
    if (peek() == '-') ++at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    const std::string_view digits = text_.substr(begin, at_ - begin);
    if (digits.empty()) return std::optional<std::int64_t>();
    const auto value = core::parse_integer(digits);
    if (!value || digits.size() > kMostDigits) return fault(begin, "this is no index");
    return std::optional<std::int64_t>(*value);
  }

  Node selected_list() {
    JmesNode node = make(Op::kList);
    do {
      Node item = expression(kNone);
      if (!item) return item;
      node.operands.push_back(*std::move(item));
    } while (take(','));
    if (auto closed = expect(']'); !closed) return std::move(closed).error();
    return node;
  }

  Node selected_object() {
    JmesNode node = make(Op::kObject);
    do {
      skip_blanks();
      const bool is_name =
          peek() == '"' || (detail::is_word(peek()) && !(peek() >= '0' && peek() <= '9'));
      if (!is_name) return fault(at_, "a name is missing");
      auto name = peek() == '"' ? quoted_name() : core::Result<std::string>(bare_name());
      if (!name) return std::move(name).error();
      if (auto colon = expect(':'); !colon) return std::move(colon).error();
      Node value = expression(kNone);
      if (!value) return value;
      node.names.push_back(*std::move(name));
      node.operands.push_back(*std::move(value));
    } while (take(','));
    if (auto closed = expect('}'); !closed) return std::move(closed).error();
    return node;
  }

  std::string bare_name() {
    const std::size_t begin = at_;
    while (detail::is_word(peek())) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  // From a delimiter to the next that has no backslash before it; the text between, as written.
  core::Result<std::string_view> delimited() {
    const char delimiter = peek();
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != delimiter) at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) return fault(begin, "this is never closed");
    ++at_;
    return text_.substr(begin + 1, at_ - begin - 2);
  }

  static std::string without_escaped(std::string_view text, char delimiter) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == delimiter) ++i;
      out += text[i];
    }
    return out;
  }

  core::Result<std::string> quoted_name() {
    const std::size_t begin = at_;
    auto inside = delimited();
    if (!inside) return std::move(inside).error();
    auto value = core::parse_json(text_.substr(begin, at_ - begin));
    if (!value || !value->is_string()) return fault(begin, "this is no JSON string");
    return std::move(value->as_string());
  }

  Node quoted_field() {
    auto name = quoted_name();
    if (!name) return std::move(name).error();
    JmesNode node = make(Op::kField);
    node.text = *std::move(name);
    return node;
  }

  Node raw_text() {
    auto inside = delimited();
    if (!inside) return std::move(inside).error();
    JmesNode node = make(Op::kLiteral);
    node.value = core::Value(without_escaped(*inside, '\''));
    return node;
  }

  // JSON, or a text without its quotes, an older way to write one.
  Node literal() {
    const std::size_t begin = at_;
    auto inside = delimited();
    if (!inside) return std::move(inside).error();
    const std::string json = without_escaped(core::trim(*inside), '`');
    JmesNode node = make(Op::kLiteral);
    auto value = core::parse_json(json);
    const bool looks_like_text =
        json.empty() || std::string_view("[{\"").find(json[0]) == std::string_view::npos;
    if (!value && looks_like_text) value = core::parse_json("\"" + json + "\"");
    if (!value) return fault(begin, "there is no JSON between these backticks");
    node.value = *std::move(value);
    return node;
  }

  Node word() {
    const std::size_t begin = at_;
    std::string name = bare_name();
    if (peek() == '(') return call(name, begin);
    JmesNode node = make(Op::kField);
    node.text = std::move(name);
    return node;
  }

  Node call(const std::string& name, std::size_t begin) {
    const auto known = std::ranges::find(kSignatures, name, &JmesSignature::name);
    if (known == kSignatures.end()) return unknown_function(name, begin);
    ++at_;
    JmesNode node = make(Op::kCall);
    node.function = known->function;
    if (!take(')')) {
      do {
        Node argument = call_argument(static_cast<int>(node.operands.size()) == known->expression);
        if (!argument) return argument;
        node.operands.push_back(*std::move(argument));
      } while (take(','));
      if (auto closed = expect(')'); !closed) return std::move(closed).error();
    }
    const std::size_t given = node.operands.size();
    if (given < known->arguments || (given > known->arguments && !known->is_variadic)) {
      return fault(begin, name + "() takes " + std::to_string(known->arguments) +
                              (known->is_variadic ? " or more" : "") + " arguments");
    }
    return node;
  }

  Node call_argument(bool is_expression) {
    skip_blanks();
    const bool has_mark = peek() == '&' && peek(1) != '&';
    if (has_mark != is_expression) {
      return fault(at_, is_expression ? "an expression such as &price is missing"
                                      : "no expression may stand here, leave out the \"&\"");
    }
    if (!is_expression) return expression(kNone);
    ++at_;
    Node inner = expression(kNone);
    if (!inner) return inner;
    return make(Op::kReference, *std::move(inner));
  }

  static Node unknown_function(const std::string& name, std::size_t begin) {
    std::vector<std::string_view> known;
    for (const JmesSignature& signature : kSignatures) known.push_back(signature.name);
    core::Error error = fault(begin, "there is no function " + name + "()");
    const std::string_view near = core::nearest_name(name, known);
    if (!near.empty()) error.hint = "did you mean " + std::string(near) + "()?";
    return error;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int nodes_ = 0;
};

}  // namespace

std::span<const JmesSignature> jmes_functions() {
  return kSignatures;
}

core::Result<JmesNode> parse_jmes(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace slsart::expr::capture
