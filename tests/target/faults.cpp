#include <array>

#include "answers.h"
#include "text.h"

namespace slsart::target {
namespace {

Answer raw(std::string bytes, Ending ending) {
  Answer answer;
  answer.wire = Wire::kRaw;
  answer.status = bytes.starts_with("HTTP/1.1 200") ? 200 : 0;
  answer.body = std::move(bytes);
  answer.ending = ending;
  return answer;
}

Answer of_wire(Wire wire, int status) {
  Answer answer;
  answer.wire = wire;
  answer.status = status;
  return answer;
}

// A fault that is nothing but wrong bytes.
struct WrongBytes {
  std::string_view name;
  std::string_view bytes;
  Ending ending;
};

constexpr std::array kWrongBytes = {
    WrongBytes{"bad-status-line", "HTTP/1.1 2x0 OK\r\nContent-Length: 2\r\n\r\nok", Ending::kClose},
    WrongBytes{"not-http", "SSH-2.0-OpenSSH_9.2\r\n", Ending::kClose},
    WrongBytes{"bad-header", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nbad header line\r\n\r\nok",
               Ending::kClose},
    WrongBytes{
        "bad-content-length",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nonly this",
        Ending::kClose},
    WrongBytes{
        "content-length-text",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1o\r\n\r\n0123456789",
        Ending::kClose},
    WrongBytes{"two-content-lengths",
               "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nok",
               Ending::kClose},
    WrongBytes{"bad-chunk",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\nzz\r\nbad\r\n",
               Ending::kClose},
    WrongBytes{"cut-chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nonly this",
               Ending::kClose},
    WrongBytes{"reset", "", Ending::kReset},
    WrongBytes{"early-close-keepalive",
               "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
               "Connection: keep-alive\r\n\r\nok",
               Ending::kClose},
};

Answer make_gzip_lie() {
  Answer answer;
  answer.body = "this was never compressed";
  answer.headers = "Content-Encoding: gzip\r\n";
  return answer;
}

Answer make_redirect_loop() {
  Answer answer;
  answer.status = 302;
  answer.headers = "Location: /fault/redirect-loop\r\n";
  return answer;
}

}  // namespace

Answer make_fault(std::string_view name, std::string_view argument) {
  for (const WrongBytes& fault : kWrongBytes)
    if (fault.name == name) return raw(std::string(fault.bytes), fault.ending);
  if (name == "never") return of_wire(Wire::kNothing, 0);
  if (name == "endless-headers") return of_wire(Wire::kEndlessHeaders, 200);
  if (name == "gzip-lie") return make_gzip_lie();
  if (name == "redirect-loop") return make_redirect_loop();
  if (name == "reset-mid-body")
    return raw("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n" +
                   std::string(100, 'x'),
               Ending::kReset);
  const auto count = argument.empty() ? 10 : to_number(argument, 100'000);
  if (name == "slow" && count) {
    Answer answer = of_wire(Wire::kDripping, 200);
    answer.body = std::string(*count, 'x');
    return answer;
  }
  Answer answer;
  answer.status = 404;
  answer.body = "no such fault";
  return answer;
}

}  // namespace slsart::target
