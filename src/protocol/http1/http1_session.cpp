// Hot path: see architecture §9
#include "protocol/http1/http1_session.h"

#include <algorithm>
#include <cerrno>

#include "core/check.h"

namespace slsart::protocol::http1 {

namespace {

// A length announced by the peer is believed only so far.
constexpr std::uint64_t kMostReserved = 1u << 20;

net::Failure http_failure(HttpFault fault) {
  return {net::FailureDomain::kHttp, static_cast<std::int32_t>(fault)};
}

// Whether parsing a head again can tell more than it did of the first `held` bytes: a line may have
// become complete, what follows a complete one may have shown (obs-fold), or the start is still
// open.
bool may_have_progressed(std::string_view all, std::size_t held) {
  constexpr std::size_t kStart = 5;
  return held < kStart || all[0] != 'H' || all[held - 1] == '\n' ||
         all.find('\n', held) != std::string_view::npos;
}

}  // namespace

void Http1Session::submit(Exchange& exchange) {
  SLSART_DCHECK(capacity() == 1);
  exchange_ = &exchange;
  state_ = State::kHead;
  written_ = 0;
  head_bytes_ = 0;
}

Output Http1Session::output() const {
  if (exchange_ == nullptr) return {};
  const std::size_t head = exchange_->head.size();
  if (written_ < head) return {exchange_->head.substr(written_), exchange_->body};
  return {exchange_->body.substr(written_ - head), {}};
}

void Http1Session::wrote(std::size_t bytes, core::TimePoint now) {
  if (bytes == 0) return;
  if (written_ == 0) exchange_->times.first_sent = now;
  written_ += bytes;
  if (written_ == exchange_->head.size() + exchange_->body.size()) exchange_->times.sent = now;
}

void Http1Session::feed(std::string_view bytes, core::TimePoint now) {
  if (exchange_ == nullptr) {
    may_continue_ = false;  // bytes nobody asked for
    return;
  }
  exchange_->wire_bytes += bytes.size();
  while (!bytes.empty()) {
    const bool goes_on = state_ == State::kHead       ? read_head(bytes, now)
                         : state_ == State::kChunks   ? read_chunks(bytes, now)
                         : state_ == State::kTrailers ? read_trailers(bytes, now)
                                                      : read_body(bytes, now);
    if (!goes_on) return;
  }
}

bool Http1Session::read_head(std::string_view& bytes, core::TimePoint now) {
  if (held_.empty()) exchange_->times.first_byte = now;  // of an informational head until the next
  const std::size_t held = held_.size();
  const std::string_view all = gather(bytes);
  if (held > 0 && !may_have_progressed(all, held)) return hold(all, bytes, now);
  const HeadResult parsed = scratch_.heads.read(all, exchange_->is_head_method);
  if (parsed.progress == Progress::kFault) return fail(parsed.fault, now);
  if (parsed.progress == Progress::kIncomplete) return hold(all, bytes, now);
  const Head& head = scratch_.heads.head();
  bytes.remove_prefix(head.bytes - held);
  const bool is_informational = head.status < 200 && head.status != 101;
  if (is_informational) {
    head_bytes_ += head.bytes;
    release_held();
    return true;
  }
  if (!accept_head(head, now)) return false;
  if (head.framing != Framing::kNone) return true;
  complete(bytes, now);  // empty bodies end with the head, even when no byte follows
  return false;
}

// The final head: tells the handler and gets ready for the body.
bool Http1Session::accept_head(const Head& head, core::TimePoint now) {
  exchange_->status = head.status;
  exchange_->times.headers = now;
  may_continue_ &= head.is_keep_alive;
  state_ = head.framing == Framing::kChunked  ? State::kChunks
           : head.framing == Framing::kLength ? State::kLength
                                              : State::kUntilClose;
  left_ = head.content_length;
  chunks_.reset();
  const ResponseHead view{.status = head.status, .headers = head.headers};
  codings_ =
      exchange_->keep_body && exchange_->decode_body ? ContentCodings::of(view) : ContentCodings{};
  const std::uint32_t epoch = epoch_;
  exchange_->handler->on_head(*exchange_, view);
  if (epoch != epoch_) return false;
  release_held();
  head_bytes_ = 0;  // the trailers' own limit
  return true;
}

bool Http1Session::read_body(std::string_view& bytes, core::TimePoint now) {
  std::string_view data = bytes;
  if (state_ == State::kLength) {
    data = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
    left_ -= data.size();
    const bool is_whole = left_ == 0 && exchange_->body_bytes == 0;
    if (is_whole && exchange_->keep_body && data.size() <= exchange_->body_limit) {
      exchange_->body_bytes = data.size();
      whole_body_ = data;  // handed over where it lies
      complete(bytes.substr(data.size()), now);
      return false;
    }
  }
  bytes.remove_prefix(data.size());
  if (!collect(data, now)) return false;
  if (state_ != State::kLength || left_ > 0) return true;
  complete(bytes, now);
  return false;
}

bool Http1Session::read_chunks(std::string_view& bytes, core::TimePoint now) {
  while (!bytes.empty()) {
    const ChunkReader::Piece piece = chunks_.next(bytes);
    bytes.remove_prefix(piece.used);
    if (piece.progress == Progress::kFault) return fail(piece.fault, now);
    if (!piece.data.empty() && !collect(piece.data, now)) return false;
    if (piece.progress == Progress::kComplete) {
      state_ = State::kTrailers;
      return true;
    }
  }
  return true;
}

bool Http1Session::read_trailers(std::string_view& bytes, core::TimePoint now) {
  const std::size_t held = held_.size();
  const std::string_view all = gather(bytes);
  std::size_t used = 0;
  const HeadResult parsed = parse_trailers(all, scratch_.trailers, used);
  if (parsed.progress == Progress::kFault) return fail(parsed.fault, now);
  if (parsed.progress == Progress::kIncomplete) return hold(all, bytes, now);
  complete(bytes.substr(used - held), now);
  return false;
}

bool Http1Session::collect(std::string_view data, core::TimePoint now) {
  exchange_->body_bytes += data.size();
  if (!exchange_->keep_body) return true;
  if (body_.empty()) {
    body_ = scratch_.buffers.take();
    if (state_ == State::kLength) {
      body_.reserve(static_cast<std::size_t>(std::min(left_ + data.size(), kMostReserved)));
    }
  }
  const std::size_t room = exchange_->body_limit - body_.size();
  body_.append(data.substr(0, room));
  return data.size() <= room || fail(HttpFault::kBodyTooLarge, now);
}

// The head or trailers so far, as much as there may be: where they lie when they began in this
// feed, else gathered in held_.
std::string_view Http1Session::gather(std::string_view bytes) {
  bytes = bytes.substr(0, kMaxHeadBytes - head_bytes_ - held_.size());
  if (held_.empty()) return bytes;
  held_.append(bytes);
  return held_;
}

// Keeps what gather() answered until the rest comes.
bool Http1Session::hold(std::string_view all, std::string_view& bytes, core::TimePoint now) {
  if (all.size() >= kMaxHeadBytes - head_bytes_) return fail(HttpFault::kHeaderOverflow, now);
  bytes = {};
  if (held_.empty()) {
    held_ = scratch_.buffers.take();
    held_.append(all);
  }
  return true;
}

void Http1Session::release_held() {
  scratch_.buffers.give(std::move(held_));
  held_.clear();
}

bool Http1Session::fail(HttpFault fault, core::TimePoint now) {
  may_continue_ = false;
  finish(http_failure(fault), now);
  return false;
}

// The response is complete; `rest` came after it and belongs to nobody.
void Http1Session::complete(std::string_view rest, core::TimePoint now) {
  const bool was_sent = written_ == exchange_->head.size() + exchange_->body.size();
  exchange_->wire_bytes -= rest.size();
  if (!rest.empty() || !was_sent) may_continue_ = false;
  finish({}, now);
}

// Everything of this exchange is moved out of the session first: the handler may start the next
// one.
void Http1Session::finish(net::Failure failure, core::TimePoint now) {
  Exchange& exchange = *exchange_;
  Buffers& buffers = scratch_.buffers;
  std::string collected = std::move(body_);
  std::string decoded;
  std::string_view body = whole_body_.empty() ? std::string_view(collected) : whole_body_;
  const ContentCodings codings = codings_;
  release_held();
  body_.clear();
  whole_body_ = {};
  exchange_ = nullptr;
  codings_ = {};

  if (!codings.empty() && !body.empty()) {
    decoded = buffers.take();
    const auto fault = codings.decode(body, exchange.body_limit, decoded);
    if (fault && !failure) failure = http_failure(*fault);
    body = decoded;
  }
  exchange.failure = failure;
  exchange.times.end = now;
  handler_.on_exchange_end(exchange, body);
  buffers.give(std::move(collected));
  buffers.give(std::move(decoded));
}

void Http1Session::end(net::Failure failure, core::TimePoint now) {
  may_continue_ = false;
  if (exchange_ == nullptr) return;
  const bool is_complete = state_ == State::kUntilClose && !failure;
  if (!is_complete && !failure) failure = {net::FailureDomain::kSystem, ECONNRESET};
  finish(failure, now);
}

void Http1Session::reset() {
  ++epoch_;
  exchange_ = nullptr;
  state_ = State::kHead;
  may_continue_ = true;
  codings_ = {};
  release_held();
  scratch_.buffers.give(std::move(body_));
  body_.clear();
  whole_body_ = {};
}

}  // namespace slsart::protocol::http1
