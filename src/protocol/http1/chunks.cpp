// Hot path: see architecture §9
#include "protocol/http1/chunks.h"

#include <algorithm>

#include "protocol/http1/characters.h"

namespace slsart::protocol::http1 {

namespace {

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

ChunkReader::State ChunkReader::fail(HttpFault fault) {
  fault_ = fault;
  return State::kFault;
}

// One byte of an extension. The characters are those llhttp 8.1 takes, which knows no quoted pairs.
ChunkReader::State ChunkReader::step_extension(char c) {
  if (++extension_bytes_ > kMaxHeadBytes) return fail(HttpFault::kHeaderOverflow);
  const State invalid = State::kFault;
  State next = invalid;
  if (state_ == State::kExtensionQuoted) {
    const bool is_text = c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != '\\');
    next = c == '"' ? State::kExtensionQuotedEnd : is_text ? State::kExtensionQuoted : invalid;
  } else if (c == '\r') {
    next = state_ == State::kExtensionStart ? invalid : State::kSizeLineFeed;
  } else if (c == ';') {
    // llhttp takes "a=b;" without a further extension.
    const bool has_value = state_ == State::kExtensionValue || state_ == State::kExtensionQuotedEnd;
    next = has_value ? State::kExtensionNext : State::kExtensionStart;
  } else if (state_ == State::kExtensionQuotedEnd) {
    next = invalid;
  } else if (state_ == State::kExtensionValue) {
    next = c == '"' ? State::kExtensionQuoted : is_token_character(c) ? state_ : invalid;
  } else if (c == '=') {
    next = State::kExtensionValue;
  } else if (is_token_character(c)) {
    next = State::kExtensionName;
  }
  return next == invalid ? fail(HttpFault::kInvalidChunkSize) : next;
}

// One byte of the framing.
ChunkReader::State ChunkReader::step(char c) {
  switch (state_) {
    case State::kFirstDigit:
    case State::kDigits: {
      const int digit = hex_digit(c);
      if (digit >= 0) {
        if (left_ > UINT64_MAX >> 4) return fail(HttpFault::kInvalidChunkSize);
        left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
        return State::kDigits;
      }
      if (state_ == State::kDigits && c == '\r') return State::kSizeLineFeed;
      if (state_ == State::kDigits && c == ';') return State::kExtensionStart;
      return fail(HttpFault::kInvalidChunkSize);
    }
    case State::kSizeLineFeed:
      if (c != '\n') return fail(HttpFault::kLineEndExpected);
      return left_ == 0 ? State::kDone : State::kData;
    case State::kDataReturn:
      return c == '\r' ? State::kDataLineFeed : fail(HttpFault::kLineEndExpected);
    case State::kDataLineFeed:
      return c == '\n' ? State::kFirstDigit : fail(HttpFault::kLineEndExpected);
    default:
      return step_extension(c);
  }
}

ChunkReader::Piece ChunkReader::next(std::string_view bytes) {
  Piece piece;
  while (piece.used < bytes.size() && state_ < State::kDone) {
    if (state_ == State::kData) {
      const std::uint64_t here = std::min<std::uint64_t>(left_, bytes.size() - piece.used);
      piece.data = bytes.substr(piece.used, static_cast<std::size_t>(here));
      piece.used += piece.data.size();
      left_ -= here;
      if (left_ == 0) state_ = State::kDataReturn;
      return piece;
    }
    state_ = step(bytes[piece.used++]);
  }
  if (state_ == State::kDone) piece.progress = Progress::kComplete;
  if (state_ == State::kFault) {
    piece.progress = Progress::kFault;
    piece.fault = fault_;
  }
  return piece;
}

}  // namespace slsart::protocol::http1
