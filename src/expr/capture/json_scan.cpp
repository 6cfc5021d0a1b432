// Hot path: see architecture §9
#include "expr/capture/json_scan.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "core/text.h"

namespace slsart::expr::capture {
namespace {

static_assert(std::endian::native == std::endian::little);  // stop_marks()

constexpr std::array<bool, 256> make_stops() {
  std::array<bool, 256> stops{};
  for (std::size_t c = 0; c < 256; ++c) stops[c] = c < 0x20 || c == '"' || c == '\\' || c >= 0x80;
  return stops;
}
constexpr std::array<bool, 256> kStops = make_stops();

// Which of eight bytes end a run of plain ones: quotes, backslashes, controls, beyond ASCII.
// Borrows between bytes can only mark bytes behind a true mark, so the lowest mark is right
// (Hacker's Delight §6-1), and with the bytes read in little-endian order it is the first.
std::uint64_t stop_marks(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHighs = 0x8080808080808080ULL;
  const std::uint64_t quote = word ^ (kOnes * '"');
  const std::uint64_t backslash = word ^ (kOnes * '\\');
  return (((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) |
          ((word - kOnes * 0x20) & ~word) | word) &
         kHighs;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// A value's place in the text. A list's length has no place and is given as a number.
struct Found {
  const char* begin = nullptr;
  const char* end = nullptr;
  std::int64_t length = -1;
};

class Scanner {
 public:
  Scanner(std::string_view text, std::span<const JsonStep> steps)
      : at_(text.data()), end_(text.data() + text.size()), steps_(steps) {}

  // False if the text is not JSON.
  bool run() {
    skip_blanks();
    if (!locate(0)) return false;
    skip_blanks();
    return at_ == end_;
  }
  const Found& found() const { return found_; }

 private:
  char peek() const { return at_ == end_ ? '\0' : *at_; }
  void skip_blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  // Reads one value that lies on the path, `level` steps down.
  bool locate(std::size_t level) {
    if (level == steps_.size()) {
      const char* begin = at_;
      if (!skip_value()) return false;
      found_ = {begin, at_, -1};
      return true;
    }
    const JsonStep& step = steps_[level];
    if (peek() == '{' && step.kind == JsonStep::Kind::kName) return locate_member(level);
    if (peek() == '[' && (step.index >= 0 || step.name == "length")) return locate_item(level);
    return skip_value();
  }

  bool locate_member(std::size_t level) {
    if (!open(true)) return false;
    skip_blanks();
    if (take('}')) return close();
    for (;;) {
      const char* key = at_;
      if (!skip_string()) return false;
      const bool is_on_path = names(key, steps_[level].name);
      if (!skip_colon()) return false;
      if (is_on_path) {
        found_ = {};  // an earlier member of that name is void
        if (!locate(level + 1)) return false;
      } else if (!skip_value()) {
        return false;
      }
      skip_blanks();
      if (take('}')) return close();
      if (!take(',')) return false;
      skip_blanks();
    }
  }

  bool locate_item(std::size_t level) {
    const JsonStep& step = steps_[level];
    std::int64_t count = 0;
    if (!open(false)) return false;
    skip_blanks();
    if (!take(']')) {
      for (;; ++count) {
        if (!(count == step.index ? locate(level + 1) : skip_value())) return false;
        skip_blanks();
        if (take(']')) break;
        if (!take(',')) return false;
        skip_blanks();
      }
      ++count;
    }
    if (step.index < 0 && level + 1 == steps_.size()) found_ = {nullptr, nullptr, count};
    return close();
  }

  // Passes over one value, checking it. No recursion: what is open is kept as one bit a level.
  bool skip_value() {
    const int base = depth_;
    for (;;) {
      const char c = peek();
      if (c == '{' || c == '[') {
        if (!open(c == '{')) return false;
        skip_blanks();
        if (!take(c == '{' ? '}' : ']')) {
          if (c == '{' && !skip_key()) return false;
          continue;
        }
        close();
      } else if (!skip_scalar(c)) {
        return false;
      }
      // Behind a value: close what ends here, until another value is due.
      for (;;) {
        if (depth_ == base) return true;
        skip_blanks();
        if (take(',')) break;
        if (!take(is_in_object() ? '}' : ']')) return false;
        close();
      }
      skip_blanks();
      if (is_in_object() && !skip_key()) return false;
    }
  }

  bool skip_scalar(char c) {
    switch (c) {
      case '"':
        return skip_string();
      case 't':
        return skip_word("true");
      case 'f':
        return skip_word("false");
      case 'n':
        return skip_word("null");
      default:
        return skip_number();
    }
  }

  bool skip_word(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size()) return false;
    if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
    at_ += word.size();
    return true;
  }

  bool skip_digits() {
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) ++at_;
    return true;
  }

  // RFC 8259 §6. Only an exponent or very many digits can leave the range of a double; those rare
  // ones are left to the document parser's judgement.
  bool skip_number() {
    constexpr std::ptrdiff_t kAlwaysFinite = 300;
    const char* begin = at_;
    bool has_exponent = false;
    take('-');
    if (!take('0') && !skip_digits()) return false;
    if (take('.') && !skip_digits()) return false;
    if (peek() == 'e' || peek() == 'E') {
      has_exponent = true;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!skip_digits()) return false;
    }
    if (!has_exponent && at_ - begin < kAlwaysFinite) return true;
    return core::parse_json({begin, static_cast<std::size_t>(at_ - begin)}).has_value();
  }

