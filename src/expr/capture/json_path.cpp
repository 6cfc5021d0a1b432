#include "expr/capture/json_path.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "expr/capture/json_scan.h"
#include "expr/capture/json_walk.h"
#include "expr/detail/path.h"

namespace slsart::expr::capture {
namespace {

constexpr std::size_t kMaxSteps = 200;

core::Error fault(std::size_t offset, std::string message) {
  return core::Error{.code = core::ErrorCode::kInvalidInput,
                     .message = std::move(message),
                     .hint = "a JSONPath is written like $.items[0].id or $..book[?(@.price < 10)]",
                     .offset = offset};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

JsonStep name_step(std::string name) {
  JsonStep step{.kind = JsonStep::Kind::kName};
  const auto index = detail::list_index(name);
  if (index) step.index = static_cast<std::int64_t>(*index);
  step.name = std::move(name);
  return step;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  core::Result<std::vector<JsonStep>> parse() {
    std::vector<JsonStep> steps;
    if (text_.empty()) return fault(0, "the path is empty");
    // `token` alone is short for `$.token`.
    const bool is_rooted =
        peek() == '$' && (text_.size() == 1 || text_[1] == '.' || text_[1] == '[');
    auto first = is_rooted ? core::Result<JsonStep>(JsonStep{}) : member();
    if (!first) return std::move(first).error();
    is_rooted ? static_cast<void>(++at_) : steps.push_back(*std::move(first));
    while (at_ < text_.size()) {
      if (steps.size() == kMaxSteps) return fault(at_, "the path has too many steps");
      auto next = step();
      if (!next) return std::move(next).error();
      steps.push_back(*std::move(next));
    }
    return steps;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }

  core::Result<JsonStep> step() {
    const bool is_descendant = text_.substr(at_, 2) == "..";
    if (is_descendant) at_ += 2;
    if (peek() != '[' && !is_descendant) {
      if (peek() != '.') return fault(at_, "\".\" or \"[\" is missing");
      ++at_;
    }
    auto made = peek() == '[' ? subscript() : member();
    if (made) mark(*made, is_descendant);
    return made;
  }

  static void mark(JsonStep& step, bool is_descendant) {
    step.is_descendant = is_descendant;
    for (JsonStep& part : step.parts) part.is_descendant = is_descendant;
  }

  core::Result<JsonStep> member() {
    const char c = peek();
    if (c == '*') {
      ++at_;
      return JsonStep{.kind = JsonStep::Kind::kAll};
    }
    if (c == '(') return script();
    const std::size_t begin = at_;
    while (detail::is_word(peek()) || peek() == '$' || peek() == '-' ||
           static_cast<unsigned char>(peek()) >= 0x80) {
      ++at_;
    }
    if (at_ == begin) return fault(at_, "a name is missing");
    return name_step(std::string(text_.substr(begin, at_ - begin)));
  }

  core::Result<JsonStep> subscript() {
    ++at_;
    skip_blanks();
    auto made = peek() == '*' || peek() == '(' ? member() : peek() == '?' ? filter() : list();
    if (!made) return made;
    skip_blanks();
    if (peek() != ']') return fault(at_, "\"]\" is missing");
    ++at_;
    return made;
  }

  core::Result<JsonStep> script() {
    JsonStep made{.kind = JsonStep::Kind::kScript};
    return expression(std::move(made));
  }

  core::Result<JsonStep> filter() {
    ++at_;
    if (peek() != '(') return fault(at_, "\"(\" is missing");
    JsonStep made{.kind = JsonStep::Kind::kFilter};
    return expression(std::move(made));
  }

  // From the opening to behind the closing parenthesis.
  core::Result<JsonStep> expression(JsonStep step) {
    auto read = parse_json_expression(text_, at_ + 1, at_);
    if (!read) {
      core::Error error = std::move(read).error();
      error.hint = "expressions know @, $, properties, values, comparisons, && || ! and arithmetic";
      return error;
    }
    ++at_;
    step.expression = *std::move(read);
    return step;
  }

  core::Result<JsonStep> list() {
    std::vector<JsonStep> parts;
    for (;;) {
      auto part = listed();
      if (!part) return part;
      parts.push_back(*std::move(part));
      skip_blanks();
      if (peek() != ',') break;
      if (parts.size() == kMaxSteps) return fault(at_, "the list is too long");
      ++at_;
      skip_blanks();
    }
    if (parts.size() == 1) return std::move(parts.front());
    JsonStep made{.kind = JsonStep::Kind::kUnion};
    made.parts = std::move(parts);
    return made;
  }

  core::Result<JsonStep> listed() {
    if (peek() == '"' || peek() == '\'') {
      auto name = parse_quoted(text_, at_, at_);
      if (!name) return fault(*name.error().offset, name.error().message);
      return name_step(*std::move(name));
    }
    const std::size_t begin = at_;
    auto first = number();
    if (!first) return std::move(first).error();
    skip_blanks();
    if (peek() == ':') return slice(*first);
    if (!*first) return fault(begin, "an index, a quoted name, \"*\", \"?(\" or \"(\" is missing");
    JsonStep made{.kind = JsonStep::Kind::kIndex};
    made.index = std::max<std::int64_t>(**first, -1);
    return made;
  }

  core::Result<JsonStep> slice(std::optional<std::int64_t> start) {
    JsonStep made{.kind = JsonStep::Kind::kSlice};
    made.start = start;
    for (auto* border : {&made.end, &made.stride}) {
      if (peek() != ':') break;
      ++at_;
      skip_blanks();
      const std::size_t begin = at_;
      auto read = number();
      if (!read) return std::move(read).error();
      *border = *read;
      if (border == &made.stride && *border == 0) return fault(begin, "the step cannot be 0");
      skip_blanks();
    }
    return made;
  }

  // An integer, or none if there is no digit. Bounded, so that adding two never overflows.
  core::Result<std::optional<std::int64_t>> number() {
    constexpr std::size_t kMaxDigits = 15;
    const std::size_t begin = at_;
    if (peek() == '-') ++at_;
    while (is_digit(peek())) ++at_;
    const std::string_view digits = text_.substr(begin, at_ - begin);
    if (digits.empty()) return std::optional<std::int64_t>();
    const auto value = core::parse_integer(digits);
    if (!value || digits.size() > kMaxDigits) return fault(begin, "this is no index");
    return std::optional<std::int64_t>(*value);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

core::Result<JsonPath> JsonPath::parse(std::string_view text) {
  auto steps = Parser(text).parse();
  if (!steps) return std::move(steps).error();
  JsonPath path;
  path.steps_ = *std::move(steps);
  path.is_definite_ = std::all_of(path.steps_.begin(), path.steps_.end(), [](const JsonStep& step) {
    return !step.is_descendant &&
           (step.kind == JsonStep::Kind::kName || step.kind == JsonStep::Kind::kIndex);
  });
  return path;
}

std::vector<core::Value> JsonPath::find_all(std::string_view body) const {
  // RapidJSON takes a zero byte for the end of the text.
  if (body.find('\0') != std::string_view::npos) return {};
  const auto document = core::parse_json(body);
  if (!document) return {};
  constexpr std::size_t kLeastBudget = 1 << 20;
  return walk_json(*document, steps_, std::max(kLeastBudget, 8 * body.size()));
}

core::Value JsonPath::find_one(std::string_view body, core::Rng& rng) const {
  if (is_definite_) return scan_json(body, steps_);
  std::vector<core::Value> all = find_all(body);
  if (all.empty()) return {};
  return std::move(all[all.size() == 1 ? 0 : rng.below(all.size())]);
}

}  // namespace slsart::expr::capture
