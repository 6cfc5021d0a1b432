#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "options.h"
#include "request.h"
#include "tally.h"

namespace slsart::target {

// How the bytes of an answer go out.
enum class Wire {
  kMessage,         // status, headers and body, framed by content-length
  kRaw,             // `body` is all there is to send, head included
  kPrebuilt,        // `prebuilt` is all there is to send
  kNothing,         // never answered; the connection stays open
  kDripping,        // head at once, then `body` one byte a second
  kEndlessHeaders,  // header lines until the client goes away
};

// What becomes of the connection once the bytes are out.
enum class Ending { kAsAsked, kClose, kReset };

struct Answer {
  int status = 200;
  std::string_view type = "text/plain";
  std::string headers;  // more header lines, each with its CRLF
  std::string body;
  const std::string* prebuilt = nullptr;
  Wire wire = Wire::kMessage;
  Ending ending = Ending::kAsAsked;
  Duration delay{};    // before the first byte
  bool counts = true;  // false: the server's own pages
};

// What an answer may depend on besides the request.
struct Visit {
  Tally& tally;
  std::uint64_t connection;  // its number, from 1
  std::uint64_t ordinal;     // of the request on it, from 1
};

// The answer to any request; unknown paths get 404.
Answer answer_to(const Request& request, const Visit& visit);
// Whether the path is one of the server's own pages (/__stats ...), which are not counted.
bool is_own_page(std::string_view path);

// The message as bytes: head, and the body unless the method or the status forbids one.
std::string to_bytes(const Answer& answer, const Request& request);

// An answer for `/fault/NAME[/N]`; 404 for unknown names (faults.cpp).
Answer make_fault(std::string_view name, std::string_view argument);
// Answers that never change, as ready-made bytes (answers_fixed.cpp). Null if there is none for the
// path.
const Answer* find_fixed(std::string_view path);
// The same for requests that need no variation (not HEAD, connection kept): head and body in one.
const std::string* find_prebuilt(std::string_view path);

}  // namespace slsart::target
