// HTTP/1.1 responses. Two claims:
//   1. the session understands the same however the bytes are cut (the cuts come from the input);
//   2. it understands what llhttp 8.1 (as Node.js builds it) understands, but for the differences
//   that
//      is_stricter_on_purpose() and is_milder_on_purpose() name; src/protocol/http1/README.md lists
//      them.
//
// Input: one byte (bit 0: the request was a HEAD; the other bits: number of cuts, modulo 8), as
// many bytes of cut positions in 256ths of the message, the message, after which the stream ends.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
#include <llhttp.h>
}

#include "core/text.h"
#include "protocol/http1/session_probe.h"

namespace {

using slsart::protocol::HttpFault;
using slsart::protocol::http1::SessionProbe;

// What llhttp understood of the final response.
struct Oracle {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool is_head_method = false;
  bool is_complete = false;
  bool in_trailers = false;
  std::string name;           // of the field that is being read
  bool has_odd_name = false;  // empty, or with a blank
  bool ended_by_informational = false;
  llhttp_errno_t error = HPE_OK;
  int major = 0;
  int minor = 0;
};

Oracle& oracle_of(llhttp_t* parser) {
  return *static_cast<Oracle*>(parser->data);
}
bool is_informational(const llhttp_t* parser) {
  return parser->status_code / 100 == 1 && parser->status_code != 101;
}

int on_field(llhttp_t* parser, const char* at, size_t size) {
  oracle_of(parser).name.append(at, size);
  return 0;
}
int on_field_complete(llhttp_t* parser) {
  Oracle& oracle = oracle_of(parser);
  oracle.has_odd_name |= oracle.name.empty() || oracle.name.find(' ') != std::string::npos;
  if (!oracle.in_trailers) oracle.headers.emplace_back(oracle.name, "");
  oracle.name.clear();
  return 0;
}
int on_value(llhttp_t* parser, const char* at, size_t size) {
  Oracle& oracle = oracle_of(parser);
  if (!oracle.in_trailers) oracle.headers.back().second.append(at, size);
  return 0;
}
int on_headers_complete(llhttp_t* parser) {
  Oracle& oracle = oracle_of(parser);
  oracle.status = parser->status_code;
  oracle.major = parser->http_major;
  oracle.minor = parser->http_minor;
  const bool has_no_body = oracle.is_head_method || parser->status_code / 100 == 1 ||
                           parser->status_code == 204 || parser->status_code == 304;
  return has_no_body ? 1 : 0;
}
int on_body(llhttp_t* parser, const char* at, size_t size) {
  oracle_of(parser).body.append(at, size);
  return 0;
}
int on_chunk_header(llhttp_t* parser) {
  oracle_of(parser).in_trailers = parser->content_length == 0;
  return 0;
}
int on_message_complete(llhttp_t* parser) {
  Oracle& oracle = oracle_of(parser);
  if (is_informational(parser)) {
    oracle.headers.clear();
    oracle.ended_by_informational = llhttp_should_keep_alive(parser) == 0;
    return 0;
  }
  oracle.is_complete = true;
  return HPE_PAUSED;
}

Oracle ask_llhttp(std::string_view bytes, bool is_head_method) {
  Oracle oracle;
  oracle.is_head_method = is_head_method;
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_header_field = on_field;
  settings.on_header_field_complete = on_field_complete;
  settings.on_header_value = on_value;
  settings.on_headers_complete = on_headers_complete;
  settings.on_body = on_body;
  settings.on_chunk_header = on_chunk_header;
  settings.on_message_complete = on_message_complete;
  llhttp_t parser;
  llhttp_init(&parser, HTTP_RESPONSE, &settings);
  parser.data = &oracle;
  oracle.error = llhttp_execute(&parser, bytes.data(), bytes.size());
  if (oracle.error == HPE_OK && !oracle.is_complete) llhttp_finish(&parser);
  return oracle;
}

std::string trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return std::string(text);
}

// The same words as SessionProbe's: "200 [Name: value] … | body | ".
std::string told(const Oracle& oracle) {
  std::string text = std::to_string(oracle.status);
  for (const auto& [name, value] : oracle.headers) {
    text.append(" [").append(name).append(": ").append(trimmed(value)).append("]");
  }
  return text + " | " + oracle.body + " | ";
}

