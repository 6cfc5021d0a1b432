// Hot path: see architecture §9
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace slsart::hooks {

// What travels between a worker and its Node process. Many messages share a frame.
//
// Worker to Node: u32 size of the rest | u32 size of the JSON | JSON | bytes. Numbers are little
// endian. The JSON is a list of messages, each a list that starts with its kind:
//
//   [0, world]                          start: everything that holds for all users (StartMessage)
//   [1, user, arrival, scenario]        a user that will make calls
//   [2, user]                           it is over
//   [3, call, user, point, visit, variables, names]
//   [4, call, user, point, visit, variables, names, status, url, sizes]   after a response
//   [5, call, user, point, visit, variables, names, error, url]           after a failed request
//   [6, user, [[name, value, domain, path, host only, secure, expires in ms or null], ...]] cookies
//   [7]                                 is anybody there?
//
// `call` names the call in its answer, `point` is one of the world's, `visit` tells the requests of
// one user apart. `variables`: 0, or a flat list [number, value, ...] of those that changed; a
// number below zero, -1 - n, says that variable n became undefined. `names`: 0, or the functions'
// names where the point has templates. `sizes`: of the pieces that the call has among the bytes:
// sent headers, sent body (-1: as in the script), received headers, received body.
//
// Node to worker: u32 size of the rest | JSON. First {"ready": [names of functions]} or
// {"failed": {message, file, line, column}}; then, each part only when there is something:
//
//   {"r": [answer, ...],                answers
//    "m": [[number, kind, name], ...],  names of metrics; kind c, r, h or e (counter, rate,
//                                       histogram, error)
//    "c": [number, count, ...],         counted since the last frame
//    "h": [[number, value, ...], ...]}  samples, in milliseconds where they are times
//
// An answer is 0 for "anybody there", the call's number when all went well and nothing changed,
// [call, "error"], or [call, 0, variables, edits, flag, others, cookies] with trailing zeros left
// out: variables as above; edits of the request (RequestEdits); what a `while` function said; an
// object of variables the script does not name; Set-Cookie texts with their urls.

inline constexpr std::size_t kMaxFrameBytes = 64u << 20;

// Gathers messages for Node. Usage: open(), append the message's elements to json() with their
// commas, close().
class FrameWriter {
 public:
  void open() { json_ += json_.empty() ? "[[" : ",["; }
  void close() { json_ += ']'; }
  std::string& json() { return json_; }
  std::string& bytes() { return bytes_; }
  bool is_empty() const { return json_.empty(); }
  std::size_t size() const { return json_.size() + bytes_.size(); }
  // Appends the frame to `out` and is empty again.
  void seal(std::string& out);
  void clear();

 private:
  std::string json_;
  std::string bytes_;
};

// Cuts Node's bytes into frames.
class FrameReader {
 public:
  // Takes what has arrived. Errors: a frame above kMaxFrameBytes; the reader is of no use then.
  core::Result<void> push(std::string_view bytes);
  // The next whole frame's JSON; false: there is none yet. Valid until the next push().
  bool next(std::string_view& json);
  void clear();

 private:
  std::string buffer_;
  std::size_t begin_ = 0;
};

}  // namespace slsart::hooks
