#include "provider/emulated/http_request.h"

#include <algorithm>

#include "core/text.h"

namespace slsart::provider::emulated {
namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool is_visible(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return (c < ' ' && c != '\t') || c == 127; });
}

std::string_view reason(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

}  // namespace

std::string_view HttpRequest::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

bool RequestReader::refuse(int status) {
  state_ = State::kFault;
  fault_status_ = status;
  return false;
}

RequestReader::Progress RequestReader::feed(std::string_view& bytes) {
  bool goes_on = true;
  while (goes_on && state_ != State::kDone && state_ != State::kFault) {
    switch (state_) {
      case State::kHead:
        goes_on = read_head(bytes);
        break;
      case State::kLength:
        goes_on = read_length(bytes);
        break;
      case State::kChunks:
        goes_on = read_chunks(bytes);
        break;
      case State::kTrailers:
        goes_on = read_trailers(bytes);
        break;
      case State::kDone:
      case State::kFault:
        break;
    }
  }
  if (state_ == State::kFault) return Progress::kFault;
  return state_ == State::kDone ? Progress::kComplete : Progress::kIncomplete;
}

// Takes bytes into held_ up to and with a blank line; true when it is there.
bool RequestReader::gather(std::string_view& bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::size_t count = end == std::string_view::npos ? bytes.size() : end + 1;
    if (held_.size() + count > kMaxHeadBytes) return refuse(431);
    held_.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    if (held_ == "\r\n" && state_ == State::kHead) held_.clear();  // RFC 9112 §2.2
    if (held_.ends_with("\r\n\r\n") || (held_ == "\r\n" && state_ == State::kTrailers)) return true;
  }
  return false;
}

bool RequestReader::read_head(std::string_view& bytes) {
  if (!gather(bytes)) return false;
  if (!accept_head(held_)) return false;
  held_.clear();
  return true;
}

bool RequestReader::accept_head(std::string_view head) {
  std::size_t end = head.find("\r\n");
  const std::vector<std::string_view> words = core::split(head.substr(0, end), ' ');
  if (words.size() != 3 || !is_token(words[0]) || !is_visible(words[1])) return refuse(400);
  if (words[2] != "HTTP/1.1" && words[2] != "HTTP/1.0") {
    return refuse(words[2].starts_with("HTTP/") ? 505 : 400);
  }
  if (words[1].front() != '/') return refuse(400);
  request_.method = words[0];
  const std::size_t question = words[1].find('?');
  request_.path = words[1].substr(0, question);
  if (question != std::string_view::npos) request_.query = words[1].substr(question + 1);
  request_.keeps_alive = words[2] == "HTTP/1.1";
  head.remove_prefix(end + 2);
  while (head != "\r\n") {
    end = head.find("\r\n");
    if (!accept_line(head.substr(0, end))) return false;
    head.remove_prefix(end + 2);
  }
  return accept_framing();
}

bool RequestReader::accept_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return refuse(400);
  const std::string_view value = core::trim(line.substr(colon + 1));
  if (!is_value(value)) return refuse(400);
  if (request_.headers.size() == kMaxHeaders) return refuse(431);
  request_.headers.emplace_back(core::to_lower(line.substr(0, colon)), value);
  return true;
}

bool RequestReader::accept_framing() {
  const std::string_view* length = nullptr;
  std::string_view lengths[1];
  bool is_chunked = false;
  for (const auto& [name, value] : request_.headers) {
    if (name == "content-length") {
      if (length != nullptr && *length != value) return refuse(400);
      lengths[0] = value;
      length = lengths;
    } else if (name == "transfer-encoding") {
      if (!core::equals_ignoring_case(value, "chunked") || is_chunked) return refuse(501);
      is_chunked = true;
    } else if (name == "connection") {
      if (core::equals_ignoring_case(value, "close")) request_.keeps_alive = false;
    } else if (name == "expect") {
      expects_continue_ = core::equals_ignoring_case(value, "100-continue");
    }
  }
  if (is_chunked && length != nullptr) return refuse(400);  // RFC 9112 §6.3: smuggling
  left_ = 0;
  if (length != nullptr) {
    const auto number = core::parse_integer(*length);
    if (!number || *number < 0 || length->front() == '-') return refuse(400);
    left_ = static_cast<std::uint64_t>(*number);
    if (left_ > kMaxDiscardedBytes) return refuse(413);
  }
  state_ = is_chunked ? State::kChunks : left_ > 0 ? State::kLength : State::kDone;
  if (state_ == State::kDone) expects_continue_ = false;
  return true;
}

bool RequestReader::keep(std::string_view data) {
  body_bytes_ += data.size();
  if (body_bytes_ > kMaxDiscardedBytes) return refuse(413);
  if (body_bytes_ > kMaxBodyBytes) {
    request_.is_too_large = true;
    request_.body.clear();
    return true;
  }
  request_.body.append(data);
  return true;
}

bool RequestReader::read_length(std::string_view& bytes) {
  if (bytes.empty()) return false;
  const std::size_t count = std::min<std::uint64_t>(left_, bytes.size());
  if (!keep(bytes.substr(0, count))) return false;
  bytes.remove_prefix(count);
  left_ -= count;
  if (left_ == 0) state_ = State::kDone;
  return true;
}

bool RequestReader::read_chunks(std::string_view& bytes) {
  if (bytes.empty()) return false;
  const protocol::http1::ChunkReader::Piece piece = chunks_.next(bytes);
  bytes.remove_prefix(piece.used);
  if (piece.progress == protocol::http1::Progress::kFault) return refuse(400);
  if (!keep(piece.data)) return false;
  if (piece.progress == protocol::http1::Progress::kComplete) state_ = State::kTrailers;
  return true;
}

bool RequestReader::read_trailers(std::string_view& bytes) {
  if (!gather(bytes)) return false;
  held_.clear();  // nobody needs them
  state_ = State::kDone;
  return true;
}

HttpRequest RequestReader::take() {
  HttpRequest request = std::move(request_);
  *this = RequestReader();
  return request;
}

std::string to_bytes(const HttpAnswer& answer, bool keeps_alive) {
  std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  bytes.append(reason(answer.status)).append("\r\n");
  for (const auto& [name, value] : answer.headers) {
    bytes += name;
    bytes += ": ";
    for (const char c : value) bytes += (c == '\r' || c == '\n' || c == '\0') ? ' ' : c;
    bytes += "\r\n";
  }
  if (answer.status != 204) {
    bytes += "content-length: " + std::to_string(answer.body.size()) + "\r\n";
  }
  if (!keeps_alive) bytes += "connection: close\r\n";
  bytes += "\r\n";
  if (answer.status != 204) bytes += answer.body;
  return bytes;
}

}  // namespace slsart::provider::emulated