bool has_bare_return(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n')) return true;
  }
  return false;
}

// llhttp took the response, the session refused it.
bool is_stricter_on_purpose(std::string_view bytes, const Oracle& oracle,
                            const slsart::net::Failure& failure) {
  // A CR that no LF follows ends lines in Node's build of llhttp.
  if (has_bare_return(bytes)) return true;
  switch (static_cast<HttpFault>(failure.code)) {
    case HttpFault::kLineEndExpected:  // any two bytes after a chunk's data
      return true;
    case HttpFault::kInvalidVersion:  // 0.9 and 2.0
      return oracle.major != 1;
    case HttpFault::kInvalidTransferEncoding:  // on several lines
    case HttpFault::kInvalidStatus:            // not three digits from 100
    case HttpFault::kHeaderOverflow:           // our limits
      return true;
    case HttpFault::kInvalidHeaderToken:
      return oracle.has_odd_name;
    default:
      return false;
  }
}

// The session took the response, llhttp refused it or understood something else.
bool is_milder_on_purpose(std::string_view bytes, const Oracle& oracle) {
  if (oracle.in_trailers) return true;  // we check only their form
  // A 1xx without keep-alive makes llhttp deaf; to us only the final response can end a connection.
  if (oracle.ended_by_informational) return true;
  // llhttp stops at the tab: has_tab_in_framing() does not get to see it.
  const bool has_tab = bytes.find('\t') != std::string_view::npos;
  if (oracle.error == HPE_INVALID_CONTENT_LENGTH && has_tab) return true;
  // After "name=value;" llhttp wants another semicolon before the next extension.
  return oracle.error == HPE_INVALID_CHUNK_SIZE && bytes.find("=") != std::string_view::npos &&
         bytes.find(";") != std::string_view::npos;
}

// A tab after a length or a coding is a blank like others (RFC 9110 §5.6.3), not to llhttp.
bool has_tab_in_framing(const Oracle& oracle) {
  return std::ranges::any_of(oracle.headers, [](const auto& header) {
    const bool is_framing = slsart::core::equals_ignoring_case(header.first, "content-length") ||
                            slsart::core::equals_ignoring_case(header.first, "transfer-encoding");
    return is_framing && header.second.find('\t') != std::string::npos;
  });
}

[[noreturn]] void differ(const char* what, const std::string& ours, const std::string& theirs) {
  std::fprintf(stderr, "%s\n  ours:   %s\n  theirs: %s\n", what, ours.c_str(), theirs.c_str());
  std::abort();
}

void compare_with_llhttp(std::string_view bytes, bool is_head_method, SessionProbe& probe) {
  const Oracle oracle = ask_llhttp(bytes, is_head_method);
  if (has_tab_in_framing(oracle)) return;
  const std::string ours = probe.story();
  const std::string theirs = oracle.is_complete ? told(oracle) : "";
  const slsart::net::Failure failure = probe.exchange.failure;
  if (!failure) {
    if (oracle.is_complete) {
      if (!ours.starts_with(theirs)) differ("understood differently", ours, theirs);
    } else if (!is_milder_on_purpose(bytes, oracle)) {
      differ("only we accept", ours, llhttp_errno_name(oracle.error));
    }
    return;
  }
  if (oracle.is_complete && !is_stricter_on_purpose(bytes, oracle, failure)) {
    differ("only llhttp accepts", ours, theirs);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool is_head_method = (data[0] & 1) != 0;
  const std::size_t cut_count = (data[0] >> 1) % 8;
  if (size < 1 + cut_count) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1 + cut_count,
                          size - 1 - cut_count);
  std::vector<std::size_t> cuts;
  for (std::size_t i = 0; i < cut_count; ++i) cuts.push_back(data[1 + i] * bytes.size() / 256);
  std::ranges::sort(cuts);

  using slsart::protocol::http1::tell;
  SessionProbe probe;
  slsart::protocol::http1::run_response(probe, bytes, {}, is_head_method);
  const std::string whole = probe.story();
  const std::string in_pieces = tell(bytes, cuts, is_head_method);
  if (whole != in_pieces) differ("depends on the cuts", whole, in_pieces);
  compare_with_llhttp(bytes, is_head_method, probe);
  return 0;
}
