#include "protocol/http_client.h"

#include <ares.h>

#include <algorithm>
#include <cstring>

#include "core/text.h"
#include "protocol/connection_pool.h"

namespace slsart::protocol {
namespace {

// A connection that has been idle for longer is not trusted to be open still: the other side may
// just be closing it, and what was sent then may not be sent again.
constexpr core::Duration kTrustedIdle = std::chrono::seconds(5);

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > ' ' && c < 127 && std::strchr("\"(),/:;<=>?@[\\]{}", c) == nullptr;
  });
}

std::string describe(net::Failure failure) {
  switch (failure.domain) {
    case net::FailureDomain::kNone:
      return {};
    case net::FailureDomain::kSystem:
      return std::strerror(failure.code);
    case net::FailureDomain::kDns:
      return std::string("the name was not found: ") + ares_strerror(failure.code);
    case net::FailureDomain::kTls:
      return failure.code != 0 ? "the server's certificate is not trusted"
                               : "no TLS connection could be made";
    case net::FailureDomain::kHttp:
      return static_cast<HttpFault>(failure.code) == HttpFault::kBodyTooLarge
                 ? "the answer is too large"
                 : "the answer is not HTTP/1.1 as it should be";
    case net::FailureDomain::kTimeout:
      return "there was no answer in time";
    case net::FailureDomain::kCancelled:
      return "given up";
  }
  return {};
}

core::Result<std::string> make_head(const HttpRequest& request, const Url& url) {
  const auto refuse = [](const char* what) {
    return core::Error{core::ErrorCode::kInvalidInput, std::string("a request with ") + what};
  };
  if (!is_token(request.method)) return refuse("a method that is no word");
  std::string head = request.method + " " + url.target + " HTTP/1.1\r\n";
  bool has_host = false;
  bool has_length = false;
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_clean(value)) return refuse("a header that cannot be sent");
    has_host = has_host || core::equals_ignoring_case(name, "host");
    has_length = has_length || core::equals_ignoring_case(name, "content-length");
    head += name + ": " + value + "\r\n";
  }
  if (!has_host) head += "host: " + url.origin.authority() + "\r\n";
  const bool tells_length =
      !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (!has_length && tells_length) {
    head += "content-length: " + std::to_string(request.body.size()) + "\r\n";
  }
  head += "\r\n";
  return head;
}

// One request under way.
class Call final : public ExchangeHandler {
 public:
  Call(const HttpRequest& request, std::size_t& pending) : request_(request), pending_(pending) {}

  void begin(ConnectionPool& pool, UserConnections& user, core::TimePoint now) {
    const core::Result<Url> url = parse_url(request_.url);
    if (!url) return refuse(url.error());
    core::Result<std::string> head = make_head(request_, *url);
    if (!head) return refuse(head.error());
    head_ = *std::move(head);
    exchange_.handler = this;
    exchange_.head = head_;
    exchange_.body = request_.body;
    exchange_.is_head_method = request_.method == "HEAD";
    exchange_.is_idempotent = request_.may_repeat;
    exchange_.keep_body = true;
    exchange_.body_limit = request_.body_limit_bytes;
    if (request_.timeout > core::Duration{}) exchange_.deadline = now + request_.timeout;
    ++pending_;
    pool.submit(exchange_, pool.origin(url->origin), user);
  }

  void on_head(Exchange&, const ResponseHead& head) override {
    reply.headers.clear();
    for (const auto& [name, value] : head.headers) reply.headers.emplace_back(name, value);
  }
  void on_end(Exchange& exchange, std::string_view body) override {
    --pending_;
    reply.failure = exchange.failure;
    if (exchange.failure) {
      reply.may_have_arrived = exchange.times.first_sent != core::TimePoint{};
      reply.problem = describe(exchange.failure);
      reply.headers.clear();
      return;
    }
    reply.status = exchange.status;
    reply.body = body;
  }

  HttpReply reply;

 private:
  void refuse(const core::Error& error) {
    reply.failure = {net::FailureDomain::kCancelled, 0};
    reply.problem = error.message;
  }

  const HttpRequest& request_;
  std::size_t& pending_;
  std::string head_;
  Exchange exchange_;
};

}  // namespace

std::string_view HttpReply::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (core::equals_ignoring_case(key, name)) return value;
  }
  return {};
}

struct HttpClient::State {
  std::unique_ptr<net::Loop> loop;
  std::unique_ptr<net::Resolver> resolver;
  std::unique_ptr<net::TlsContext> tls;
  std::unique_ptr<ConnectionPool> pool;
  UserConnections user;
  core::TimePoint last_use{};
};

HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}

HttpClient::~HttpClient() {
  state_->pool->release(state_->user);
  state_->pool->close_idle();
}

core::Result<std::unique_ptr<HttpClient>> HttpClient::make(Options options) {
  auto state = std::make_unique<State>();
  auto loop = net::Loop::make();
  if (!loop) return std::move(loop).error();
  state->loop = *std::move(loop);
  auto resolver = net::Resolver::make(*state->loop, {.servers = options.dns_servers});
  if (!resolver) return std::move(resolver).error();
  state->resolver = *std::move(resolver);
  auto tls = net::TlsContext::make(std::move(options.tls));
  if (!tls) return std::move(tls).error();
  state->tls = *std::move(tls);
  PoolOptions pool{.shared = std::max(1u, options.connections),
                   .connect_timeout = options.connect_timeout};
  if (options.make_transport) {
    pool.make_transport = [make = std::move(options.make_transport), &at = *state->loop](Scheme) {
      return make(at);
    };
  }
  state->pool = std::make_unique<ConnectionPool>(*state->loop, *state->resolver, *state->tls,
                                                 std::move(pool));
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(state)));
}

HttpReply HttpClient::send(const HttpRequest& request) {
  return std::move(send_all({&request, 1}).front());
}

std::vector<HttpReply> HttpClient::send_all(std::span<const HttpRequest> requests) {
  net::Loop& loop = *state_->loop;
  loop.run_once(loop.refresh());  // hears of connections that were closed meanwhile
  if (loop.now() - state_->last_use > kTrustedIdle) state_->pool->close_idle();
  std::size_t pending = 0;
  std::vector<std::unique_ptr<Call>> calls;  // an exchange stays where it is
  for (const HttpRequest& request : requests) {
    calls.push_back(std::make_unique<Call>(request, pending));
    calls.back()->begin(*state_->pool, state_->user, loop.now());
  }
  while (pending > 0) loop.run_once(loop.now() + std::chrono::hours(1));
  state_->last_use = loop.now();
  std::vector<HttpReply> replies;
  for (const auto& call : calls) replies.push_back(std::move(call->reply));
  return replies;
}

}  // namespace slsart::protocol