  bool skip_colon() {
    skip_blanks();
    if (!take(':')) return false;
    skip_blanks();
    return true;
  }
  bool skip_key() { return skip_string() && skip_colon(); }

  // From the opening quote to behind the closing one.
  bool skip_string() {
    if (!take('"')) return false;
    for (;;) {
      skip_plain();
      if (at_ == end_) return false;
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\' ? !skip_escape() : c < 0x20 || !skip_utf8(c)) return false;
    }
  }

  void skip_plain() {
    while (end_ - at_ >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at_, sizeof word);
      const std::uint64_t marks = stop_marks(word);
      if (marks != 0) {
        at_ += std::countr_zero(marks) / 8;
        return;
      }
      at_ += 8;
    }
    while (at_ != end_ && !kStops[static_cast<unsigned char>(*at_)]) ++at_;
  }

  bool skip_escape() {
    ++at_;
    const char c = peek();
    if (c != 'u') {
      if (c == '\0' || std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) {
        return false;
      }
      ++at_;
      return true;
    }
    if (end_ - at_ < 5) return false;
    for (int i = 1; i <= 4; ++i) {
      if (!is_hex(at_[i])) return false;
    }
    const bool is_surrogate = (at_[1] == 'd' || at_[1] == 'D') && !(at_[2] >= '0' && at_[2] <= '7');
    return is_surrogate ? skip_surrogates() : (at_ += 5, true);
  }

  // Whether halves of a pair fit is the document parser's judgement.
  bool skip_surrogates() {
    const std::size_t size = end_ - at_ >= 11 && at_[5] == '\\' && at_[6] == 'u' ? 11 : 5;
    std::array<char, 16> quoted{'"', '\\'};
    std::memcpy(quoted.data() + 2, at_, size);
    quoted[size + 2] = '"';
    at_ += size;
    return core::parse_json({quoted.data(), size + 3}).has_value();
  }

  // One character of more than one byte (Unicode, table 3-7).
  bool skip_utf8(unsigned char first) {
    int more = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
      more = 1;
    } else if (first >= 0xE0 && first <= 0xEF) {
      more = 2;
      if (first == 0xE0) low = 0xA0;
      if (first == 0xED) high = 0x9F;
    } else if (first >= 0xF0 && first <= 0xF4) {
      more = 3;
      if (first == 0xF0) low = 0x90;
      if (first == 0xF4) high = 0x8F;
    } else {
      return false;
    }
    ++at_;
    for (; more > 0; --more, ++at_, low = 0x80, high = 0xBF) {
      const auto c = static_cast<unsigned char>(peek());
      if (c < low || c > high) return false;
    }
    return true;
  }

  // The string that was just read and begins at `begin` is `name`.
  bool names(const char* begin, std::string_view name) const {
    const std::string_view raw(begin + 1, static_cast<std::size_t>(at_ - begin) - 2);
    if (std::memchr(raw.data(), '\\', raw.size()) == nullptr) return raw == name;
    const auto key = core::parse_json({begin, static_cast<std::size_t>(at_ - begin)});
    return key && key->as_string() == name;
  }

  bool open(bool is_object) {
    if (depth_ == core::kMaxJsonDepth) return false;
    const auto bit = std::uint64_t{1} << (depth_ % 64);
    std::uint64_t& word = objects_[static_cast<std::size_t>(depth_ / 64)];
    word = is_object ? word | bit : word & ~bit;
    ++depth_;
    ++at_;
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }
  bool is_in_object() const {
    const int top = depth_ - 1;
    return (objects_[static_cast<std::size_t>(top / 64)] >> (top % 64) & 1) != 0;
  }

  const char* at_;
  const char* end_;
  std::span<const JsonStep> steps_;
  Found found_;
  int depth_ = 0;
  std::array<std::uint64_t, core::kMaxJsonDepth / 64>
      objects_{};  // by level: an object, not a list
};

// Ordinary text and whole numbers are made here, the rest by the document parser.
core::Value make_value(std::string_view text) {
  if (text.front() == '"') {
    const std::string_view inside = text.substr(1, text.size() - 2);
    if (inside.find('\\') == std::string_view::npos) return core::Value(inside);
  } else if (text.front() == '-' || is_digit(text.front())) {
    const auto integer = text == "-0" ? std::nullopt : core::parse_integer(text);
    if (integer) return core::Value(*integer);
  }
  auto value = core::parse_json(text);
  return value ? *std::move(value) : core::Value();
}

}  // namespace

core::Value scan_json(std::string_view text, std::span<const JsonStep> steps) {
  Scanner scanner(text, steps);
  if (!scanner.run()) return {};
  const Found& found = scanner.found();
  if (found.length >= 0) return core::Value(found.length);
  if (found.begin == nullptr) return {};
  return make_value({found.begin, static_cast<std::size_t>(found.end - found.begin)});
}

JsonKind kind_at(std::string_view text, std::span<const JsonStep> steps) {
  Scanner scanner(text, steps);
  if (!scanner.run()) return JsonKind::kNoJson;
  const Found& found = scanner.found();
  if (found.length >= 0) return JsonKind::kOther;
  if (found.begin == nullptr) return JsonKind::kAbsent;
  if (*found.begin == '{') return JsonKind::kObject;
  return *found.begin == '[' ? JsonKind::kList : JsonKind::kOther;
}

}  // namespace slsart::expr::capture
