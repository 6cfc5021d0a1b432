// Hot path: see architecture §9
#include "expr/capture/regexp.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/text.h"
#include "expr/capture/regexp_pattern.h"
#include "expr/extractor.h"

namespace slsart::expr::capture {
namespace {

// What one attempt may cost. The limit counts backtracking points from one starting place; it grows
// with the text, because an honest `[\s\S]*?` passes each byte once.
constexpr std::uint32_t kMatchLimit = 100'000;
constexpr std::uint32_t kMatchLimitPerByte = 4;
constexpr std::uint32_t kHeapLimitKib = 32 * 1024;

// That limit starts anew at every place of the text, and a run such as `\s+` counts as one point
// however long it is: `\s+$` on a text of n blanks costs n * n / 2. So a text longer than this is
// matched by a second program, which calls back before every item of the pattern and pays for each
// call and each byte passed out of one purse. Short texts keep the program without calls.
constexpr std::size_t kLongestUnwatched = 4096;
constexpr std::uint64_t kCallCost = 8;  // what a call takes, measured in bytes passed
constexpr std::uint64_t kPurse = 50'000'000;
constexpr std::uint64_t kPursePerByte = 64;

struct Purse {
  std::uint64_t left = 0;
  std::size_t position = 0;
};

int pay(pcre2_callout_block* block, void* data) {
  auto& purse = *static_cast<Purse*>(data);
  const std::size_t now = block->current_position;
  const std::uint64_t cost =
      kCallCost + (now > purse.position ? now - purse.position : purse.position - now);
  purse.position = now;
  if (cost > purse.left) return PCRE2_ERROR_MATCHLIMIT;
  purse.left -= cost;
  return 0;
}

struct FreeMatchData {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct FreeMatchContext {
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

// What matching needs to write on, kept by each thread so that a match allocates nothing.
struct Scratch {
  std::unique_ptr<pcre2_match_data, FreeMatchData> data;
  std::uint32_t pairs = 0;
  std::unique_ptr<pcre2_match_context, FreeMatchContext> context;
  Purse purse;

  bool prepare(std::uint32_t wanted_pairs, std::size_t text_size) {
    if (data == nullptr || pairs < wanted_pairs) {
      data.reset(pcre2_match_data_create(wanted_pairs, nullptr));
      pairs = wanted_pairs;
    }
    if (context == nullptr) context.reset(pcre2_match_context_create(nullptr));
    if (data == nullptr || context == nullptr) return false;
    const std::uint64_t limit = kMatchLimit + kMatchLimitPerByte * std::uint64_t{text_size};
    const auto bounded = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(limit, std::numeric_limits<std::uint32_t>::max()));
    pcre2_set_match_limit(context.get(), bounded);
    pcre2_set_depth_limit(context.get(), bounded);
    pcre2_set_heap_limit(context.get(), kHeapLimitKib);
    pcre2_set_callout(context.get(), &pay, &purse);
    return true;
  }
};

Scratch& thread_scratch() {
  thread_local Scratch scratch;
  return scratch;
}

core::Error fault(std::string message, std::optional<std::size_t> offset = {}) {
  return core::Error{.code = core::ErrorCode::kInvalidInput,
                     .message = std::move(message),
                     .hint = {},
                     .offset = offset};
}

struct Flags {
  // The pattern's line ends are its own business: see translate_regexp().
  std::uint32_t options = PCRE2_UTF | PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALLOW_EMPTY_CLASS |
                          PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX | PCRE2_NEVER_BACKSLASH_C;
  RegexpMode mode = RegexpMode::kLenient;
};

core::Result<Flags> parse_flags(std::string_view text) {
  Flags flags;
  for (const char flag : text) {
    switch (flag) {
      case 'i':
        flags.options |= PCRE2_CASELESS;
        break;
      case 'm':
        flags.options |= PCRE2_MULTILINE;
        break;
      case 's':
        flags.options |= PCRE2_DOTALL;
        break;
      case 'u':
        flags.mode = RegexpMode::kUnicode;
        break;
      case 'g':
        break;
      default: {
        core::Error error = fault(std::string("there is no flag \"") + flag + "\"");
        error.hint = "the flags are i, m, s, u and g";
        return error;
      }
    }
  }
  return flags;
}

core::Result<std::uint32_t> find_group(const RegexpPattern& pattern, std::string_view wanted) {
  if (wanted.empty()) return std::uint32_t{0};
  if (const auto number = core::parse_integer(wanted); number && *number >= 0) {
    return static_cast<std::uint32_t>(std::min<std::int64_t>(*number, pattern.group_count + 1));
  }
  std::vector<std::string_view> names;
  for (const auto& [name, number] : pattern.group_names) {
    if (name == wanted) return number;
    names.emplace_back(name);
  }
  const std::string_view nearest = core::nearest_name(wanted, names);
  return core::Error{
      .code = core::ErrorCode::kNotFound,
      .message = "the pattern has no group \"" + std::string(wanted) + "\"",
      .hint = nearest.empty() ? "" : "did you mean \"" + std::string(nearest) + "\"?",
      .offset = {}};
}

using CodePtr = std::shared_ptr<const pcre2_code>;

core::Result<CodePtr> compile_code(const RegexpPattern& pattern, std::uint32_t options) {
  struct FreeContext {
    void operator()(pcre2_compile_context* c) const { pcre2_compile_context_free(c); }
  };
  const std::unique_ptr<pcre2_compile_context, FreeContext> context(
      pcre2_compile_context_create(nullptr));
  if (context == nullptr) return fault("there is no memory for the pattern");
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANYCRLF);
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.text.data()),
                                   pattern.text.size(), options, &error, &offset, context.get());
  if (code == nullptr) {
    std::array<PCRE2_UCHAR, 256> message{};
    pcre2_get_error_message(error, message.data(), message.size());
    const std::size_t place = std::min<std::size_t>(offset, pattern.offsets.size() - 1);
    return fault(reinterpret_cast<const char*>(message.data()), pattern.offsets[place]);
  }
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // where there is none, the interpreter does it
  return CodePtr(code, [](const pcre2_code* c) { pcre2_code_free(const_cast<pcre2_code*>(c)); });
}

