// Hot path: see architecture §9
#include "protocol/http1/head.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "protocol/http1/characters.h"

namespace slsart::protocol::http1 {

namespace {

constexpr HeadResult kNeedsMore{Progress::kIncomplete, {}};
constexpr HeadResult kDone{Progress::kComplete, {}};
constexpr HeadResult failed(HttpFault fault) {
  return {Progress::kFault, fault};
}

// What the fields said that decide about the body, gathered line by line.
struct Facts {
  bool has_length = false;
  bool has_transfer_encoding = false;
  bool is_chunked = false;  // "chunked" is the last coding
  bool says_close = false;
  bool says_keep_alive = false;
};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equals_lower(std::string_view text, std::string_view lower_case) {
  return text.size() == lower_case.size() &&
         std::equal(text.begin(), text.end(), lower_case.begin(),
                    [](char a, char b) { return lower(a) == b; });
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Calls `use` for each trimmed element of a comma separated list.
template <typename Use>
void for_each_element(std::string_view list, Use use) {
  for (;;) {
    const std::size_t comma = list.find(',');
    use(trim_blanks(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

// "HTTP/1.1 200 reason": without its line end. Reads status; the minor version goes to `minor`.
HeadResult parse_status_line(std::string_view line, int& status, int& minor) {
  if (!line.starts_with("HTTP/")) return failed(HttpFault::kInvalidConstant);
  if (line.size() < 9 || line[5] != '1' || line[6] != '.' || (line[7] != '0' && line[7] != '1') ||
      line[8] != ' ') {
    return failed(HttpFault::kInvalidVersion);
  }
  minor = line[7] - '0';
  const std::string_view code = line.substr(9, 3);
  if (code.size() < 3 || !std::all_of(code.begin(), code.end(), is_digit) || code[0] == '0' ||
      (line.size() > 12 && line[12] != ' ')) {
    return failed(HttpFault::kInvalidStatus);
  }
  status = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
  if (line.find('\r') != std::string_view::npos) return failed(HttpFault::kLineEndExpected);
  return kDone;
}

// The bytes of a field value before its line end. A bare CR and any other control are refused.
HeadResult check_value(std::string_view value) {
  // Gathered without a branch per byte; the fault is looked for only when there is one.
  std::uint8_t all = kValueCharacter;
  for (const char c : value) all &= kCharacters[static_cast<unsigned char>(c)];
  if (all != 0) return kDone;
  const auto bad = std::find_if_not(value.begin(), value.end(), is_value_character);
  return failed(*bad == '\r' ? HttpFault::kLineEndExpected : HttpFault::kInvalidHeaderToken);
}

HeadResult read_content_length(std::string_view value, bool was_folded, Facts& facts,
                               std::uint64_t& length) {
  if (facts.has_length || was_folded) return failed(HttpFault::kUnexpectedContentLength);
  if (value.empty()) return failed(HttpFault::kInvalidContentLength);
  length = 0;
  for (const char c : value) {
    const std::uint64_t digit = static_cast<std::uint64_t>(c - '0');
    if (!is_digit(c) || length > (UINT64_MAX - digit) / 10) {
      return failed(HttpFault::kInvalidContentLength);
    }
    length = length * 10 + digit;
  }
  facts.has_length = true;
  return kDone;
}

// Fields that decide about the body or the connection.
HeadResult note_field(const ResponseHead::Header& header, bool was_folded, Facts& facts,
                      Head& head) {
  switch (header.name.size()) {
    case 10:
      if (equals_lower(header.name, "connection")) {
        for_each_element(header.value, [&](std::string_view token) {
          facts.says_close |= equals_lower(token, "close");
          facts.says_keep_alive |= equals_lower(token, "keep-alive");
        });
      }
      return kDone;
    case 14:
      if (!equals_lower(header.name, "content-length")) return kDone;
      return read_content_length(header.value, was_folded, facts, head.content_length);
    case 17:
      if (equals_lower(header.name, "transfer-encoding")) {
        if (was_folded) return failed(HttpFault::kInvalidTransferEncoding);
        facts.has_transfer_encoding = true;
        if (header.value.empty()) return kDone;
        for_each_element(header.value, [&](std::string_view coding) {
          facts.is_chunked = equals_lower(coding, "chunked");
        });
      }
      return kDone;
    default:
      return kDone;
  }
}

// The lines of fields up to the blank one. Lines are whole or not looked at.
class FieldReader {
 public:
  FieldReader(std::string_view bytes, std::size_t position, Head& head)
      : bytes_(bytes), position_(position), head_(head) {}

  HeadResult read(Facts* facts);
  std::size_t position() const { return position_; }

 private:
  HeadResult read_field(std::string_view line);
  HeadResult take_continuations(bool& was_folded);
  HeadResult next_line(std::string_view& line);  // without its LF

  std::string_view bytes_;
  std::size_t position_;
  std::size_t lines_ = 0;
  Head& head_;
};

HeadResult FieldReader::next_line(std::string_view& line) {
  const char* start = bytes_.data() + position_;
  const auto* end = static_cast<const char*>(std::memchr(start, '\n', bytes_.size() - position_));
  if (end == nullptr) return kNeedsMore;
  if (++lines_ > kMaxHeaderLines + 1) return failed(HttpFault::kHeaderOverflow);
  line = {start, static_cast<std::size_t>(end - start)};
  position_ += line.size() + 1;
  return kDone;
}

// llhttp takes a bare LF after the status line and as the blank line, but not after a field.
HeadResult FieldReader::read_field(std::string_view line) {
  if (!line.ends_with('\r')) return failed(HttpFault::kInvalidHeaderToken);
  line.remove_suffix(1);
  std::size_t colon = 0;
  while (colon < line.size() && is_token_character(line[colon])) ++colon;
  if (colon == 0 || colon == line.size() || line[colon] != ':') {
    return failed(HttpFault::kInvalidHeaderToken);
  }
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  head_.headers.push_back({line.substr(0, colon), value});
  return check_value(value);
}

// Lines that begin with a blank belong to the value before (obs-fold, RFC 9112 §5.2): joined
// without the line end, as llhttp does.
HeadResult FieldReader::take_continuations(bool& was_folded) {
  std::string_view& value = head_.headers.back().value;
  bool is_copied = false;
  std::size_t start = 0;
  const char* const line_end = bytes_.data() + position_ - 2;  // before CR and LF
  while (position_ < bytes_.size() && is_blank(bytes_[position_])) {
    std::string_view line;
    if (const HeadResult next = next_line(line); next.progress != Progress::kComplete) return next;
    if (!line.ends_with('\r')) return failed(HttpFault::kInvalidHeaderToken);
    line.remove_suffix(1);
    if (const HeadResult checked = check_value(line); checked.progress == Progress::kFault) {
      return checked;
    }
    was_folded |= !value.empty();
    if (!is_copied) {
      // All joined values together are shorter than the head: reserved once, the views stay.
      head_.unfolded.reserve(bytes_.size());
      start = head_.unfolded.size();
      head_.unfolded.append(value.data(), line_end);  // with the blanks at its end
      is_copied = true;
    }
    head_.unfolded.append(line);
    value = trim_blanks(std::string_view(head_.unfolded).substr(start));
  }
  // Whether another continuation follows shows only with the next line's first byte.
  return position_ < bytes_.size() ? kDone : kNeedsMore;
}

HeadResult FieldReader::read(Facts* facts) {
  for (;;) {
    std::string_view line;
    if (const HeadResult next = next_line(line); next.progress != Progress::kComplete) return next;
    if (line.empty() || line == "\r") return kDone;
    if (const HeadResult field = read_field(line); field.progress != Progress::kComplete)
      return field;
    bool was_folded = false;
    const HeadResult folded = take_continuations(was_folded);
    if (folded.progress != Progress::kComplete) return folded;
    if (facts == nullptr) continue;
    const HeadResult noted = note_field(head_.headers.back(), was_folded, *facts, head_);
    if (noted.progress != Progress::kComplete) return noted;
  }
}

// RFC 9112 §6.3 and §9.3. Both lengths at once is an attack or a mistake; llhttp refuses it, too.
HeadResult conclude(const Facts& facts, int minor, bool answers_head, Head& head) {
  if (facts.has_length && facts.has_transfer_encoding) {
    return failed(HttpFault::kUnexpectedContentLength);
  }
  const bool has_no_body =
      answers_head || head.status < 200 || head.status == 204 || head.status == 304;
  if (has_no_body) {
    head.framing = Framing::kNone;
  } else if (facts.has_transfer_encoding) {
    head.framing = facts.is_chunked ? Framing::kChunked : Framing::kUntilClose;
  } else if (facts.has_length) {
    head.framing = head.content_length == 0 ? Framing::kNone : Framing::kLength;
  } else {
    head.framing = Framing::kUntilClose;
  }
  const bool persists = minor == 1 ? !facts.says_close : facts.says_keep_alive && !facts.says_close;
  head.is_keep_alive = persists && head.framing != Framing::kUntilClose && head.status != 101;
  return kDone;
}

}  // namespace

HeadResult parse_head(std::string_view bytes, bool answers_head, Head& head) {
  head.headers.clear();
  head.unfolded.clear();
  head.content_length = 0;
  std::size_t start = 0;  // RFC 9112 §2.2 and llhttp: empty lines before the message are skipped
  while (start < bytes.size() && (bytes[start] == '\r' || bytes[start] == '\n')) ++start;
  const std::size_t line_end = bytes.find('\n', start);
  if (line_end == std::string_view::npos) {
    constexpr std::string_view kStart = "HTTP/";
    const std::string_view seen = bytes.substr(start, kStart.size());
    return kStart.starts_with(seen) ? kNeedsMore : failed(HttpFault::kInvalidConstant);
  }
  std::string_view line = bytes.substr(start, line_end - start);
  if (line.ends_with('\r')) line.remove_suffix(1);
  int minor = 0;
  const HeadResult status = parse_status_line(line, head.status, minor);
  if (status.progress == Progress::kFault) return status;

  Facts facts;
  FieldReader fields(bytes, line_end + 1, head);
  const HeadResult read = fields.read(&facts);
  if (read.progress != Progress::kComplete) return read;
  head.bytes = fields.position();
  return conclude(facts, minor, answers_head, head);
}

HeadResult HeadReader::read(std::string_view bytes, bool answers_head) {
  const bool is_known = !text_.empty() && answers_head == answers_head_ && bytes.starts_with(text_);
  if (is_known) return kDone;
  text_.clear();  // it is no one's while this is incomplete
  const HeadResult parsed = parse_head(bytes, answers_head, head_);
  if (parsed.progress != Progress::kComplete) return parsed;
  text_.assign(bytes.substr(0, head_.bytes));
  answers_head_ = answers_head;
  const auto moved = [&](std::string_view view) {
    const std::less<const char*> is_before;
    const bool is_outside =
        is_before(view.data(), bytes.data()) || !is_before(view.data(), bytes.data() + head_.bytes);
    if (is_outside) return view;  // a value that was unfolded
    return std::string_view(text_).substr(static_cast<std::size_t>(view.data() - bytes.data()),
                                          view.size());
  };
  for (ResponseHead::Header& header : head_.headers) {
    header = {moved(header.name), moved(header.value)};
  }
  return kDone;
}

HeadResult parse_trailers(std::string_view bytes, Head& scratch, std::size_t& bytes_used) {
  scratch.headers.clear();
  scratch.unfolded.clear();
  FieldReader fields(bytes, 0, scratch);
  const HeadResult read = fields.read(nullptr);
  bytes_used = fields.position();
  return read;
}

}  // namespace slsart::protocol::http1

namespace slsart::protocol {

std::string_view ResponseHead::find(std::string_view name) const {
  for (const Header& header : headers) {
    if (header.name.size() != name.size()) continue;
    const bool is_equal =
        std::equal(name.begin(), name.end(), header.name.begin(),
                   [](char a, char b) { return http1::lower(a) == http1::lower(b); });
    if (is_equal) return header.value;
  }
  return {};
}

}  // namespace slsart::protocol
