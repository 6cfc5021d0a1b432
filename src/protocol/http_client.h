#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "net/failure.h"
#include "net/tls_context.h"
#include "net/transport.h"
#include "protocol/url.h"

namespace slsart::protocol {

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute, http or https
  // Besides host and content-length, which are made when they are not given.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // From sending to the answer's last byte, the waiting for a connection included; 0: none. An
  // Invoke that waits for a function takes the function's time-out and a minute.
  core::Duration timeout = std::chrono::seconds(60);
  std::size_t body_limit_bytes = std::size_t{8} << 20;  // of the answer, unpacked
  // The request may be sent again, once, when a connection that was open already turned out to be
  // closed before any byte of the answer. Otherwise nothing is ever sent twice.
  bool may_repeat = false;
};

// What came of a request: an answer, or a failure and whether the other side may have seen it.
struct HttpReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names as received
  std::string body;                                          // unpacked
  net::Failure failure;
  // With a failure: bytes of the request were handed to the system, so it may have been acted on.
  // False: it certainly was not.
  bool may_have_arrived = false;
  std::string problem;  // with a failure: a sentence for people, without the URL

  bool is_ok() const { return !failure && status >= 200 && status < 300; }
  // The first value of a header, names without regard to case; empty if there is none.
  std::string_view header(std::string_view name) const;
};

// A small blocking HTTP/1.1 client for the control plane (services of a provider, the Lambda
// runtime, sinks), over the same sessions, pool and transports as the load. Keeps connections.
// Follows no redirects, keeps no cookies, knows no proxy. One thread, whose timer slack becomes 1
// ns (net::Loop).
class HttpClient {
 public:
  struct Options {
    net::TlsOptions tls;
    std::string dns_servers;  // as net::Resolver's
    core::Duration connect_timeout = std::chrono::seconds(10);
    std::uint32_t connections = 64;  // per origin; more requests wait in line
    std::function<std::unique_ptr<net::Transport>(net::Loop&)> make_transport;  // tests
  };
  // Errors: certificates that cannot be read, descriptors.
  static core::Result<std::unique_ptr<HttpClient>> make(Options options);
  ~HttpClient();

  HttpReply send(const HttpRequest& request);
  // All at a time, at most `connections` per origin. Replies in the order of the requests.
  std::vector<HttpReply> send_all(std::span<const HttpRequest> requests);

 private:
  struct State;
  explicit HttpClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace slsart::protocol
