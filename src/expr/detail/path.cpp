#include "expr/detail/path.h"

#include <algorithm>
#include <utility>

#include "core/text.h"

namespace slsart::expr::detail {
namespace {

// Values nest as deeply as paths that write them; their destructor recurses.
constexpr std::size_t kMaxSteps = 100;

class PathReader {
 public:
  PathReader(std::string_view text, std::size_t begin, Letters letters)
      : text_(text), at_(begin), letters_(letters) {}

  core::Result<Path> read() {
    skip_blanks();
    auto root = peek() == '[' ? bracket() : name();
    if (!root) return std::move(root).error();
    Path path{.root = *std::move(root), .steps = {}, .end = 0};
    for (;;) {
      skip_blanks();
      if (peek() != '.' && peek() != '[') break;
      if (path.steps.size() == kMaxSteps) return fault(at_, "the path has too many steps");
      auto step = peek() == '[' ? bracket() : member();
      if (!step) return std::move(step).error();
      path.steps.push_back(*std::move(step));
    }
    path.end = at_;
    return path;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  core::Error fault(std::size_t offset, std::string message) const {
    return core::Error{.code = core::ErrorCode::kInvalidInput,
                       .message = std::move(message),
                       .hint = {},
                       .offset = offset};
  }

  core::Result<std::string> name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name_char(text_[at_], letters_)) ++at_;
    const std::string_view found = core::trim(text_.substr(begin, at_ - begin));
    if (found.empty()) return fault(at_, "a name is missing");
    return std::string(found);
  }

  core::Result<std::string> member() {
    ++at_;  // the dot
    return name();
  }

  core::Result<std::string> bracket() {
    ++at_;  // the bracket
    skip_blanks();
    auto step = peek() == '"' || peek() == '\'' ? quoted() : name();
    if (!step) return step;
    skip_blanks();
    if (peek() != ']') return fault(at_, "\"]\" is missing");
    ++at_;
    return step;
  }

  core::Result<std::string> quoted() {
    const std::size_t close = text_.find(peek(), at_ + 1);
    if (close == std::string_view::npos) return fault(at_, "this quote is never closed");
    std::string found(text_.substr(at_ + 1, close - at_ - 1));
    at_ = close + 1;
    return found;
  }

  std::string_view text_;
  std::size_t at_;
  Letters letters_;
};

}  // namespace

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_name_char(char c, Letters letters) {
  if (is_word(c) || c == '$' || c == '-' || c == ' ' || c == '\t') return true;
  return letters == Letters::kAny && static_cast<unsigned char>(c) >= 0x80;
}

core::Result<Path> parse_path(std::string_view text, std::size_t begin, Letters letters) {
  return PathReader(text, begin, letters).read();
}

std::optional<std::size_t> list_index(std::string_view step) {
  constexpr std::size_t kMaxDigits = 15;
  if (step.empty() || step.size() > kMaxDigits) return std::nullopt;
  if (step.size() > 1 && step.front() == '0') return std::nullopt;
  std::size_t index = 0;
  for (const char c : step) {
    if (c < '0' || c > '9') return std::nullopt;
    index = index * 10 + static_cast<std::size_t>(c - '0');
  }
  return index;
}

std::size_t utf16_length(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

}  // namespace slsart::expr::detail
