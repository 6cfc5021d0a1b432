#pragma once

// For tests and fuzz targets: an HTTP/1.1 session without connection that writes down what it
// understood.

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/http1/http1_session.h"

namespace slsart::protocol::http1 {

// Takes one response. Its story reads "200 [Name: value] … | body | reusable", the end being
// "reusable", "used up", "closed" (the body ended with the stream), "reset" or "fault <HttpFault>".
class SessionProbe final : public SessionHandler, public ExchangeHandler {
 public:
  explicit SessionProbe(std::shared_ptr<Scratch> shared = std::make_shared<Scratch>())
      : scratch(std::move(shared)), session(*this, *scratch) {
    exchange.handler = this;
    exchange.keep_body = true;
  }
  void on_head(Exchange&, const ResponseHead& response) override {
    head = std::to_string(response.status);
    for (const auto& [name, value] : response.headers) {
      head.append(" [").append(name).append(": ").append(value).append("]");
    }
  }
  void on_exchange_end(Exchange&, std::string_view text) override {
    is_over = true;
    body_view = text;
    body = text;
  }
  void on_end(Exchange&, std::string_view) override {}

  void feed(std::string_view bytes) {
    if (!bytes.empty()) session.feed(bytes, core::TimePoint(core::Duration(1)));
  }
  std::string story() {
    std::string text = head + " | " + body + " | ";
    const net::Failure failure = exchange.failure;
    if (failure.domain == net::FailureDomain::kHttp) {
      return text + "fault " + std::to_string(failure.code);
    }
    if (failure) return text + "reset";
    return text + (was_ended ? "closed" : session.capacity() > 0 ? "reusable" : "used up");
  }
  // The stream is over; harmless after the response.
  void end() {
    was_ended = !is_over;
    if (!is_over) session.end({}, core::TimePoint(core::Duration(2)));
  }

  std::shared_ptr<Scratch> scratch;
  Http1Session session;
  Exchange exchange;
  std::string head;
  std::string body;
  std::string_view body_view;  // only to be compared
  bool is_over = false;
  bool was_ended = false;
};

// Feeds a response cut at these places (ascending), after which the stream ends.
inline void run_response(SessionProbe& probe, std::string_view bytes,
                         const std::vector<std::size_t>& cuts, bool is_head_method) {
  probe.exchange.is_head_method = is_head_method;
  probe.exchange.head = "x";
  probe.exchange.decode_body = false;
  probe.session.submit(probe.exchange);
  probe.session.wrote(1, {});
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    probe.feed(bytes.substr(from, cut - from));
    from = cut;
  }
  probe.feed(bytes.substr(from));
  probe.end();
}

// Its story. It is told twice, the second time by a session of the same pool, which may know the
// head already; if that one tells it otherwise, both are in the text.
inline std::string tell(std::string_view bytes, const std::vector<std::size_t>& cuts,
                        bool is_head_method) {
  const auto scratch = std::make_shared<Scratch>();
  std::string stories[2];
  for (std::string& story : stories) {
    const std::string own(bytes);  // gone afterwards
    SessionProbe probe(scratch);
    run_response(probe, own, cuts, is_head_method);
    story = probe.story();
  }
  return stories[0] == stories[1] ? stories[0] : stories[0] + " BUT THEN " + stories[1];
}

inline std::string tell_byte_by_byte(std::string_view bytes, bool is_head_method) {
  std::vector<std::size_t> cuts;
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) cuts.push_back(cut);
  return tell(bytes, cuts, is_head_method);
}

// Only the end of the story.
inline std::string fault_of(std::string_view bytes, const std::vector<std::size_t>& cuts) {
  const std::string story = tell(bytes, cuts, false);
  return story.substr(story.rfind("| ") + 2);
}

}  // namespace slsart::protocol::http1
