#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slsart::target {

// One request as it came. The views point into the bytes that parse_request() was given.
struct Request {
  std::string_view method;
  std::string_view url;    // as sent, with the query
  std::string_view path;   // without it
  std::string_view query;  // without the '?'
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;
  std::string unchunked;  // keeps the body when it came in chunks
  bool keep_alive = true;
  bool is_head = false;

  // The value of the first header of that name (lower case); empty if there is none.
  std::string_view header(std::string_view lower_case_name) const;
};

enum class Parsed { kDone, kNeedMore, kNeedBody, kBad };

// Reads one request from the front of `bytes`; `consumed` is its length when done. kNeedBody: the
// head is complete (so an `Expect: 100-continue` may be answered), its body is not.
Parsed parse_request(std::string_view bytes, Request& out, std::size_t& consumed);

}  // namespace slsart::target