bool is_utf8_error(int code) {
  return code <= PCRE2_ERROR_UTF8_ERR1 && code >= PCRE2_ERROR_UTF8_ERR21;
}

// Bytes of the character that begins at `i` (Unicode, table 3-7); 0 if none does.
std::size_t character_size(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned first = byte(i);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (i + size > text.size()) return 0;
  for (std::size_t j = 1; j < size; ++j) {
    if ((byte(i + j) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte(i + 1);
  const bool is_out_of_range = (first == 0xE0 && second < 0xA0) ||
                               (first == 0xED && second > 0x9F) ||
                               (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return is_out_of_range ? 0 : size;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = character_size(text, i);
    if (size == 0) return i;
    i += size;
  }
  return std::nullopt;
}

// The text with every byte that is part of no character replaced by U+FFFD.
std::string to_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = character_size(text, i);
    size == 0 ? out.append("\xEF\xBF\xBD") : out.append(text, i, size);
    i += std::max<std::size_t>(size, 1);
  }
  return out;
}

int match(const pcre2_code* code, std::string_view text, std::uint32_t options, Scratch& scratch) {
  scratch.purse = {.left = kPurse + kPursePerByte * text.size(), .position = 0};
  return pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, options,
                     scratch.data.get(), scratch.context.get());
}

}  // namespace

core::Result<Regexp> Regexp::compile(std::string_view pattern, const RegexpOptions& options) {
  auto flags = parse_flags(options.flags);
  if (!flags) return std::move(flags).error();
  if (const auto place = find_invalid_utf8(pattern)) return fault("this is not UTF-8", place);
  auto translated = translate_regexp(pattern, flags->mode);
  if (!translated) return std::move(translated).error();
  auto group = find_group(*translated, options.group);
  if (!group) return std::move(group).error();
  auto code = compile_code(*translated, flags->options);
  if (!code) return std::move(code).error();
  Regexp regexp;
  auto watched = compile_code(*translated, flags->options | PCRE2_AUTO_CALLOUT);
  if (!watched) return std::move(watched).error();
  regexp.code_ = *std::move(code);
  regexp.watched_code_ = *std::move(watched);
  regexp.group_ = *group;
  return regexp;
}

core::Value Regexp::find(std::string_view text) const {
  Scratch& scratch = thread_scratch();
  if (!scratch.prepare(group_ + 1, text.size())) return {};
  const pcre2_code* code = text.size() <= kLongestUnwatched ? code_.get() : watched_code_.get();
  int count = match(code, text, 0, scratch);
  std::string repaired;
  if (is_utf8_error(count)) {
    repaired = to_utf8(text);
    text = repaired;
    count = match(code, text, 0, scratch);
  }
  // The stack of compiled code is small; the interpreter's is on the heap.
  if (count == PCRE2_ERROR_JIT_STACKLIMIT) count = match(code, text, PCRE2_NO_JIT, scratch);
  if (count < 0) return {};
  const PCRE2_SIZE* places = pcre2_get_ovector_pointer(scratch.data.get());
  const bool has_group = count == 0 || group_ < static_cast<std::uint32_t>(count);
  const std::size_t pair = has_group && places[2 * group_] != PCRE2_UNSET ? 2 * group_ : 0;
  const PCRE2_SIZE begin = std::min(places[pair], places[pair + 1]);
  return core::Value(text.substr(begin, places[pair + 1] - begin));
}

}  // namespace slsart::expr::capture
